import { type Message, shownOf } from "../conversation/records.ts";
import type { LocalDays } from "../runtime/local-days.ts";
import { oneLine, shorten } from "../runtime/safe-text.ts";
import { addressOf, budgetText, contactsOf, notesOf, titleOf } from "./notice-words.ts";
import type { Notice } from "./notice.ts";
import { formatTime, indented, transcriptOf } from "./transcript.ts";

export interface MailWords {
  readonly subject: string;
  readonly text: string;
}

const MAX_SUBJECT = 100;
const ANSWERED = "your answer to this mail goes there, and not to the chat.";

/**
 * The subject of a mail. All mails of a conversation have the same, its first question: some programs make no thread of others.
 */
export function subjectOf(notice: Notice): string {
  const question = undecoded(notice.firstQuestion ?? "");
  return `Chat: ${question === "" ? titleOf(notice) : question}`;
}

/** In one line, and without the signs by which a mail program would decode a part of it (RFC 2047). */
function undecoded(text: string): string {
  return shorten(oneLine(text).replaceAll("=?", "= ?"), MAX_SUBJECT);
}

/**
 * The text of a mail about a conversation, or about none.
 * @param messages the newest of the conversation, the oldest of them first
 */
export function mailTextOf(notice: Notice, messages: readonly Message[], days: LocalDays): string {
  const { kind, conversation, link, at } = notice;
  if (conversation === undefined) {
    const says = kind === "test" ? "Mail about your chat arrives here." : `${titleOf(notice)}.`;
    return paragraphs([says, budgetText(notice), link]);
  }
  const isWhole = conversation.messageCount <= shownOf(messages).length;
  const zone = days.zone === "UTC" ? "UTC" : `times of ${days.zone}`;
  return paragraphs([
    `${titleOf(notice)} (${formatTime(at, days)}).`,
    ...ABOUT.map((about) => about(notice)),
    link && `The conversation in the dashboard:\n${link}`,
    `${isWhole ? "The conversation" : "Its newest messages"}, the newest last (${zone}):`,
    transcriptOf(messages, days),
  ]);
}

function paragraphs(parts: readonly (string | undefined)[]): string {
  const text = parts.filter((part) => part !== undefined && part !== "").join("\n\n");
  return `${text}\n`;
}

/** What stands above the messages, where there is such a thing. */
const ABOUT: readonly ((notice: Notice) => string | undefined)[] = [
  (notice) =>
    contactsOf(notice)
      .map(({ kind, value }) => {
        if (kind === "phone") return `Phone: ${value}`;
        const isAnswered = value === addressOf(notice);
        return isAnswered ? `${value} – ${ANSWERED}` : `E-mail: ${value}`;
      })
      .join("\n"),
  (notice) =>
    notesOf(notice)
      .map((note) => `The visitor's note:\n${indented(note)}`)
      .join("\n\n"),
  ({ kind, turn }) => {
    const isOfAnswer = kind.startsWith("answer.") || kind === "question.unanswered";
    return isOfAnswer && turn ? `The question:\n${indented(turn.question)}` : undefined;
  },
  ({ kind, turn }) => {
    const rating = kind === "answer.rated" ? turn?.answer.rating : undefined;
    if (rating === undefined) return undefined;
    const reasons = rating.reasons.map((reason) => reason.replace("_", " ")).join(", ");
    const comment = rating.comment === undefined ? "" : `\n${indented(rating.comment)}`;
    return reasons + comment === "" ? undefined : `The visitor says: ${reasons}${comment}`;
  },
];
