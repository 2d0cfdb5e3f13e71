import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { openDashboard } from "../support/dashboard-requests.ts";
import { ADMIN_KEY, createTestApp, type TestApp } from "../support/test-app.ts";

/** Sets the peer of a test's request. A client could not choose it. */
const PEER_HEADER = "x-peer-of-the-test";
const PERIOD_MS = 5 * 60 * 1000;
const PROXY = "10.0.0.1";
const STRANGER = "203.0.113.1";

let app: TestApp;

function start(env: Record<string, string> = {}): void {
  app = createTestApp({
    env,
    peerAddress: (request) => request.headers.get(PEER_HEADER) ?? PROXY,
  });
}

beforeEach(() => start());
afterEach(() => app.close());

async function ask(count: number, headers: Record<string, string>, path = "/v1/nowhere") {
  for (let n = 0; n < count; n++) await app.fetch(path, { headers });
}

const forwarded = { "x-forwarded-for": "198.51.100.1" };
const direct = { [PEER_HEADER]: STRANGER };

/** Whether the log and the dashboard advise to trust a proxy. One more request after a period finds out. */
async function isAdvised(): Promise<boolean> {
  app.clock.advance(PERIOD_MS);
  await ask(1, { ...forwarded, "x-admin-api-key": ADMIN_KEY });
  const lines = app.lines.filter((line) => line.includes("TRUST_PROXY"));
  const inLog = lines.length > 0;
  const { get } = await openDashboard(app);
  const inDashboard = (await get("/dashboard/setup")).body.includes("Then set TRUST_PROXY");
  expect(inDashboard).toBe(inLog);
  return inLog;
}

describe("TRUST_PROXY is advised", () => {
  test("when for minutes every request comes from a private address with X-Forwarded-For", async () => {
    await ask(30, forwarded);
    expect(app.lines.filter((line) => line.includes("TRUST_PROXY"))).toEqual([]);
    expect(await isAdvised()).toBe(true);
    const lines = app.lines.filter((line) => line.includes("TRUST_PROXY"));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("make sure that the port is reachable only through the proxy");
    expect(lines[0]).not.toContain("198.51.100.");
  });

  test("even when health checks come from the same machine", async () => {
    await ask(30, forwarded);
    await ask(100, {}, "/health");
    expect(await isAdvised()).toBe(true);
  });
});

describe("TRUST_PROXY is not advised", () => {
  test("after one request, or after the requests of a moment", async () => {
    await ask(1, forwarded);
    app.clock.advance(PERIOD_MS);
    await ask(1, forwarded);
    expect(app.lines.filter((line) => line.includes("TRUST_PROXY"))).toEqual([]);
  });

  test("because of a client that reaches the port from the internet", async () => {
    await ask(300, { ...forwarded, ...direct });
    expect(await isAdvised()).toBe(false);
  });

  test("while any client reaches the port from the internet, whatever a proxy sends", async () => {
    await ask(300, forwarded);
    await ask(1, direct);
    expect(await isAdvised()).toBe(false);
  });

  test("when only some of the requests come through a proxy", async () => {
    await ask(50, forwarded);
    await ask(10, {});
    expect(await isAdvised()).toBe(false);
  });

  test("when it is already set", async () => {
    await app.close();
    start({ TRUST_PROXY: "1" });
    await ask(50, forwarded);
    expect(await isAdvised()).toBe(false);
  });
});

test("the advice to set TRUST_PROXY is withdrawn when it no longer holds", async () => {
  await ask(30, forwarded);
  app.clock.advance(PERIOD_MS);
  await ask(1, forwarded);
  await ask(30, {});
  app.clock.advance(PERIOD_MS);
  await ask(1, forwarded);
  const { get } = await openDashboard(app);
  expect((await get("/dashboard/setup")).body).not.toContain("Then set TRUST_PROXY");
});
