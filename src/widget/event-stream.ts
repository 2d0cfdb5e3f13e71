import type { ChatEvent } from "../chat/events.ts";

/** An event and its number in the turn, to resume after. */
export interface NumberedEvent {
  readonly number: number;
  readonly event: ChatEvent;
}

/**
 * Reads server-sent events, or NDJSON where a proxy or an older server insists on it. What is not an
 * event is passed over: whoever reads notices a stream without an end.
 * @param after the number of the last event that the reader has
 */
export function createEventDecoder(after: number): (text: string) => NumberedEvent[] {
  let rest = "";
  let number = after;
  return (text) => {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    const events: NumberedEvent[] = [];
    for (const line of lines) {
      const [, field, value] = /^(id|data): ?(.*)$/s.exec(line) ?? [];
      if (field === "id" && /^\d{1,9}$/.test(value ?? "")) number = Number(value) - 1;
      const event = parseEvent(field === "data" ? (value ?? "") : line);
      if (event) events.push({ number: ++number, event });
    }
    return events;
  };
}

/** Checks what comes from outside as far as it is used. */
function parseEvent(json: string): ChatEvent | undefined {
  if (!json.startsWith("{")) return undefined;
  try {
    const event: unknown = JSON.parse(json);
    return isChatEvent(event) ? event : undefined;
  } catch {
    // Garbage is no event.
    return undefined;
  }
}

const TEXT_OF: Record<string, string> = {
  start: "turnId",
  token: "token",
  done: "message",
  error: "code",
};

function isChatEvent(value: unknown): value is ChatEvent {
  const event = value as Record<string, unknown>;
  const name = Object.hasOwn(TEXT_OF, String(event.type)) && TEXT_OF[String(event.type)];
  return typeof name === "string" && typeof event[name] === "string";
}
