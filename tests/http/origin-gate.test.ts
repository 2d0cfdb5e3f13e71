import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { createTestApp, type TestApp } from "../support/test-app.ts";

/** Sets the peer of a test's request. A client could not choose it. */
const PEER_HEADER = "x-peer-of-the-test";
const HOUR_MS = 60 * 60 * 1000;
const MINUTE_MS = 60 * 1000;

let app: TestApp;

beforeEach(() => {
  app = createTestApp({
    peerAddress: (request) => request.headers.get(PEER_HEADER) ?? "192.0.2.10",
  });
});
afterEach(() => app.close());

async function askFrom(origin: string, peer = "192.0.2.10"): Promise<void> {
  const response = await app.fetch("/v1/chat", { headers: { origin, [PEER_HEADER]: peer } });
  expect(response.status).toBe(403);
}

/** The origins in the log, in their order. */
function logged(): unknown[] {
  const lines = app.lines.filter((line) => line.includes('"event":"origin refused"'));
  return lines.map((line): unknown => JSON.parse(line).origin);
}

describe("a website that is refused", () => {
  test("is logged once an hour", async () => {
    for (let n = 0; n < 5; n++) await askFrom("https://shop.example");
    expect(logged()).toEqual(["https://shop.example"]);
    app.clock.advance(HOUR_MS - 1);
    await askFrom("https://shop.example");
    expect(logged()).toHaveLength(1);
    app.clock.advance(1);
    await askFrom("https://shop.example");
    expect(logged()).toHaveLength(2);
  });

  test("is logged even after somebody invented thousands of others", async () => {
    for (let n = 0; n < 5000; n++) await askFrom(`https://invented-${n}.example`, "203.0.113.1");
    expect(logged()).toHaveLength(10);
    await askFrom("https://shop.example");
    expect(logged()).toContain("https://shop.example");
  });

  test("is logged even after somebody invented others from very many addresses", async () => {
    for (let n = 0; n < 3000; n++) {
      const peer = `203.0.${n >> 8}.${n & 0xff}`;
      await askFrom(`https://invented-${n}.example`, peer);
    }
    // Each minute has a fixed number of lines, and the next one has room for new ones.
    expect(logged()).toHaveLength(60);
    app.clock.advance(MINUTE_MS);
    await askFrom("https://shop.example");
    expect(logged().at(-1)).toBe("https://shop.example");
  });

  test("is cut in the log when it is longer than an origin can be", async () => {
    for (const end of ["a", "b"]) await askFrom(`https://${"x".repeat(4000)}.example/${end}`);
    expect(logged().map((origin) => String(origin).length)).toEqual([300]);
  });
});
