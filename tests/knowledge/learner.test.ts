import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { Learner, type LearnerDeps } from "../../src/knowledge/learner.ts";
import type { SourceReading } from "../../src/knowledge/read-source.ts";
import { createLogger } from "../../src/runtime/logger.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/runtime/time.ts";
import type { KnowledgeSource } from "../../src/store/knowledge-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { StoreUnavailableError } from "../../src/store/unavailable.ts";
import { newSource } from "../support/stored-knowledge.ts";
import { until } from "../support/until.ts";

const NOW = Date.UTC(2026, 10, 1);
const DONE: SourceReading = {
  stored: 1,
  unchanged: 0,
  withoutText: 0,
  removed: 0,
  refused: 0,
  error: undefined,
  hasFailed: false,
};

let store: ReturnType<typeof openSqliteStore>;
let now: number;
const learners: Learner[] = [];

beforeEach(() => {
  store = openSqliteStore(":memory:");
  now = NOW;
});
afterEach(async () => {
  for (const learner of learners.splice(0)) await learner.stop();
  await store.close();
});

function startLearner(deps: Partial<LearnerDeps> = {}): Learner {
  const learner = new Learner({
    store,
    readSource: () => Promise.resolve(DONE),
    knowledge: () => ({ refreshHours: 6 }),
    loop: { isBehind: false },
    log: createLogger({
      level: "silent",
      format: "json",
      secrets: () => [],
      write: () => {},
      now: () => now,
    }),
    now: () => now,
    random: () => 0.5,
    ...deps,
  });
  learners.push(learner);
  return learner;
}

async function addSource(path: string): Promise<number> {
  const uri = `https://example.com/${path}`;
  const { source } = await store.addSource(newSource({ uri, createdAt: NOW, nextAt: NOW }));
  return source.id;
}

/** A reading that lasts until the test ends it, or the signal comes. */
function heldReading() {
  const begun: string[] = [];
  const ends = new Map<string, (reading: SourceReading) => void>();
  const readSource: LearnerDeps["readSource"] = ({ uri }, _deps, signal) => {
    begun.push(uri.slice("https://example.com/".length));
    return new Promise((resolve) => {
      ends.set(uri, resolve);
      signal.addEventListener("abort", () => resolve(DONE));
    });
  };
  const end = (path: string, reading = DONE) => ends.get(`https://example.com/${path}`)?.(reading);
  return { begun, readSource, end };
}

/** The source, once its reading has ended. */
async function ended(id: number): Promise<KnowledgeSource | undefined> {
  await until(async () => (await store.findSource(id))?.endedAt !== undefined);
  return store.findSource(id);
}

describe("a source that is due", () => {
  test("is read, and is due again when the owner wants", async () => {
    const id = await addSource("a");
    startLearner().look();
    expect(await ended(id)).toMatchObject({
      startedAt: NOW,
      endedAt: NOW,
      error: undefined,
      nextAt: NOW + 24 * HOUR_MS,
    });
  });

  test.each([
    [0, 0.95],
    [1, 1.05],
  ])("is read again at a time of its own: %p", async (random, share) => {
    const id = await addSource("a");
    startLearner({ random: () => random }).look();
    expect((await ended(id))?.nextAt).toBe(NOW + share * 24 * HOUR_MS);
  });

  test("is read again as the settings say, when its owner does not say otherwise", async () => {
    const id = await addSource("a");
    await store.changeSource(id, { everyHours: "default" });
    startLearner().look();
    expect((await ended(id))?.nextAt).toBe(NOW + 6 * HOUR_MS);
  });

  test("is read once when nobody wants it read again", async () => {
    const id = await addSource("a");
    await store.changeSource(id, { everyHours: undefined });
    startLearner().look();
    expect((await ended(id))?.nextAt).toBeUndefined();
  });

  test("and cannot be read is tried again after an hour", async () => {
    const id = await addSource("a");
    const failed = { ...DONE, hasFailed: true, error: "The server fails." };
    startLearner({ readSource: () => Promise.resolve(failed) }).look();
    expect(await ended(id)).toMatchObject({ error: "The server fails.", nextAt: NOW + HOUR_MS });
  });

  test("and is cut off by a fault of the server is tried again after an hour", async () => {
    const id = await addSource("a");
    startLearner({ readSource: () => Promise.reject(new Error("disk full")) }).look();
    expect(await ended(id)).toMatchObject({
      error: "The reading was cut off by a fault of the server, which is in its log.",
      nextAt: NOW + HOUR_MS,
    });
  });

  test("and is cut off by an outage of the database is tried again after a minute", async () => {
    const id = await addSource("a");
    const outage = new StoreUnavailableError("PostgreSQL is not available.");
    startLearner({ readSource: () => Promise.reject(outage) }).look();
    expect(await ended(id)).toMatchObject({
      error:
        "The reading was cut off because the database did not answer. It begins again in a minute.",
      nextAt: NOW + MINUTE_MS,
    });
  });

  test("is read by one of several replicas", async () => {
    await addSource("a");
    const held = heldReading();
    const replicas = [startLearner(held), startLearner(held), startLearner(held)];
    for (const replica of replicas) replica.look();
    await until(() => held.begun.length > 0);
    for (const replica of replicas) replica.look();
    await Promise.all(replicas.map((replica) => replica.stop()));
    expect(held.begun).toEqual(["a"]);
  });

  test("is taken over from a replica that has died", async () => {
    const id = await addSource("a");
    await store.claimSource({ owner: "dead", now, until: now + 2 * MINUTE_MS });
    const held = heldReading();
    const learner = startLearner(held);
    learner.look();
    await addSource("b");
    learner.look();
    await until(() => held.begun.length > 0);
    expect(held.begun).toEqual(["b"]);
    now += 2 * MINUTE_MS;
    learner.look();
    await until(() => held.begun.includes("a"));
    held.end("a");
    await ended(id);
  });

  test("need not wait for a slow one, and no more than three are read at a time", async () => {
    for (const path of ["a", "b", "c", "d"]) await addSource(path);
    const held = heldReading();
    startLearner(held).look();
    await until(() => held.begun.length === 3);
    held.end("b");
    await until(() => held.begun.length === 4);
    expect(held.begun).toEqual(["a", "b", "c", "d"]);
  });
});

describe("a reading", () => {
  test("that the server cuts off when it stops begins again at the next start", async () => {
    const id = await addSource("a");
    const held = heldReading();
    const learner = startLearner(held);
    learner.look();
    await until(() => held.begun.length > 0);
    await learner.stop();
    const source = await store.findSource(id);
    expect(source?.nextAt).toBe(NOW);
    expect(source?.error).toStartWith("The reading was cut off when the server stopped.");
    startLearner(held).look();
    await until(() => held.begun.length === 2);
  });

  test("waits while the event loop is behind", async () => {
    await addSource("a");
    const loop = { isBehind: true };
    const steps: string[] = [];
    startLearner({
      loop,
      readSource: async (_source, { isFree }) => {
        steps.push("begun");
        await isFree();
        steps.push("free");
        return DONE;
      },
    }).look();
    await until(() => steps.length > 0);
    expect(steps).toEqual(["begun"]);
    loop.isBehind = false;
    await until(() => steps.length === 2);
  });
});
