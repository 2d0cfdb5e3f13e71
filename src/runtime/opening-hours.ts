import { DAYS_A_WEEK, isTimeZone, LocalDays, weekdayOf } from "./local-days.ts";
import { DAY_MS, MINUTE_MS } from "./time.ts";

/** Minutes of a day: from the first one to before the last. Over midnight, the end is beyond the day. */
interface Opening {
  readonly from: number;
  readonly to: number;
}

/** When somebody is there, week by week. */
export interface OpeningHours {
  /** As they were written, with one space between the parts. */
  readonly text: string;
  /** The name of a time zone, such as `Europe/Berlin`. */
  readonly zone: string;
  /** The openings of each weekday, Monday first. An opening over midnight belongs to the day on which it begins. */
  readonly week: readonly (readonly Opening[])[];
}

const DAYS = ["mo", "tu", "we", "th", "fr", "sa", "su"];
const DAY_MINUTES = DAY_MS / MINUTE_MS;
const MAX_LENGTH = 500;

const DAY = "(?:mo|tu|we|th|fr|sa|su)";
const DAY_LIST = `${DAY}(?:-${DAY})?(?:,${DAY}(?:-${DAY})?)*`;
const SPAN = "\\d{1,2}:\\d\\d-\\d{1,2}:\\d\\d";
const RULE = new RegExp(`^(?:(${DAY_LIST}) )?(off|24/7|${SPAN}(?:,${SPAN})*)$`);

/** Why a text is not understood, as the end of a sentence that does not repeat it. */
export class OpeningHoursError extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = "OpeningHoursError";
  }
}

/**
 * Reads a part of OpenStreetMap's opening_hours: rules of days and times, separated by semicolons, and a time zone at the
 * end. A later rule replaces an earlier one on its days: `Mo-Fr 09:00-12:00,13:00-17:00; Fr off Europe/Berlin`.
 * @throws OpeningHoursError
 */
export function parseOpeningHours(written: string): OpeningHours {
  if (written.length > MAX_LENGTH) refuse(`has more than ${MAX_LENGTH} characters`);
  const text = written.trim().replaceAll(/\s+/g, " ");
  const [, rules = "", zone = ""] = /^(.*) ([A-Za-z][\w+-]*(?:\/[\w+-]+)*)$/.exec(text) ?? [];
  if (zone === "" || /^(?:off|open|closed)$/i.test(zone)) {
    refuse("has no time zone at its end, such as Europe/Berlin");
  }
  if (!isTimeZone(zone)) refuse("ends with what is not the name of a time zone");
  const week: (readonly Opening[])[] = Array.from({ length: DAYS_A_WEEK }, () => []);
  for (const [index, rule] of rules.replace(/;\s*$/, "").split(";").entries()) {
    applyRule(week, rule, index + 1);
  }
  return { text, zone, week };
}

function applyRule(week: (readonly Opening[])[], written: string, number: number): void {
  const rule = written
    .trim()
    .toLowerCase()
    .replaceAll(/ *([,-]) */g, "$1");
  const [, days, times] = RULE.exec(rule) ?? [];
  if (times === undefined || (times === "24/7" && days !== undefined)) {
    throw new OpeningHoursError(problemOf(rule, number));
  }
  const openings = openingsOf(times, number);
  for (const day of days === undefined ? DAYS.keys() : daysOf(days)) week[day] = openings;
}

/** What is most likely wrong with a rule. */
function problemOf(rule: string, number: number): string {
  if (/\b(?:ph|sh)\b/.test(rule)) {
    return `has holidays (PH, SH) in rule ${number}, which are not understood`;
  }
  if (/\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|week|\d{4})\b/.test(rule)) {
    return `has a date, a month or a week in rule ${number}, which is not understood`;
  }
  return (
    `is not understood in rule ${number}: write days and times (Mo-Fr 09:00-17:00), ` +
    "days and off (Su off), or 24/7"
  );
}

/** The numbers of the days of a list, such as `fr-mo,we`. */
function daysOf(list: string): number[] {
  return list.split(",").flatMap((each) => {
    const [first = "", last = first] = each.split("-");
    const [from, to] = [DAYS.indexOf(first), DAYS.indexOf(last)];
    const count = ((to - from + DAYS_A_WEEK) % DAYS_A_WEEK) + 1;
    return Array.from({ length: count }, (_, index) => (from + index) % DAYS_A_WEEK);
  });
}

function openingsOf(times: string, number: number): Opening[] {
  if (times === "off") return [];
  if (times === "24/7") return [{ from: 0, to: DAY_MINUTES }];
  return times
    .split(",")
    .map((each) => openingOf(each, number))
    .toSorted((one, other) => one.from - other.from);
}

function openingOf(span: string, number: number): Opening {
  const [from = 0, to = 0] = span.split("-").map((time) => minuteOf(time, number));
  if (from === DAY_MINUTES) refuse(`has an opening that begins at 24:00, in rule ${number}`);
  if (from === to) refuse(`has an opening that ends when it begins, in rule ${number}`);
  return { from, to: to > from ? to : to + DAY_MINUTES };
}

function minuteOf(time: string, number: number): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  const minute = hours * 60 + minutes;
  if (minutes > 59 || minute > DAY_MINUTES) {
    refuse(`has a time that is not between 00:00 and 24:00, in rule ${number}`);
  }
  return minute;
}

function refuse(problem: string): never {
  throw new OpeningHoursError(problem);
}

/** Whether somebody is there at a time in milliseconds since the epoch, by the clocks of the zone. */
export function isOpenAt({ zone, week }: OpeningHours, at: number): boolean {
  const local = new LocalDays(() => zone).clockAt(at);
  const day = Math.floor(local / DAY_MS);
  const minute = (local - day * DAY_MS) / MINUTE_MS;
  const isIn = (time: number) => (opening: Opening) => opening.from <= time && time < opening.to;
  return (
    openingsOn(week, day).some(isIn(minute)) ||
    openingsOn(week, day - 1).some(isIn(minute + DAY_MINUTES))
  );
}

/** When somebody is there next after a time at which nobody is. Undefined: never. */
export function nextOpening({ zone, week }: OpeningHours, at: number): number | undefined {
  const days = new LocalDays(() => zone);
  const today = days.dayOf(at);
  // The same weekday again, because today's opening may be over.
  for (let day = today; day <= today + DAYS_A_WEEK; day += 1) {
    for (const { from } of openingsOn(week, day)) {
      const begins = timesOf(days, day * DAY_MS + from * MINUTE_MS).find((time) => time > at);
      if (begins !== undefined) return begins;
    }
  }
  return undefined;
}

function openingsOn(week: OpeningHours["week"], day: number): readonly Opening[] {
  return week[weekdayOf(day)] ?? [];
}

/**
 * The times at which clocks show a time: two where they are set back over it. Where they are set forward over it, when
 * they are set.
 */
function timesOf(days: LocalDays, clock: number): number[] {
  const offsetAt = (at: number) => days.clockAt(at) - at;
  const [before, after] = [clock - offsetAt(clock - DAY_MS), clock - offsetAt(clock + DAY_MS)];
  const shown = [...new Set([before, after])].filter((time) => days.clockAt(time) === clock);
  if (shown.length > 0) return shown.toSorted((one, other) => one - other);
  let [early, late] = [Math.min(before, after), Math.max(before, after)];
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (days.clockAt(middle) < clock) early = middle;
    else late = middle;
  }
  return [late];
}
