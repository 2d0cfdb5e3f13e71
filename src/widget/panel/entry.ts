import type { StoredFields, StoredMessage } from "./api-client.ts";
import { readSources, type Sources } from "./sources.ts";

/** A message as the visitor sees it. */
export interface Entry {
  readonly role: "user" | "assistant";
  /** When it was written or begun, in milliseconds since 1970. 0: not known. */
  readonly time: number;
  /** What the server says of it: in the history, or where the answer began. */
  stored?: StoredFields;
  /** The limit at which its question was refused. Set by limits/limits.ts. */
  code?: string;
  /** The model does not know the answer. */
  isPoor?: boolean;
  text: string;
  /** What the answer names or, while it is being written, may name. */
  sources: Sources;
  /**
   * `waiting`: a question that is not asked yet, or an answer that cannot be written now. `cut`: the answer ended before it
   * was complete; `limited`: because it had reached its length limit. `failed`: it never began. `person`: the model leaves
   * it to a person.
   */
  status:
    "complete" | "waiting" | "streaming" | "stopped" | "cut" | "limited" | "failed" | "person";
}

export const NO_SOURCES: Sources = new Map();

/** How an answer ended, by its finish reason; for any other, it was cut. */
const ENDINGS: Partial<Record<string, Entry["status"]>> = {
  stop: "complete",
  stopped: "stopped",
  length: "limited",
  person: "person",
};

/** @param finishReason of the API; an older server does not say it in histories */
export function statusAfter(finishReason: unknown = "stop"): Entry["status"] {
  return ENDINGS[`${finishReason}`] ?? "cut";
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
      // Leaves out a failed answer whose question was asked again, and one that the model has left to a person.
      .filter((message, at) => {
        const next = messages[at + 1];
        const isReplaced = next && isOfModel(next);
        return !isOfModel(message) || !(isReplaced || message.finishReason === "person");
      })
      .map((stored, at) => {
        const { role, content, createdAt } = stored;
        const known = shown[at];
        const isKnown = known?.role === role && content.startsWith(known.text);
        const entry = isKnown ? known : entryOf(role, "", "complete", Number(createdAt) || 0);
        const sources = readSources(stored.sources);
        return Object.assign(entry, { text: content, sources, status: statusOf(stored), stored });
      })
  );
}

/** Whether the model has answered, and not a person. */
export function isOfModel({ role, author }: StoredFields): boolean {
  return role === "assistant" && !author;
}

function statusOf({ status, finishReason }: StoredFields): Entry["status"] {
  if (status === "interrupted") return "cut";
  return status === "stopped" || status === "failed" ? status : statusAfter(finishReason);
}
