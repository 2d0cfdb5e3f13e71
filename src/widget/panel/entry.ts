import type { StoredMessage } from "./api-client.ts";
import type { Sources } from "./sources.ts";

/** A message as the visitor sees it. */
export interface Entry {
  readonly role: "user" | "assistant";
  /** When it was written or begun, in milliseconds since 1970. 0: not known. */
  readonly time: number;
  text: string;
  /** What the answer names or, while it is being written, may name. */
  sources: Sources;
  /**
   * `waiting`: a question that is not asked yet, or an answer that cannot be written now. `cut`: the answer ended before it
   * was complete; `limited`: because it had reached its length limit. `failed`: it never began.
   */
  status: "complete" | "waiting" | "streaming" | "stopped" | "cut" | "limited" | "failed";
}

export const NO_SOURCES: Sources = new Map();

/** How an answer ended, by its finish reason; for any other, it was cut. */
const ENDINGS: Partial<Record<string, Entry["status"]>> = {
  stop: "complete",
  stopped: "stopped",
  length: "limited",
};

/** @param finishReason of the API; an older server does not say it in histories */
export function statusAfter(finishReason = "stop"): Entry["status"] {
  return ENDINGS[finishReason] ?? "cut";
}

export function entryOf(
  role: Entry["role"],
  text: string,
  status: Entry["status"],
  time = Date.now(),
): Entry {
  return { role, time, text, sources: NO_SOURCES, status };
}

/**
 * The messages of the history.
 * @param shown those that are shown already, which stay the same objects where they are the same messages
 */
export function entriesOf(messages: readonly StoredMessage[], shown: readonly Entry[]): Entry[] {
  return (
    messages
      // Leaves out a failed answer whose question was asked again.
      .filter(({ role }, at) => role === "user" || messages[at + 1]?.role !== "assistant")
      .map(({ role, content, sources, status, finishReason, createdAt }, at) => {
        const known = shown[at];
        const isKnown = known?.role === role && content.startsWith(known.text);
        const entry = isKnown ? known : entryOf(role, "", "complete", createdAt);
        const now = { text: content, sources, status: statusOf(status, finishReason) };
        return Object.assign(entry, now);
      })
  );
}

function statusOf(status: string, finishReason: string | undefined): Entry["status"] {
  if (status === "interrupted") return "cut";
  return status === "stopped" || status === "failed" ? status : statusAfter(finishReason);
}
