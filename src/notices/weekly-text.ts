import { UTC } from "../runtime/local-days.ts";
import { oneLine, shorten } from "../runtime/safe-text.ts";
import type { MailWords } from "./mail-text.ts";
import type { WeekFigures } from "./week-figures.ts";
import type { WeeklySummary } from "./weekly-summary.ts";

const MAX_LINE = 200;

/**
 * A week as the owner reads it.
 * @param link the dashboard
 */
export function weeklyWordsOf(summary: WeeklySummary, link: string | undefined): MailWords {
  const { first, last, week, before } = summary;
  const [from, to] = [format(first, DAY_MONTH), format(last, DAY_MONTH)];
  const head =
    week.conversations === 0
      ? `From Monday ${from} to Sunday ${to}, nobody began a conversation.`
      : `Your chat from Monday ${from} to Sunday ${to}, and in brackets the week before:`;
  const paragraphs = [
    head,
    FIGURES.map(({ name, show }) => `${name}: ${show(week)} (${show(before)})`).join("\n"),
    waitingOf(summary, link),
    unansweredOf(summary, link),
    link && `The dashboard:\n${link}`,
  ];
  const text = paragraphs.filter((each) => each !== undefined && each !== "").join("\n\n");
  return { subject: `Your week: ${from} to ${to}`, text: `${text}\n` };
}

interface ShownFigure {
  readonly name: string;
  readonly show: (week: WeekFigures) => string;
}

const FIGURES: readonly ShownFigure[] = [
  { name: "New conversations", show: ({ conversations }) => count(conversations) },
  { name: "Messages", show: ({ messages }) => count(messages) },
  { name: "Failed answers", show: ({ failedShare }) => share(failedShare) },
  { name: "Time to the first word", show: ({ medianFirstTokenMs: ms }) => duration(ms) },
  {
    name: "Rated up",
    show: ({ ratings, positiveShare }) =>
      ratings === 0 ? "no ratings" : `${share(positiveShare)} of ${count(ratings)}`,
  },
  { name: "Tokens", show: ({ tokens }) => count(tokens) },
];

function waitingOf({ waiting }: WeeklySummary, link: string | undefined): string | undefined {
  const { requests, total } = waiting;
  if (total === 0) return undefined;
  const who = total === 1 ? "1 visitor waits" : `${count(total)} visitors wait`;
  const more = total > requests.length ? `, the newest ${requests.length}` : "";
  const rows = requests.map(({ at, contact, note, conversationId }) => {
    const words = note === undefined ? "" : `: ${visitorsWords(note)}`;
    const address = link === undefined ? "" : `\n  ${link}/conversations/${conversationId}`;
    return `- ${contact.value}, since ${format(at, DAY_MONTH)}${words}${address}`;
  });
  return `${who} for a person${more}:\n${rows.join("\n")}`;
}

function unansweredOf({ unanswered }: WeeklySummary, link: string | undefined): string | undefined {
  if (unanswered.length === 0) return undefined;
  const rows = unanswered.map(({ question, count: times }) =>
    times === 1
      ? `- ${visitorsWords(question)}`
      : `- ${visitorsWords(question)} (${count(times)} times)`,
  );
  const where = link === undefined ? "" : `\nWrite the answers once:\n${link}/knowledge/unanswered`;
  return `Asked without a good answer:\n${rows.join("\n")}${where}`;
}

/** A visitor's words cannot look like another line. */
function visitorsWords(text: string): string {
  return shorten(oneLine(text), MAX_LINE);
}

const DAY_MONTH = { day: "numeric", month: "long" } as const;

function format(time: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: UTC }).format(time);
}

function count(value: number): string {
  return new Intl.NumberFormat("en").format(value);
}

function share(value: number | undefined): string {
  if (value === undefined) return "–";
  const percent = value * 100;
  return `${percent < 10 ? Math.round(percent * 10) / 10 : Math.round(percent)}%`;
}

function duration(ms: number | undefined): string {
  if (ms === undefined) return "–";
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
}
