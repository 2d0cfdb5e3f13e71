import { DAY_MS } from "../../runtime/time.ts";
import { formatDate, formatMonth } from "../formats.ts";

/** Days of the owner's calendar, as YYYY-MM-DD. The first and the last one belong to it; empty means without an end. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

interface NamedPeriod extends Period {
  readonly name: string;
}

/** The periods that an owner asks for: those of the last days, and the calendar months of a year. */
export function periodsFor(today: string): readonly NamedPeriod[] {
  const now = Date.parse(today);
  const daysAgo = (days: number) => dateOf(now - days * DAY_MS);
  // Weeks begin on Monday (ISO 8601).
  const sinceMonday = (new Date(now).getUTCDay() + 6) % 7;
  return [
    { name: "Last 7 days", from: daysAgo(6), to: today },
    { name: "Last week", from: daysAgo(sinceMonday + 7), to: daysAgo(sinceMonday + 1) },
    { name: "Last 30 days", from: daysAgo(29), to: today },
    ...Array.from({ length: MONTHS }, (_, months) => monthBefore(now, months)),
  ];
}

const MONTHS = 12;

function monthBefore(now: number, months: number): NamedPeriod {
  const date = new Date(now);
  const at = (month: number, day: number) => Date.UTC(date.getUTCFullYear(), month, day);
  const month = date.getUTCMonth() - months;
  const first = at(month, 1);
  const from = dateOf(first);
  // This year's months need no year.
  const name = from.startsWith(`${date.getUTCFullYear()}`) ? monthName(first) : formatMonth(first);
  return { name, from, to: dateOf(at(month + 1, 0)) };
}

function monthName(time: number): string {
  return formatMonth(time).split(" ")[0] ?? "";
}

/** What a button of the search form sends for a period: a time interval of ISO 8601, such as `2026-03-01/2026-03-31`. */
export function intervalOf({ from, to }: Period): string {
  return `${from}/${to}`;
}

/** The days of an interval. A text without a stroke is its first day. */
export function readInterval(interval: string): Period {
  const [from = "", to = ""] = interval.split("/");
  return { from, to };
}

/** What the button of the period says: the name of the period, or its days. */
export function periodName(period: Period, today: string): string {
  const { from, to } = period;
  if (from === "" && to === "") return "Any time";
  if (from === today && (to === "" || to === today)) return "Today";
  const known = periodsFor(today).find((each) => intervalOf(each) === intervalOf(period));
  return known?.name ?? capitalized(daysOf(period));
}

/** The days in a sentence, such as `from 16 Nov 2026 to 22 Nov 2026`, or the month, such as `in March 2026`. */
export function daysOf({ from, to }: Period): string {
  if (to === "") return `since ${shownDay(from)}`;
  if (from === "") return `until ${shownDay(to)}`;
  if (from === to) return `on ${shownDay(from)}`;
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const isMonth =
    isDate(from) && isDate(to) && intervalOf(monthBefore(first, 0)) === `${from}/${to}`;
  return isMonth && last > first
    ? `in ${formatMonth(first)}`
    : `from ${shownDay(from)} to ${shownDay(to)}`;
}

/** An address of the list may also have a time of day or milliseconds, which are shown as they are. */
function shownDay(text: string): string {
  const time = isDate(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? text : formatDate(time);
}

/** Whether a text has the form YYYY-MM-DD. */
export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text);
}

/** The day of a time in UTC, as YYYY-MM-DD. */
export function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
