import { describe, expect, test } from "bun:test";

import {
  isOpenAt,
  nextOpening,
  OpeningHoursError,
  parseOpeningHours,
} from "../../src/runtime/opening-hours.ts";
import { MINUTE_MS } from "../../src/runtime/time.ts";

const at = (time: string) => Date.parse(time);
const OFFICE = parseOpeningHours("Mo-Fr 09:00-12:00,13:00-17:00; Fr 09:00-14:00 Europe/Berlin");

function problemWith(text: string): string {
  try {
    parseOpeningHours(text);
  } catch (error) {
    if (error instanceof OpeningHoursError) return error.message;
    throw error;
  }
  return "none";
}

/** The hours of a week that are open, as `Mo 09:00`, by looking at every half hour of the given UTC week. */
function openHalfHours(text: string, week = "2026-11-23T00:00:00Z"): number {
  const hours = parseOpeningHours(text);
  const times = Array.from({ length: 7 * 48 }, (_, index) => at(week) + index * 30 * MINUTE_MS);
  return times.filter((time) => isOpenAt(hours, time)).length;
}

describe("opening hours", () => {
  test.each([
    ["2026-11-23T07:59:59Z", false], // Monday, 08:59:59 in Berlin
    ["2026-11-23T08:00:00Z", true],
    ["2026-11-23T11:00:00Z", false],
    ["2026-11-23T12:00:00Z", true],
    ["2026-11-23T16:00:00Z", false],
    ["2026-11-27T12:59:00Z", true], // Friday
    ["2026-11-27T13:00:00Z", false],
    ["2026-11-28T10:00:00Z", false], // Saturday
    ["2026-07-06T07:00:00Z", true], // in summer
    ["2026-07-06T06:59:00Z", false],
  ])("are by the clocks of their zone: %s", (time, isOpen) => {
    expect(isOpenAt(OFFICE, at(time))).toBe(isOpen);
  });

  test.each([
    ["24/7 UTC", 336],
    ["00:00-24:00 UTC", 336],
    ["Mo-Su 00:00-24:00; Su off UTC", 288],
    ["Mo,We 10:00-12:00 UTC", 8],
    ["Sa-Mo 10:00-12:00 UTC", 12],
    ["09:00-10:00 UTC", 14],
    ["off UTC", 0],
    ["Mo-Fr 09:00-17:00; 24/7 UTC", 336],
    ["mo - fr 9:00 - 10:00 , 11:00 - 12:00 ;  sa 9:00-10:00; UTC", 22],
    ["Mo 10:00-12:00,11:00-13:00 UTC", 6],
  ])("of a week, %s, have so many half hours: %d", (text, count) => {
    expect(openHalfHours(text)).toBe(count);
  });

  test("over midnight belong to the day on which they begin, also from Sunday to Monday", () => {
    const bar = parseOpeningHours("Su 22:00-02:00; Mo off UTC");
    expect(isOpenAt(bar, at("2026-11-22T23:59:00Z"))).toBe(true);
    expect(isOpenAt(bar, at("2026-11-23T01:59:00Z"))).toBe(true);
    expect(isOpenAt(bar, at("2026-11-23T02:00:00Z"))).toBe(false);
    expect(isOpenAt(bar, at("2026-11-23T23:00:00Z"))).toBe(false);
  });

  test("keep their text with one space between its parts", () => {
    expect(parseOpeningHours("  Mo-Fr   09:00-17:00  Europe/Berlin ")).toMatchObject({
      text: "Mo-Fr 09:00-17:00 Europe/Berlin",
      zone: "Europe/Berlin",
    });
    expect(parseOpeningHours("24/7 Etc/GMT+5").zone).toBe("Etc/GMT+5");
    expect(parseOpeningHours("24/7 America/Argentina/Buenos_Aires").week).toHaveLength(7);
  });

  test.each([
    ["Mo-Fr 09:00-17:00", "has no time zone at its end"],
    ["Su off", "has no time zone at its end"],
    ["", "has no time zone at its end"],
    ["Europe/Berlin", "has no time zone at its end"],
    ["Mo-Fr 09:00-17:00 Mars/Olympus", "is not the name of a time zone"],
    ["Mo-Fr 9-17 UTC", "is not understood in rule 1: write days and times"],
    ["Mo-Fr UTC", "is not understood in rule 1: write days and times"],
    ["Montag 09:00-17:00 UTC", "is not understood in rule 1: write days and times"],
    ["Mo-Fr 09:00-17:00 open UTC", "is not understood in rule 1: write days and times"],
    ["Mo-Fr 09:00+ UTC", "is not understood in rule 1: write days and times"],
    ['Mo-Fr 09:00-17:00 "by phone" UTC', "is not understood in rule 1: write days and times"],
    ["Mo 24/7 UTC", "is not understood in rule 1: write days and times"],
    ["Mo 09:00-17:00; ; Tu off UTC", "in rule 2"],
    ["Mo-Fr 09:00-17:00; PH off UTC", "has holidays (PH, SH) in rule 2"],
    ["Dec 25 off UTC", "has a date, a month or a week in rule 1"],
    ["2026 Mo 09:00-17:00 UTC", "has a date, a month or a week"],
    ["Mo 09:60-17:00 UTC", "not between 00:00 and 24:00, in rule 1"],
    ["Mo 09:00-24:01 UTC", "not between 00:00 and 24:00"],
    ["Mo 24:00-25:00 UTC", "not between 00:00 and 24:00"],
    ["Mo 24:00-02:00 UTC", "begins at 24:00"],
    ["Mo 09:00-09:00 UTC", "ends when it begins"],
    [`${"Mo 09:00-17:00; ".repeat(40)} UTC`, "has more than 500 characters"],
  ])("that are not understood are refused with a reason: %s", (text, problem) => {
    expect(problemWith(text)).toContain(problem);
  });
});

