import { describe, expect, test } from "bun:test";

import { isTimeZone, LocalDays } from "../../src/runtime/local-days.ts";
import { DAY_MS, HOUR_MS } from "../../src/runtime/time.ts";

function dateOf(zone: string, at: number): string {
  const day = new LocalDays(() => zone).dayOf(at);
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

function startOf(zone: string, date: string): string {
  const start = new LocalDays(() => zone).startOf(Date.parse(date) / DAY_MS);
  return new Date(start).toISOString().slice(0, 16);
}

describe("the days of a time zone", () => {
  test.each([
    ["UTC", "2026-11-23T23:59:59.999Z", "2026-11-23"],
    ["UTC", "2026-11-24T00:00:00Z", "2026-11-24"],
    ["Europe/Berlin", "2026-11-23T22:59:59.999Z", "2026-11-23"],
    ["Europe/Berlin", "2026-11-23T23:00:00Z", "2026-11-24"],
    ["Europe/Berlin", "2026-07-23T21:59:59.999Z", "2026-07-23"],
    ["Europe/Berlin", "2026-07-23T22:00:00Z", "2026-07-24"],
    // A quarter of an hour counts.
    ["Asia/Kathmandu", "2026-11-23T18:14:59.999Z", "2026-11-23"],
    ["Asia/Kathmandu", "2026-11-23T18:15:00Z", "2026-11-24"],
    ["Pacific/Kiritimati", "2026-11-23T10:00:00Z", "2026-11-24"],
    ["Pacific/Pago_Pago", "2026-11-23T10:59:59.999Z", "2026-11-22"],
    ["America/New_York", "1969-12-31T23:00:00Z", "1969-12-31"],
  ])("%s: at %s it is %s", (zone, time, date) => {
    expect(dateOf(zone, Date.parse(time))).toBe(date);
  });

  test.each([
    ["Europe/Berlin", "2026-03-29", "2026-03-28T23:00", 23],
    ["Europe/Berlin", "2026-10-25", "2026-10-24T22:00", 25],
    ["America/New_York", "2026-03-08", "2026-03-08T05:00", 23],
    ["America/New_York", "2026-11-01", "2026-11-01T04:00", 25],
    // Clocks go from 24:00 to 1:00, and from 24:00 back to 23:00.
    ["America/Santiago", "2026-09-06", "2026-09-06T04:00", 23],
    ["America/Santiago", "2026-04-04", "2026-04-04T03:00", 25],
    ["Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30", 23.5],
    ["Asia/Kathmandu", "2026-11-23", "2026-11-22T18:15", 24],
    ["UTC", "2026-03-29", "2026-03-29T00:00", 24],
  ])("%s: %s begins at %s and has %d hours", (zone, date, start, hours) => {
    expect(startOf(zone, date)).toBe(start);
    const days = new LocalDays(() => zone);
    const day = Date.parse(date) / DAY_MS;
    expect((days.startOf(day + 1) - days.startOf(day)) / HOUR_MS).toBe(hours);
    expect(days.dayOf(days.startOf(day))).toBe(day);
    expect(days.dayOf(days.startOf(day) - 1)).toBe(day - 1);
  });

  test("follow each other without a gap through a year, hour by hour", () => {
    for (const zone of ["Europe/Berlin", "America/Santiago"]) {
      const days = new LocalDays(() => zone);
      let day = days.dayOf(Date.parse("2026-01-01"));
      for (let hour = 0; hour < 366 * 24; hour += 1) {
        const next = days.dayOf(Date.parse("2026-01-01") + hour * HOUR_MS);
        expect([0, 1]).toContain(next - day);
        day = next;
      }
    }
  });

  test("change with the zone", () => {
    let zone = "Pacific/Kiritimati";
    const days = new LocalDays(() => zone);
    const at = Date.parse("2026-11-23T12:00:00Z");
    const first = days.dayOf(at);
    zone = "UTC";
    expect(days.dayOf(at)).toBe(first - 1);
    zone = "Pacific/Kiritimati";
    expect(days.dayOf(at)).toBe(first);
  });
});

test.each([
  ["Europe/Berlin", true],
  ["europe/berlin", true],
  ["UTC", true],
  ["Mars/Olympus", false],
  ["", false],
  ["CEST?", false],
])("whether %p is a time zone: %p", (name, expected) => {
  expect(isTimeZone(name)).toBe(expected);
});
