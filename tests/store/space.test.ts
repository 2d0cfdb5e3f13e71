import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { StoreSpace } from "../../src/store/space.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { askAsOwner, readList } from "../support/admin-requests.ts";
import { openDashboard } from "../support/dashboard-requests.ts";
import { storeExchange } from "../support/stored-turns.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

/** The database has reached its largest allowed size. */

describe("StoreSpace", () => {
  let usedBytes: number;
  let clock: number;
  let lines: string[];
  let looks: number;

  function start(): StoreSpace {
    const store = {
      async usedBytes() {
        looks += 1;
        return usedBytes;
      },
    };
    const log = {
      warn: (message: string) => void lines.push(`warn ${message}`),
      error: (message: string) => void lines.push(`error ${message}`),
    };
    return new StoreSpace({ store, maxBytes: 1000, log, monotonic: () => clock });
  }

  beforeEach(() => {
    [usedBytes, clock, lines, looks] = [0, 0, [], 0];
  });

  test("warns the owner once from 80 % on, and once more when it is full", async () => {
    const space = start();
    for (usedBytes = 700; usedBytes <= 1100; usedBytes += 10) await space.look();
    expect(lines).toEqual([
      "warn the database is nearly full (MAX_DATABASE_MB)",
      "error the database is full (MAX_DATABASE_MB): questions are refused",
    ]);
    expect(space.isFull).toBe(true);
    usedBytes = 700;
    await space.look();
    expect(space.isFull).toBe(false);
    usedBytes = 900;
    await space.look();
    expect(lines).toHaveLength(3);
  });

  test("checks the database's size once a second, however many questions come", async () => {
    const space = start();
    await space.look();
    const before = looks;
    for (let n = 0; n < 1000; n++) void space.isFull;
    expect(looks).toBe(before);
    clock += 1000;
    usedBytes = 2000;
    for (let n = 0; n < 1000; n++) void space.isFull;
    expect(looks).toBe(before + 1);
    await Promise.resolve();
    await Promise.resolve();
    expect(space.isFull).toBe(true);
  });

  test("logs that the size could not be read, and refuses no question because of it", async () => {
    const store = { usedBytes: () => Promise.reject(new Error("the disk is gone")) };
    const log = { warn() {}, error: (message: string) => void lines.push(message) };
    const space = new StoreSpace({ store, maxBytes: 1000, log, monotonic: () => clock });
    await space.look();
    expect(space.isFull).toBe(false);
    expect(lines[0]).toBe("the size of the database could not be read");
  });
});

describe("a full database", () => {
  let app: TestApp;
  let store: Store;

  beforeEach(async () => {
    store = openSqliteStore(":memory:");
    for (let n = 0; n < 8; n++) {
      await storeExchange(store, { sessionId: `v${n}`, answer: "x".repeat(50_000) });
    }
    const maxBytes = (await store.usedBytes()) - 100_000;
    app = createTestApp({ store, config: { database: { maxBytes } } });
    // The app has started the first check.
    await Promise.resolve();
  });
  afterEach(() => app.close());

  const ask = (sessionId: string) =>
    app.fetch("/v1/chat", chatRequest({ sessionId, message: "Do you deliver?" }));

  test("refuses new questions and nothing else, until something is erased", async () => {
    const refused = await ask("v0");
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: "database_full" });
    expect((await app.fetch("/ready")).status).toBe(200);

    const { conversations, total } = await readList(app);
    expect(total).toBe(8);
    const headers = { "x-admin-api-key": "admin-key-for-tests-01234567890" };
    for (const { id } of conversations.slice(0, 4)) {
      expect((await askAsOwner(app, `/${id}`, { method: "DELETE", headers })).status).toBe(204);
    }
    // The space of erased rows is free, although the file is as large as before.
    // A page of the dashboard checks the size again.
    await openDashboard(app);
    expect((await ask("v9")).status).toBe(200);
  });

  test("is shown on the dashboard", async () => {
    const owner = await openDashboard(app);
    for (const path of ["/dashboard", "/dashboard/setup"]) {
      // A failing comparison of the page itself would print all of it.
      const { body } = await owner.get(path);
      expect(body.includes("The database has reached MAX_DATABASE_MB")).toBe(true);
    }
  });
});
