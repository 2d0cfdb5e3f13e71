import { afterEach, expect, test } from "bun:test";

import { ClusterMetrics } from "../../src/metrics/cluster-metrics.ts";
import { Metrics } from "../../src/metrics/metrics.ts";
import { Membership } from "../../src/peers/membership.ts";
import { createPace } from "../../src/peers/pace.ts";
import { createLogger } from "../../src/runtime/logger.ts";
import type { Beat, ClusterStore } from "../../src/store/cluster-store.ts";
import { StoreUnavailableError } from "../../src/store/unavailable.ts";
import { until } from "../support/until.ts";

const PACE = createPace(40);
const ALIVE: Beat = {
  isAlive: true,
  others: new Map(),
  stops: [],
  read: [],
  versions: { settings: 0, knowledge: 0 },
  hasOrphans: false,
};

let membership: Membership;
afterEach(() => membership.leave());

/** A place among the replicas of a database that answers as the test says. Notes the calls. */
async function enter(answers: Partial<ClusterStore>) {
  const calls: string[] = [];
  const fenced: string[] = [];
  const metrics = new Metrics();
  const cluster: ClusterStore = {
    enter: async () => {},
    beat: async () => ALIVE,
    bury: async () => true,
    sweep: async () => 0,
    requestStop: async () => {},
    listReplicas: async () => [],
    leave: async () => {},
    ...answers,
  };
  const noted = new Proxy(cluster, {
    get(target, name: keyof ClusterStore) {
      return (...args: unknown[]) => {
        calls.push(`${name} ${typeof args[0] === "object" ? Object(args[0]).id : args[0]}`);
        return Reflect.apply(target[name], target, args);
      };
    },
  });
  membership = new Membership({
    cluster: noted,
    address: "a",
    pace: PACE,
    log: createLogger({
      level: "silent",
      format: "json",
      secrets: () => [],
      write() {},
      now: Date.now,
    }),
    metrics: new ClusterMetrics(metrics),
    now: Date.now,
    news: () => ({ announced: 0, reading: [] }),
    onBeat: () => {},
    onSwept: () => calls.push("swept"),
    onFenced: () => fenced.push(membership.self),
  });
  await membership.enter();
  return { calls, fenced, metrics: () => metrics.write() };
}

test("a replica enters again when a busy database has not answered in time, and not when it is refused", async () => {
  let attempts = 0;
  const { calls } = await enter({
    async enter() {
      if (++attempts < 3) throw new StoreUnavailableError("It did not answer in time.");
    },
  });
  expect(calls.slice(0, 4)).toEqual(["enter a.1", "enter a.1", "enter a.1", "beat a.1"]);
  const refused = enter({ enter: () => Promise.reject(new Error("There is no such table.")) });
  expect(await refused.catch(String)).toBe("Error: There is no such table.");
});

test("a replica that was declared dead goes on under a new name, once the database takes it", async () => {
  let attempts = 0;
  const { calls, fenced, metrics } = await enter({
    async enter({ id }) {
      if (id === "a.2" && ++attempts < 3) throw new Error("The database is away.");
    },
    beat: async (self) => ({ ...ALIVE, isAlive: self !== "a.1" }),
  });
  await until(() => calls.filter((call) => call === "beat a.2").length > 1);
  expect(fenced).toEqual(["a.2"]);
  expect(membership.self).toBe("a.2");
  expect(membership.isAlive("a.1")).toBe(false);
  // It waits a beat between two attempts.
  expect(calls.slice(0, 6)).toEqual([
    "enter a.1",
    "beat a.1",
    "enter a.2",
    "enter a.2",
    "enter a.2",
    "beat a.2",
  ]);
  expect(metrics()).toContain('chatporch_replica_beats_total{outcome="fenced"} 1\n');
  expect(metrics()).toContain('chatporch_replica_beats_total{outcome="failed"} 2\n');
});

test("a replica that is silent for five beats is buried, and its answers are ended", async () => {
  const others = new Map([["b.1", { beat: 7, announced: 0 }]]);
  const { calls, metrics } = await enter({
    beat: async () => ({ ...ALIVE, others }),
    async bury(id) {
      return others.delete(id);
    },
  });
  await until(() => calls.includes("swept"));
  expect(calls.filter((call) => !call.startsWith("beat"))).toEqual([
    "enter a.1",
    "bury b.1",
    "sweep undefined",
    "swept",
  ]);
  expect(metrics()).toContain("chatporch_replicas_buried_total 1\n");
  await until(() => metrics().includes("chatporch_replicas_alive 1\n"));
});

test("a sweep that takes long does not hold up the beats, and runs once at a time", async () => {
  const slow = Promise.withResolvers<number>();
  const { calls } = await enter({
    beat: async () => ({ ...ALIVE, hasOrphans: true }),
    sweep: () => slow.promise,
  });
  await until(() => calls.filter((call) => call === "beat a.1").length > 4);
  expect(calls.filter((call) => call.startsWith("sweep"))).toHaveLength(1);
  slow.resolve(1);
  await until(() => calls.includes("swept"));
});

test("nobody is buried while the database is away", async () => {
  let isAway = false;
  const { calls } = await enter({
    async beat() {
      if (isAway) throw new Error("The database is away.");
      return { ...ALIVE, others: new Map([["b.1", { beat: 7, announced: 0 }]]) };
    },
  });
  isAway = true;
  await until(() => calls.length > 12);
  expect(calls.filter((call) => call.startsWith("bury"))).toEqual([]);
});

test("a replica leaves although the database is silent", async () => {
  const { calls } = await enter({ leave: () => new Promise(() => {}) });
  await membership.leave();
  const beats = calls.length;
  await Bun.sleep(3 * PACE.beatMs);
  expect(calls).toHaveLength(beats);
});
