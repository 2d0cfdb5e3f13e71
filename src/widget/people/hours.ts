import type { Words } from "./words.ts";

const DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
/** A Monday, at noon in UTC. */
const MONDAY = Date.UTC(2024, 0, 1, 12);
const DAY_MS = 86_400_000;

/**
 * Opening hours as people write them, in a language.
 * @param hours as OpenStreetMap writes them, with a time zone at the end: `Mo-Fr 09:00-17:00 Europe/Berlin`
 */
export function hoursIn(hours: string, language: string, t: Words): string {
  const format = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
  const names = new Map(DAYS.map((day, at) => [day, format.format(MONDAY + at * DAY_MS)]));
  const [, rules = "", zone = ""] = /^(.*?)(?: ([A-Z][\w+-]*(?:\/[\w+-]+)*))?$/.exec(hours) ?? [];
  const isOwnZone = zone === new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const place = zone.replace(/^.*\//, "").replaceAll("_", " ");
  const text = rules
    .replace(/\b[A-Z][a-z]\b/g, (day) => names.get(day) ?? day)
    .replace(/\boff\b/g, t.closed)
    .replaceAll(/ *- */g, "–")
    .replaceAll(/ *; */g, "; ");
  return place && !isOwnZone ? `${text} (${place})` : text;
}

/** A day of the week and a time, where the visitor is. By 24 hours, as the opening hours beside it. */
export function momentIn(moment: number, language: string): string {
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  return new Intl.DateTimeFormat(language, { weekday: "long", ...clock }).format(moment);
}
