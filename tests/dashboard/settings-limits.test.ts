import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { openDashboard } from "../support/dashboard-requests.ts";
import { storeExchange } from "../support/stored-turns.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

const PATH = "/dashboard/settings/limits";
const DAY_MS = 24 * 60 * 60 * 1000;
const FREE = { RATE_LIMIT_MAX_REQUESTS: "", MAX_STREAMS_PER_ADDRESS: "" };
const LIMITS = {
  action: "save",
  RATE_LIMIT_MAX_REQUESTS: "30",
  RATE_LIMIT_WINDOW_MS: "10000",
  MAX_STREAMS_PER_ADDRESS: "",
};

let app: TestApp;
let browser: Awaited<ReturnType<typeof openDashboard>>;

beforeEach(async () => {
  app = createTestApp({ env: FREE });
  browser = await openDashboard(app);
});
afterEach(() => app.close());

function send(fields: Record<string, string>) {
  return browser.post(PATH, { formToken: browser.formToken, ...fields });
}

describe("the limits for one address", () => {
  test("are in force at once, and the form shows them", async () => {
    expect((await send(LIMITS)).headers.get("location")).toBe(`${PATH}?done=saved`);
    const inForce = { rateLimitMaxRequests: 30, rateLimitWindowMs: 10_000 };
    expect(app.config.limits).toMatchObject({ ...inForce, maxStreamsPerAddress: 100 });
    const page = (await browser.get(PATH)).body;
    expect(page).toContain('value="30"');
    expect(page).toContain('<option value="10000" selected>ten seconds</option>');
  });

  test("stay as they were when one of them is wrong, which its field says", async () => {
    const answer = await send({ ...LIMITS, MAX_STREAMS_PER_ADDRESS: "many" });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(
      'id="problem-MAX_STREAMS_PER_ADDRESS" role="alert">This must be a whole number from 1 to',
    );
    expect(answer.body).toContain('value="30"');
    expect(app.config.limits.rateLimitMaxRequests).toBe(60);
    expect(await app.settings.audit(10)).toEqual([]);
  });

  test("can be a time that is none of the choices, which stays chosen", async () => {
    expect((await send({ ...LIMITS, RATE_LIMIT_WINDOW_MS: "90000" })).status).toBe(303);
    expect((await browser.get(PATH)).body).toContain('<option value="90000" selected>');
  });
});

describe("the days to keep conversations", () => {
  /** Conversations whose last messages are so many days old. */
  async function storeOld(...days: number[]): Promise<void> {
    for (const each of days) {
      const at = app.clock.now() - each * DAY_MS;
      await storeExchange(app.store, { sessionId: `visitor-${each}`, at });
    }
  }

  const save = (days: string, more: Record<string, string> = {}) =>
    send({ action: "save-retention", RETENTION_DAYS: days, ...more });

  test("are stored at once when nothing would be deleted", async () => {
    await storeOld(1, 5);
    expect((await save("30")).status).toBe(303);
    expect(app.config.database.retentionDays).toBe(30);
    expect((await save("")).status).toBe(303);
    expect(app.config.database.retentionDays).toBeUndefined();
  });

  test("are stored once the owner has agreed to what they delete, and to no more", async () => {
    await storeOld(1, 31, 40);
    const asked = await save("30");
    expect(asked.status).toBe(200);
    expect(asked.body).toContain("This deletes 2 conversations");
    expect(asked.body).toContain('name="agreed" value="2" form="retention-form"');
    expect(asked.body).toContain('value="30"');
    expect(app.config.database.retentionDays).toBeUndefined();

    await storeOld(50);
    expect((await save("30", { agreed: "2" })).body).toContain("This deletes 3 conversations");
    expect((await save("30", { agreed: "many" })).body).toContain("This deletes 3 conversations");
    expect(app.config.database.retentionDays).toBeUndefined();
    expect((await save("30", { agreed: "3" })).status).toBe(303);
    expect(app.config.database.retentionDays).toBe(30);
  });

  test("that are wrong are refused with their field", async () => {
    const answer = await save("0");
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('id="problem-RETENTION_DAYS" role="alert">This must be');
  });

  test("cannot be changed where the environment sets them", async () => {
    await app.close();
    app = createTestApp({ env: { ...FREE, RETENTION_DAYS: "90" } });
    browser = await openDashboard(app);
    const page = (await browser.get(PATH)).body;
    expect(page).toContain("Fixed by <code>RETENTION_DAYS</code> in the environment.");
    expect(page).not.toContain("Save retention");
    expect((await save("30")).status).toBe(400);
    expect(app.config.database.retentionDays).toBe(90);
  });
});

describe("the time zone", () => {
  const save = (zone: string) => send({ action: "save-calendar", TIME_ZONE: zone });

  test("is in force at once: days begin there, in the figures' name and in the dates of a search", async () => {
    // The last minute of a day in UTC.
    const at = Date.parse("2026-11-20T23:30:00Z");
    await storeExchange(app.store, { at });
    const dated = "/dashboard/conversations?from=2026-11-21&to=2026-11-21";
    expect((await browser.get(dated)).body).toContain("No matches");
    expect((await save("Europe/Berlin")).status).toBe(303);
    expect((await browser.get(dated)).body).not.toContain("No matches");
    expect((await browser.get("/dashboard")).body).toMatch(/>Berlin time<\/a/);
    expect((await save("")).status).toBe(303);
    expect(app.config.calendar.timeZone).toBe("UTC");
    expect((await browser.get("/dashboard")).body).toMatch(/>UTC<\/a/);
  });

  test("that nobody knows is refused in words, and changes nothing", async () => {
    const answer = await save("Mars/Olympus");
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("This is not the name of a time zone.");
    expect(app.config.calendar.timeZone).toBe("UTC");
  });
});
