import type { NoticeKind } from "../conversation/notice-kinds.ts";
import type { Contact } from "../store/request-store.ts";
import type { Notice } from "./notice.ts";

/** What a notice is called, for people. */
const TITLES: Readonly<Record<NoticeKind, string>> = {
  "conversation.started": "A new conversation",
  "answer.failed": "An answer failed",
  "answer.rated": "An answer was rated",
  "question.unanswered": "A question that your pages do not answer",
  "handoff.requested": "A visitor wants a person",
  "visitor.wrote": "A visitor has written",
  "budget.warning": "Much of your budget is spent",
  "budget.reached": "Your budget is spent",
  "summary.weekly": "Your week",
  test: "It works",
};

export function titleOf({ kind, turn }: Pick<Notice, "kind" | "turn">): string {
  if (kind !== "answer.rated") return TITLES[kind];
  return `An answer was rated ${turn?.answer.rating?.value === "negative" ? "down" : "up"}`;
}

/** The words of a visitor that a notice is about, in one line. Empty: there are none. */
export function wordsOf(notice: Notice, maxLength: number): string {
  const { kind, turn, firstQuestion = "" } = notice;
  const own = kind === "handoff.requested" ? notesOf(notice).join(" / ") : "";
  const words = own || (turn?.question ?? firstQuestion);
  const line = words.replaceAll(/\s+/g, " ").trim();
  return line.length > maxLength ? `${line.slice(0, maxLength - 1).toWellFormed()}…` : line;
}

/** The visitor's notes to a person, the newest first. */
export function notesOf({ requests }: Pick<Notice, "requests">): readonly string[] {
  return requests.flatMap(({ note }) => note ?? []);
}

/** How the visitor can be reached, the newest first, each once. */
export function contactsOf({ requests }: Pick<Notice, "requests">): readonly Contact[] {
  return [...new Map(requests.map(({ contact }) => [contact.value, contact])).values()];
}

/** Where an answer by mail goes. */
export function addressOf(notice: Pick<Notice, "requests">): string | undefined {
  return contactsOf(notice).find(({ kind }) => kind === "email")?.value;
}
