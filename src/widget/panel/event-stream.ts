import type { ChatEvent } from "../../conversation/events.ts";

/** An event and its number in the turn. A reader can resume after it. */
export interface NumberedEvent {
  readonly number: number;
  readonly event: ChatEvent;
}

/** A field that an event of each type must have, and its type. */
const FIELD_OF: Record<string, readonly [name: string, type: string]> = {
  start: ["turnId", "string"],
  sources: ["sources", "object"],
  token: ["token", "string"],
  handoff: ["reason", "string"],
  done: ["message", "string"],
  error: ["code", "string"],
};

/**
 * Reads server-sent events, and also NDJSON, which something between server and browser may force. Skips
 * everything that is not an event: the reader notices when the last event is missing.
 * @param after the number of the last event that the reader has
 */
export function createEventDecoder(after: number): (text: string) => NumberedEvent[] {
  let rest = "";
  let number = after;
  return (text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    return lines.flatMap((line) => {
      const id = /^id: ?(\d+)$/.exec(line);
      if (id) number = Number(id[1]) - 1;
      const event = parseEvent(line.replace(/^data: ?/, ""));
      return event ? { number: ++number, event } : [];
    });
  };
}

function parseEvent(json: string): ChatEvent | undefined {
  try {
    const event = Object(JSON.parse(json));
    const [name = "", type] = FIELD_OF[event.type] ?? [];
    return typeof event[name] === type ? event : undefined;
  } catch {
    // Another field of a server-sent event, or garbage.
    return undefined;
  }
}
