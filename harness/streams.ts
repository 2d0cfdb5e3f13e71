import type { ChatEvent } from "../src/conversation/events.ts";

/** One server-sent event as a client sees it. */
export interface SseMessage {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: ChatEvent;
}

/** Reads a response as it arrives. */
export interface ResponseReader {
  /** The text that has arrived so far. */
  readonly text: () => string;
  /** Resolves when the text contains the part. Rejects when the body ends without it. */
  until(part: string | RegExp): Promise<string>;
  /** Resolves with the whole text when the body has ended. */
  end(): Promise<string>;
  cancel(): Promise<void>;
}

export function followBody(response: Response): ResponseReader {
  if (!response.body) throw new Error("The response has no body.");
  const reader = response.body.getReader();
  const utf8 = new TextDecoder();
  let text = "";
  let hasEnded = false;

  async function read(): Promise<void> {
    const { done, value } = await reader.read();
    hasEnded = done;
    text += done ? utf8.decode() : utf8.decode(value, { stream: true });
  }

  return {
    text: () => text,
    async until(part) {
      while (text.search(typeof part === "string" ? RegExp.escape(part) : part) === -1) {
        if (hasEnded) throw new Error(`The body ended without ${part}: ${text}`);
        await read();
      }
      return text;
    },
    async end() {
      while (!hasEnded) await read();
      return text;
    },
    cancel: () => reader.cancel(),
  };
}

/** Reads a whole SSE body strictly: throws for every line that it does not know. */
export function parseSse(text: string): SseMessage[] {
  const messages: SseMessage[] = [];
  for (const block of text.split("\n\n")) {
    if (block === "" || block.startsWith(":")) continue;
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      const [, name, value] = /^(id|event|data): ([^\n]*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`Not an SSE line: ${line}`);
      fields.set(name, value);
    }
    const data: ChatEvent = JSON.parse(fields.get("data") ?? "");
    messages.push({ id: fields.get("id"), event: fields.get("event"), data });
  }
  return messages;
}

export function parseNdjson(text: string): ChatEvent[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line): ChatEvent => JSON.parse(line));
}
