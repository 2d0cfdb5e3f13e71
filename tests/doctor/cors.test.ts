import { expect, test } from "bun:test";

import { judgeListed } from "../../src/doctor/cors.ts";

const ORIGIN = "https://www.example.com";

test.each([
  ["its own origin", [ORIGIN], "ok"],
  ["nothing", [], "wrong"],
  ["the header twice", [ORIGIN, ORIGIN], "wrong"],
  ["another origin", ["https://other.example"], "wrong"],
] as const)(
  "the doctor judges the CORS header of a website that gets %s",
  (_name, allowed, mark) => {
    expect(judgeListed(ORIGIN, allowed).mark).toBe(mark);
  },
);
