import { expect, test } from "bun:test";

import { hoursIn } from "../../../src/widget/people/hours.ts";
import { DE } from "../../../src/widget/people/languages/de.ts";
import { EN } from "../../../src/widget/people/languages/en.ts";

const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

test.each([
  ["Mo-Fr 09:00-17:00 Europe/Berlin", "Mon–Fri 09:00–17:00 (Berlin)"],
  ["Mo-Fr 09:00-17:00; We off America/New_York", "Mon–Fri 09:00–17:00; Wed closed (New York)"],
  ["Mo,We 09:00-12:00,13:00-17:00 Europe/Berlin", "Mon,Wed 09:00–12:00,13:00–17:00 (Berlin)"],
  ["24/7 Asia/Tokyo", "24/7 (Tokyo)"],
  [`Sa-Su 10:00-12:00 ${ownZone}`, "Sat–Sun 10:00–12:00"],
  ["Mo-Fr 09:00-17:00", "Mon–Fri 09:00–17:00"],
])("%j is written as %j", (hours, written) => {
  expect(hoursIn(hours, "en", EN)).toBe(written);
});

test("days are written in the visitor's language", () => {
  expect(hoursIn("Mo-Fr 09:00-17:00; We off Europe/Paris", "de", DE)).toBe(
    "Mo–Fr 09:00–17:00; Mi geschlossen (Paris)",
  );
});
