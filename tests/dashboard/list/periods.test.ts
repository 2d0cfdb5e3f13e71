import { expect, test } from "bun:test";

import { daysOf, periodName, periodsFor } from "../../../src/dashboard/list/periods.ts";

const daysFor = (today: string) =>
  Object.fromEntries(periodsFor(today).map(({ name, from, to }) => [name, `${from}/${to}`]));

test("The last week is the calendar week before this one, which begins on Monday", () => {
  expect(daysFor("2026-11-26")["Last week"]).toBe("2026-11-16/2026-11-22");
  expect(daysFor("2026-11-29")["Last week"]).toBe("2026-11-16/2026-11-22");
  expect(daysFor("2026-11-30")["Last week"]).toBe("2026-11-23/2026-11-29");
  expect(daysFor("2026-01-01")["Last 7 days"]).toBe("2025-12-26/2026-01-01");
});

test("Months are whole, go back a year from any day, and have a year where it is another one", () => {
  const days = daysFor("2028-03-31");
  expect(days).toMatchObject({
    March: "2028-03-01/2028-03-31",
    February: "2028-02-01/2028-02-29",
    "December 2027": "2027-12-01/2027-12-31",
    "April 2027": "2027-04-01/2027-04-30",
  });
  expect(Object.keys(days)).toHaveLength(15);
});

test("A period is named, or its days are, also those that are no dates", () => {
  const name = (from: string, to: string) => periodName({ from, to }, "2026-11-26");
  expect(name("", "")).toBe("Any time");
  expect(name("2026-11-26", "2026-11-26")).toBe("Today");
  expect(name("2026-03-01", "2026-03-31")).toBe("March");
  expect(name("2024-03-01", "2024-03-31")).toBe("In March 2024");
  expect(name("2026-03-01T08:00Z", "")).toBe("Since 2026-03-01T08:00Z");
  expect(daysOf({ from: "1772323200000", to: "2026-03-31" })).toBe(
    "from 1772323200000 to 31 Mar 2026",
  );
});
