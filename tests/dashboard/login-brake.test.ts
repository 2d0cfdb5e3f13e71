import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";

import { LoginBrake } from "../../src/dashboard/login-brake.ts";
import { form } from "../support/dashboard-requests.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { createTestApp, DASHBOARD_PASSWORD, type TestApp } from "../support/test-app.ts";

const WINDOW_MS = 60_000;
const FREE = 50;

describe("the brake on failed logins", () => {
  let clock: FakeClock;
  let warnings: string[];
  let brake: LoginBrake;
  let passed: number[];

  beforeEach(() => {
    jest.useFakeTimers();
    clock = new FakeClock();
    warnings = [];
    passed = [];
    const log = { warn: (event: string) => void warnings.push(event) };
    brake = new LoginBrake({ windowMs: () => WINDOW_MS, now: clock.now, log });
  });

  afterEach(() => void jest.useRealTimers());

  async function tryLogins(count: number): Promise<void> {
    const first = passed.length;
    for (let n = first; n < first + count; n++) void brake.pass().then(() => passed.push(n));
    await settle();
  }

  async function pass(ms: number): Promise<void> {
    jest.advanceTimersByTime(ms);
    await settle();
  }

  const settle = async () => {
    for (let n = 0; n < 10; n++) await Promise.resolve();
  };

  test("does not slow down an owner who mistypes", async () => {
    await tryLogins(FREE);
    expect([passed.length, jest.getTimerCount(), warnings]).toEqual([FREE, 0, []]);
  });

  test("makes each attempt after many failed ones wait longer, up to 5 s, and logs it once a window", async () => {
    await tryLogins(FREE + 200);
    expect(passed).toHaveLength(FREE);
    await pass(50);
    expect(passed).toHaveLength(FREE + 1);
    await pass(4900);
    expect(passed).toHaveLength(FREE + 99);
    await pass(50);
    expect(passed).toHaveLength(FREE + 200);
    expect(warnings).toEqual(["many failed logins: the next ones wait"]);

    clock.advance(WINDOW_MS);
    await tryLogins(FREE);
    expect([passed.length, warnings.length]).toEqual([2 * FREE + 200, 1]);
    await tryLogins(1);
    expect(warnings).toHaveLength(2);
  });

  test("refuses nobody: when more than 256 wait, the one that waited longest goes on at once", async () => {
    await tryLogins(FREE + 10_000);
    expect(passed).toHaveLength(FREE + 10_000 - 256);
    expect(jest.getTimerCount()).toBe(256);
    await pass(5000);
    expect([passed.length, jest.getTimerCount()]).toEqual([FREE + 10_000, 0]);
  });

  test("does not count right passwords", async () => {
    for (let n = 0; n < 3 * FREE; n++) {
      await brake.pass();
      brake.succeeded();
    }
    expect([jest.getTimerCount(), warnings]).toEqual([0, []]);
  });

  test("is released after a window, even when the clock was set back", async () => {
    await tryLogins(FREE + 1);
    clock.advance(-24 * WINDOW_MS);
    await tryLogins(1);
    expect(passed).toContain(FREE);
  });
});

describe("passwords that are tried from many addresses", () => {
  const PEER_HEADER = "x-peer-of-the-test";
  let app: TestApp;

  beforeEach(() => {
    app = createTestApp({
      peerAddress: (request) => request.headers.get(PEER_HEADER) ?? "192.0.2.10",
    });
  });
  afterEach(() => app.close());

  const logIn = (address: string, password: string) =>
    app.fetch("/dashboard/login", form({ password }, { [PEER_HEADER]: address }));

  test("have 160 guesses a window in one /48", async () => {
    const answers = await Promise.all(
      Array.from({ length: 400 }, (_, n) =>
        logIn(`2001:db8:7:${(n << 6).toString(16)}::1`, "guess"),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(160);
    expect(statuses.filter((status) => status === 429)).toHaveLength(240);
  });

  test("are slowed down, and the owner's right password still gets in", async () => {
    for (let n = 0; n < FREE; n++) await logIn(`198.51.100.${n}`, "guess");
    const startedAt = performance.now();
    const slow = Array.from({ length: 20 }, (_, n) => logIn(`203.0.113.${n}`, "guess"));
    const owner = await logIn("192.0.2.1", DASHBOARD_PASSWORD);
    expect(owner.status).toBe(303);
    // The twenty-first over the bound waits 21 times 50 ms; timers may be a little early.
    expect(performance.now() - startedAt).toBeGreaterThan(1000);
    for (const { status } of await Promise.all(slow)) expect(status).toBe(401);
    const logged = app.lines.filter((line) => line.includes("many failed logins"));
    expect(logged.map((line): unknown => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: "warn", failures: FREE }),
    ]);
  });
});
