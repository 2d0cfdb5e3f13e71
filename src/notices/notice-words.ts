import { formatMoney } from "../config/money.ts";
import type { NoticeKind } from "../conversation/notice-kinds.ts";
import type { Contact } from "../store/request-store.ts";
import { isMonth } from "../store/spending-rules.ts";
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

export function titleOf({ kind, turn, budget }: Pick<Notice, "kind" | "turn" | "budget">): string {
  if (budget !== undefined) {
    const period = isMonth(budget.period) ? "month" : "day";
    const part = kind === "budget.warning" ? "80 % of the budget" : "The budget";
    return `${part} of a ${period} is spent`;
  }
  if (kind !== "answer.rated") return TITLES[kind];
  return `An answer was rated ${turn?.answer.rating?.value === "negative" ? "down" : "up"}`;
}

/** What is spent, in a sentence for the owner. Undefined: the notice is about no budget. */
export function budgetText({ kind, budget }: Pick<Notice, "kind" | "budget">): string | undefined {
  if (budget === undefined) return undefined;
  const { period, unit, spent, limit, currency } = budget;
  const [used, all] = [spent, limit].map((sum) =>
    unit === "money" ? formatMoney(sum, currency) : sum.toLocaleString("en"),
  );
  const what = unit === "money" ? "" : " tokens";
  const end = isMonth(period) ? "month" : "day";
  const next =
    kind === "budget.warning"
      ? "When it is all spent, questions are not answered any more."
      : `Questions are not answered until the ${end} is over, or you raise the budget.`;
  return `${used} of ${all}${what} are spent ${isMonth(period) ? "in" : "on"} ${period}. ${next}`;
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
