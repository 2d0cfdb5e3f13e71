import { UTC } from "../runtime/local-days.ts";
import { once } from "../runtime/once.ts";
import { type Html, html } from "./html.ts";
import { formatAgo } from "./relative-time.ts";

/**
 * Formats numbers and times for people. What a format knows of a language takes megabytes, so each is made when it is
 * used first: an idle server has none.
 */

const numbers = once(() => new Intl.NumberFormat("en"));
const compactNumbers = once(
  () => new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }),
);
const DAY = { day: "numeric", month: "short" } as const;
const CLOCK = { hour: "2-digit", minute: "2-digit" } as const;
const days = timesInUtc(DAY);
const weekdays = timesInUtc({ ...DAY, weekday: "short" });
const times = timesInUtc({ ...DAY, ...CLOCK, year: "numeric" });
const dates = timesInUtc({ ...DAY, year: "numeric" });
const months = timesInUtc({ month: "long", year: "numeric" });
const longDays = timesInUtc({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const clock = timesInUtc(CLOCK);

function timesInUtc(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
  return once(() => new Intl.DateTimeFormat("en-GB", { ...options, timeZone: UTC }));
}

export function formatNumber(value: number): string {
  return numbers().format(value);
}

/** Shortens numbers from 10,000 on, such as 12K, for figures in large type. */
export function formatCompact(value: number): string {
  return value < 10_000 ? formatNumber(value) : compactNumbers().format(value);
}

export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** A size in bytes as megabytes. */
export function formatMegabytes(bytes: number): string {
  return `${numbers().format(Math.round(bytes / 1e5) / 10)} MB`;
}

/** A time zone as it is called, such as `Berlin time`. */
export function zoneName(zone: string): string {
  if (zone === UTC) return UTC;
  return `${(zone.split("/").at(-1) ?? zone).replaceAll("_", " ")} time`;
}

export function formatDay(time: number): string {
  return days().format(time);
}

/** A day with its year, such as 23 Nov 2026. */
export function formatDate(time: number): string {
  return dates().format(time);
}

/** A month with its year, such as March 2026. */
export function formatMonth(time: number): string {
  return months().format(time);
}

/** A day with its weekday, such as Mon 23 Nov. */
export function formatWeekday(time: number): string {
  return weekdays().format(time).replace(",", "");
}

/** A share from 0 to 1 in percent, with one decimal where it is small. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${numbers().format(percent < 10 ? Math.round(percent * 10) / 10 : Math.round(percent))}%`;
}

export function formatDuration(ms: number): string {
  if (ms < 1000) return `${formatNumber(ms)} ms`;
  return `${numbers().format(Math.round(ms / 100) / 10)} s`;
}

/** A time in UTC, which says so. The script shows it in the reader's time zone instead. */
export function timeElement(time: number): Html {
  const iso = new Date(time).toISOString();
  return html`<time datetime="${iso}">${times().format(time)} UTC</time>`;
}

/** How long ago a time is. Its title is the time in UTC; the script puts it in the reader's time zone. */
export function agoElement(time: number, now: number): Html {
  const iso = new Date(time).toISOString();
  const whole = `${times().format(time)} UTC`;
  return html`<time datetime="${iso}" data-ago title="${whole}"
    >${formatAgo(time, now, "UTC")}</time
  >`;
}

/** The day alone, such as "Monday 23 November 2026", where it stands above what happened on it. */
export function formatLongDay(time: number): string {
  return longDays().format(time);
}

/** The hour and the minute in UTC, where the day is shown above. The script shows those of the reader's time zone. */
export function clockElement(time: number): Html {
  const iso = new Date(time).toISOString();
  const whole = `${times().format(time)} UTC`;
  return html`<time datetime="${iso}" data-clock="${whole}">${clock().format(time)}</time>`;
}
