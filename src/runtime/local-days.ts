import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time.ts";

/** The zone in which nothing needs to be looked up. */
export const UTC = "UTC";

export const DAYS_A_WEEK = 7;

/** Further than any zone is from UTC, which is 14 hours, and than a day is longer where clocks are set back. */
const FURTHEST_MS = 30 * HOUR_MS;

/** Whether it is the name of a time zone (IANA), such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  // Where nobody has set another one, a server loads nothing of what is known of zones and languages.
  if (name === UTC) return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The weekday of a day, as LocalDays numbers days: Monday is 0. Day 0 was a Thursday. */
export function weekdayOf(day: number): number {
  return (((day + 3) % DAYS_A_WEEK) + DAYS_A_WEEK) % DAYS_A_WEEK;
}

/**
 * The days of a calendar in a time zone. A day is the number of days from 1970-01-01 to its date, so day * DAY_MS is the
 * midnight of that date in UTC.
 */
export class LocalDays {
  readonly #zone: () => string;
  #format: { readonly zone: string; readonly format: Intl.DateTimeFormat } | undefined;
  /** The newest minute whose offset was asked for. */
  #known = { zone: "", minute: Number.NaN, offsetMs: 0 };

  /** @param zone asked each time, because the owner may change it */
  constructor(zone: () => string) {
    this.#zone = zone;
  }

  /** The day of a time in milliseconds since the epoch. */
  dayOf(at: number): number {
    return Math.floor(this.clockAt(at) / DAY_MS);
  }

  /** What the clocks of the zone show at a time, as if it were a time in UTC. */
  clockAt(at: number): number {
    return at + this.#offsetMs(at);
  }

  /** The name of the time zone. */
  get zone(): string {
    return this.#zone();
  }

  /** The time in milliseconds since the epoch at which a day begins, also where clocks are set at midnight. */
  startOf(day: number): number {
    if (this.#zone() === UTC) return day * DAY_MS;
    let [before, after] = [day * DAY_MS - FURTHEST_MS, day * DAY_MS + FURTHEST_MS];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.dayOf(middle) < day) before = middle;
      else after = middle;
    }
    return after;
  }

  /** How far the clocks of the zone are ahead of UTC. They are set at whole minutes. */
  #offsetMs(at: number): number {
    const zone = this.#zone();
    if (zone === UTC) return 0;
    const minute = Math.floor(at / MINUTE_MS);
    if (this.#known.zone !== zone || this.#known.minute !== minute) {
      this.#known = {
        zone,
        minute,
        offsetMs: this.#readClock(minute * MINUTE_MS) - minute * MINUTE_MS,
      };
    }
    return this.#known.offsetMs;
  }

  /** As clockAt, without what is known already. */
  #readClock(at: number): number {
    const read = new Map(
      this.#formatOf(this.#zone())
        .formatToParts(at)
        .map(({ type, value }) => [type, Number(value)]),
    );
    const part = (type: Intl.DateTimeFormatPartTypes) => read.get(type) ?? 0;
    const [hour, minute] = [part("hour"), part("minute")];
    return Date.UTC(part("year"), part("month") - 1, part("day"), hour, minute, part("second"));
  }

  #formatOf(zone: string): Intl.DateTimeFormat {
    if (this.#format?.zone === zone) return this.#format.format;
    const format = new Intl.DateTimeFormat("en", {
      timeZone: zone,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    this.#format = { zone, format };
    return format;
  }
}

/** The days in UTC. */
export const UTC_DAYS = new LocalDays(() => UTC);