describe("the next opening", () => {
  test.each([
    ["2026-11-23T00:00:00Z", "2026-11-23T08:00:00Z"],
    ["2026-11-23T11:30:00Z", "2026-11-23T12:00:00Z"],
    ["2026-11-23T17:00:00Z", "2026-11-24T08:00:00Z"],
    ["2026-11-27T13:00:00Z", "2026-11-30T08:00:00Z"],
    // The clocks are set back on Sunday, 2026-10-25, and forward on 2027-03-28.
    ["2026-10-23T20:00:00Z", "2026-10-26T08:00:00Z"],
    ["2027-03-26T20:00:00Z", "2027-03-29T07:00:00Z"],
  ])("of an office after %s is %s", (time, next) => {
    expect(nextOpening(OFFICE, at(time))).toBe(at(next));
    expect(isOpenAt(OFFICE, at(next))).toBe(true);
    expect(isOpenAt(OFFICE, at(next) - 1)).toBe(false);
  });

  test("at a time that a day does not have is when the clocks are set forward", () => {
    const night = parseOpeningHours("Su 02:30-05:00 Europe/Berlin");
    expect(nextOpening(night, at("2027-03-28T00:00:00Z"))).toBe(at("2027-03-28T01:00:00Z"));
    expect(isOpenAt(night, at("2027-03-28T01:00:00Z"))).toBe(true);
  });

  test("at a time that a day has twice is the first of both, and then the second", () => {
    const night = parseOpeningHours("Su 02:30-02:45 Europe/Berlin");
    expect(nextOpening(night, at("2026-10-25T00:00:00Z"))).toBe(at("2026-10-25T00:30:00Z"));
    expect(nextOpening(night, at("2026-10-25T00:50:00Z"))).toBe(at("2026-10-25T01:30:00Z"));
  });

  test("after this week's is next week's, and where nobody ever comes there is none", () => {
    const monday = parseOpeningHours("Mo 09:00-10:00 UTC");
    expect(nextOpening(monday, at("2026-11-23T10:00:00Z"))).toBe(at("2026-11-30T09:00:00Z"));
    expect(nextOpening(parseOpeningHours("off UTC"), at("2026-11-23T10:00:00Z"))).toBeUndefined();
  });

  test("before 1970 is by the same weekdays", () => {
    expect(nextOpening(parseOpeningHours("Mo 09:00-10:00 UTC"), at("1969-12-30T00:00:00Z"))).toBe(
      at("1970-01-05T09:00:00Z"),
    );
  });
});
