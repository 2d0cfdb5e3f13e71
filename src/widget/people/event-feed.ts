import { pause } from "../pause.ts";
import type { PeopleHost } from "./contract.ts";

/** What the server says of people in a conversation: an event's type and its data, unchecked. */
export interface PersonEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface EventFeed {
  /** Begins to read, or ends it. Another key ends it and begins anew: another conversation. */
  follow(key: unknown): void;
}

/** The server sends a heartbeat every 15 s; after three missed ones the connection is dead. */
const SILENCE_TIMEOUT_MS = 45_000;
/** The pauses between attempts, each twice as long as the last. */
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 30_000;
/** What a later attempt may find otherwise (panel/failure.ts). */
const PASSING = /^(?:network|server|wait)$/;

/**
 * Reads the events of the conversation. A connection that breaks is made again, and goes on after the last message.
 * @param after gives the id of the last message that is known; undefined: begin with what comes now
 */
export function createEventFeed(
  host: PeopleHost,
  after: () => number | undefined,
  onEvent: (event: PersonEvent) => void,
): EventFeed {
  let followed: unknown;
  let reading = new AbortController();

  async function read(signal: AbortSignal, onOpen: () => void): Promise<void> {
    const last = after();
    const response = await host.api.call((sessionId) => [
      `/v1/chat/events?sessionId=${sessionId}${last === undefined ? "" : `&after=${last}`}`,
      { headers: { accept: "text/event-stream" }, signal },
    ]);
    onOpen();
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const decode = createDecoder();
    for (;;) {
      const timer = setTimeout(() => void reader?.cancel().catch(String), SILENCE_TIMEOUT_MS);
      const chunk = await reader?.read().catch(() => undefined);
      clearTimeout(timer);
      if (!chunk || chunk.done || signal.aborted) return;
      decode(chunk.value).forEach(onEvent);
    }
  }

  async function readOn({ signal }: AbortController): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        await read(signal, () => {
          pauseMs = FIRST_PAUSE_MS;
        });
      } catch (error) {
        if (!PASSING.test(`${Object(error).kind}`)) return;
      }
      // At different times for the visitors of a server that has just been started again.
      await pause(pauseMs * (0.5 + Math.random()), signal);
      pauseMs = Math.min(MAX_PAUSE_MS, 2 * pauseMs);
    }
  }

  host.signal.addEventListener("abort", () => reading.abort());

  return {
    follow(key) {
      if (key === followed) return;
      followed = key;
      reading.abort();
      reading = new AbortController();
      if (key && !host.signal.aborted) void readOn(reading);
    },
  };
}

/** Reads server-sent events. What is none is skipped. */
function createDecoder(): (text: string) => PersonEvent[] {
  let rest = "";
  let type = "";
  return (text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    return lines.flatMap((line) => {
      const [, field, value = ""] = /^(event|data): ?(.*)$/.exec(line) ?? [];
      if (field === "event") type = value;
      if (field !== "data") return [];
      try {
        return { type, data: Object(JSON.parse(value)) };
      } catch {
        // Something between server and browser has cut it.
        return [];
      }
    });
  };
}
