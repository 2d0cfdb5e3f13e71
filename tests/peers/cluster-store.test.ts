import { afterEach, beforeEach, expect, test } from "bun:test";

import type { ClusterStore } from "../../src/store/cluster-store.ts";
import type { Store } from "../../src/store/store.ts";
import { forEachDatabase } from "../support/peers/databases.ts";
import { settingsChange } from "../support/stored-settings.ts";
import { begin, newTurn, outcome } from "../support/stored-turns.ts";

const NOTHING = { announced: 0, reading: [] };

let store: Store;
let cluster: ClusterStore;

async function enter(...ids: string[]): Promise<void> {
  for (const [i, id] of ids.entries()) {
    await cluster.enter({ id, host: `host-${i}`, version: "1.2.3", startedAt: 1000 + i });
  }
}

async function beginOf(owner: string): Promise<string> {
  const turn = newTurn({ owner, sessionId: crypto.randomUUID() });
  await begin(store, turn);
  return turn.turnId;
}

async function statusOf(turnId: string): Promise<string | undefined> {
  return (await store.findTurn(turnId))?.answer.status;
}

forEachDatabase((open) => {
  beforeEach(async () => {
    ({ store, cluster } = await open());
  });
  afterEach(() => store.close());

  test("a beat raises the own counter and returns those of the others", async () => {
    await enter("a.1", "b.1");
    await cluster.beat("a.1", NOTHING);
    await cluster.beat("a.1", { announced: 7, reading: [] });
    const beat = await cluster.beat("b.1", NOTHING);
    expect(beat).toEqual({
      isAlive: true,
      others: new Map([["a.1", { beat: 2, announced: 7 }]]),
      stops: [],
      read: [],
      versions: { settings: 0, knowledge: 0 },
      hasOrphans: false,
    });
    expect(await cluster.listReplicas()).toEqual([
      { id: "a.1", host: "host-0", version: "1.2.3", startedAt: 1000, beat: 2 },
      { id: "b.1", host: "host-1", version: "1.2.3", startedAt: 1001, beat: 1 },
    ]);
  });

  test("a beat says which version the owner's settings have", async () => {
    await enter("a.1");
    expect(await cluster.beat("a.1", NOTHING)).toMatchObject({ versions: { settings: 0 } });
    await store.changeSettings(settingsChange());
    await store.changeSettings(settingsChange({ expectedVersion: 1 }));
    expect(await cluster.beat("a.1", NOTHING)).toMatchObject({ versions: { settings: 2 } });
  });

  test("a replica is buried once, and only while its counter stands still", async () => {
    await enter("a.1", "b.1", "c.1");
    await cluster.beat("a.1", NOTHING);
    expect(await cluster.bury("a.1", 0)).toBe(false);
    const both = await Promise.all([cluster.bury("a.1", 1), cluster.bury("a.1", 1)]);
    expect(both.toSorted()).toEqual([false, true]);
    expect((await cluster.beat("a.1", NOTHING)).isAlive).toBe(false);
    expect((await cluster.listReplicas()).map(({ id }) => id)).toEqual(["b.1", "c.1"]);
  });

  test("only the answers of replicas that are dead or have left are ended, with the text of their drafts", async () => {
    await enter("a.1", "b.1", "c.1");
    const [dead, left, alive] = [await beginOf("a.1"), await beginOf("b.1"), await beginOf("c.1")];
    await store.saveDrafts([{ turnId: dead, content: "Half of" }]);
    expect((await cluster.beat("c.1", NOTHING)).hasOrphans).toBe(false);
    await cluster.bury("a.1", 0);
    await cluster.leave("b.1");
    expect((await cluster.beat("c.1", NOTHING)).hasOrphans).toBe(true);
    const swept = await Promise.all([cluster.sweep(), cluster.sweep()]);
    expect(swept[0] + swept[1]).toBe(2);
    expect(await Promise.all([dead, left, alive].map(statusOf))).toEqual([
      "interrupted",
      "interrupted",
      "streaming",
    ]);
    expect((await store.findTurn(dead))?.answer.content).toBe("Half of");
    expect((await cluster.beat("c.1", NOTHING)).hasOrphans).toBe(false);
  });

  test("an answer that begins after its owner's burial is an orphan, which is ended", async () => {
    await enter("a.1", "b.1");
    await cluster.bury("a.1", 0);
    await cluster.sweep();
    const late = await beginOf("a.1");
    expect((await cluster.beat("b.1", NOTHING)).hasOrphans).toBe(true);
    expect(await cluster.sweep()).toBe(1);
    expect(await statusOf(late)).toBe("interrupted");
    // Its owner wakes up, and finds that it owns nothing any more.
    expect(await store.finishTurn(late, outcome())).toBe(false);
    expect(await statusOf(late)).toBe("interrupted");
  });

  test("an owner learns which of its answers should stop, and which are read elsewhere", async () => {
    await enter("a.1", "b.1");
    const [stopped, read, other] = [
      await beginOf("a.1"),
      await beginOf("a.1"),
      await beginOf("b.1"),
    ];
    await cluster.requestStop(stopped);
    await cluster.requestStop("t_unknown");
    await cluster.beat("b.1", { announced: 0, reading: [read, other, "t_unknown"] });
    expect(await cluster.beat("a.1", NOTHING)).toMatchObject({ stops: [stopped], read: [read] });
    await store.finishTurn(stopped, outcome());
    await cluster.beat("b.1", NOTHING);
    expect(await cluster.beat("a.1", NOTHING)).toMatchObject({ stops: [], read: [] });
  });

  test("to enter twice under one name changes nothing", async () => {
    await enter("a.1");
    await cluster.beat("a.1", NOTHING);
    await enter("a.1");
    expect((await cluster.listReplicas()).map(({ beat }) => beat)).toEqual([1]);
  });
});
