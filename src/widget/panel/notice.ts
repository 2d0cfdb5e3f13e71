import type { Entry } from "./entry.ts";
import type { Failure } from "./failure.ts";
import type { Trouble } from "./patience.ts";

/** Something that is shown to the visitor below the messages: a problem, or what can be done about it. */
export interface Notice {
  readonly kind:
    Trouble["kind"] | "down" | "refused" | "cut" | "limited" | "freshStarted" | "erased" | "title";
  readonly seconds?: number;
  /** What is said in place of the kind's sentence. */
  readonly sentence?: string | undefined;
  /** The setting that is wrong. */
  readonly detail?: string;
  /** Tries again, or takes back what was done. Set only when that can help. */
  readonly act?: () => void;
}

/** What is said of an answer that did not end well. */
const KINDS = { cut: "cut", limited: "limited", failed: "down" } as const;

/** What is said of an answer that has ended so. Undefined: nothing. */
export function noticeAfter(status: Entry["status"], act: () => void): Notice | undefined {
  const kind = KINDS[status as keyof typeof KINDS];
  return kind && { kind, act };
}

/** What is said of a failure. Trying again does not help where the owner has to change something first. */
export function noticeOf({ kind, message, sentence }: Failure, act: () => void): Notice {
  return kind === "setup" && !/set_up|proof/.test(message)
    ? { kind: "refused" }
    : { kind: "down", sentence, act };
}
