import { type Message, shownOf } from "../conversation/records.ts";
import type { LocalDays } from "../runtime/local-days.ts";
import { shorten } from "../runtime/safe-text.ts";

/** Of one message. */
const MAX_TEXT = 2000;
/** Controls and marks that reverse the direction of text. Line ends and tabs stay. */
const UNSEEN = /(?![\n\t\u200C\u200D])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Messages as plain text, the oldest first. Their text is indented, so that nobody can write a line that looks like
 * the name of another.
 */
export function transcriptOf(messages: readonly Message[], days: LocalDays): string {
  return shownOf(messages)
    .map(
      (message) => `${formatTime(message.createdAt, days)}  ${nameOf(message)}\n${textOf(message)}`,
    )
    .join("\n\n");
}

/** `2026-11-26 14:03`, by the clocks of the time zone. */
export function formatTime(at: number, days: LocalDays): string {
  return new Date(days.clockAt(at)).toISOString().slice(0, 16).replace("T", " ");
}

/** Each line is indented by two spaces. */
export function indented(text: string): string {
  const whole = text.replaceAll(/\r\n?/g, "\n").replaceAll(UNSEEN, " ").trim();
  return shorten(whole, MAX_TEXT).replaceAll(/^/gm, "  ");
}

function nameOf({ role, author }: Message): string {
  if (author !== undefined) return `${author.name} (you)`;
  return role === "user" ? "Visitor" : "Assistant";
}

function textOf({ content, status }: Message): string {
  const note = STATUS_NOTES[status];
  return [content === "" ? undefined : indented(content), note && `  [${note}]`]
    .filter((each) => each !== undefined)
    .join("\n");
}

const STATUS_NOTES: Readonly<Record<Message["status"], string | undefined>> = {
  complete: undefined,
  streaming: "is being written",
  stopped: "stopped",
  interrupted: "cut off",
  failed: "failed",
};
