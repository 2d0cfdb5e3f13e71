import { afterEach, describe, expect, test } from "bun:test";

import { createRandom, type Random } from "../../harness/faults/random.ts";
import type { ChatEvent } from "../../src/conversation/events.ts";
import { Gauge } from "../../src/metrics/gauge.ts";
import { decodeMessage } from "../../src/peers/decode-message.ts";
import { Following } from "../../src/peers/following.ts";
import { createPace } from "../../src/peers/pace.ts";
import { Relay } from "../../src/peers/relay.ts";
import { createLogger } from "../../src/runtime/logger.ts";
import type { StoredTurn } from "../../src/store/turn-store.ts";
import { LiveTurn } from "../../src/turns/live-turn.ts";
import { END_NUMBER, type Turn } from "../../src/turns/turn.ts";
import { FakeBusHub } from "../support/peers/fake-bus.ts";
import { until } from "../support/until.ts";

/** A reader under a bad bus waits for several rounds, which may be short here. */
const PACE = createPace(50);
/** So slow that on a busy machine, too, nothing is asked for again that is only late. */
const CALM_PACE = createPace(500);
/** No round comes while a test runs. */
const STILL_PACE = createPace(60_000);
const OWNER = "owner.1";

/** An owner of turns, a follower on another replica, and what the database says of the turns. */
function createPair(hub: FakeBusHub, pace = PACE) {
  const turns = new Map<string, LiveTurn>();
  const rows = new Map<string, StoredTurn>();
  const [ownerBus, followerBus] = [hub.connect(), hub.connect()];
  const gauges = { served: gauge("served"), followed: gauge("followed") };
  const relay = new Relay({
    bus: ownerBus,
    pace,
    find: (id) => turns.get(id),
    served: gauges.served,
  });
  const stops: string[] = [];
  const looks: string[] = [];
  let isAlive = true;
  const following = new Following({
    store: {
      async findTurn(turnId) {
        looks.push(turnId);
        return rows.get(turnId);
      },
    },
    cluster: { requestStop: async (turnId) => void stops.push(turnId) },
    bus: followerBus,
    log: createLogger({
      level: "silent",
      format: "json",
      secrets: () => [],
      write() {},
      now: Date.now,
    }),
    followed: gauges.followed,
    pace,
    address: "follower",
    isAlive: () => isAlive,
  });
  ownerBus.listen("owner", {
    onMessage(text) {
      const message = decodeMessage(text);
      if (message?.kind === "follow") relay.follow(message.from, message.asks);
      if (message?.kind === "unfollow") relay.unfollow(message.from, message.turnIds);
      if (message?.kind === "stop") turns.get(message.turnId)?.abort("stopped");
    },
    onGap() {},
  });
  followerBus.listen("follower", {
    onMessage(text) {
      const message = decodeMessage(text);
      if (message?.kind === "events") following.take(message);
    },
    onGap: () => following.askForAll(),
  });

  return {
    relay,
    following,
    gauges,
    stops,
    looks,
    die() {
      isAlive = false;
      hub.cutOff("owner");
    },
    /** A turn that its owner generates. */
    begin(id: string): LiveTurn {
      const turn = new LiveTurn({
        id,
        sessionId: "s",
        conversationId: "c",
        abandonedGraceMs: 60_000,
      });
      turns.set(id, turn);
      rows.set(id, stored(id, { status: "streaming", content: "" }));
      return turn;
    },
    end(turn: LiveTurn): void {
      const content = turn.text();
      rows.set(turn.id, stored(turn.id, { status: "complete", content }));
      turn.end({ type: "done", message: content, conversationId: "c", finishReason: "stop" });
    },
    store: (row: StoredTurn) => rows.set(row.turnId, row),
    erase(id: string): void {
      turns.delete(id);
      rows.delete(id);
    },
    /** Forgets an ended turn, as a directory does after a while. */
    forget: (id: string) => turns.delete(id),
    follow(id: string, offersPerson = false): Promise<Turn | undefined> {
      const row = rows.get(id) ?? stored(id, { status: "streaming", content: "" });
      return following.follow(row, offersPerson);
    },
  };
}

const gauge = (name: string) => new Gauge({ name, help: "" });

function stored(
  turnId: string,
  answer: Pick<StoredTurn["answer"], "status" | "content">,
): StoredTurn {
  const message = { id: 2, turnId, role: "assistant", createdAt: 0, ...answer } as const;
  return {
    turnId,
    sessionId: "s",
    conversationId: "c",
    owner: OWNER,
    question: "?",
    answer: answer.status === "complete" ? { ...message, finishReason: "stop" } : message,
  };
}

interface Read {
  /** Each event with its number, as it came. */
  readonly events: (readonly [number: number, event: ChatEvent])[];
  readonly end: Promise<void>;
  close(): void;
}

/** Reads a turn as a stream does. */
function read(turn: Turn, after = 0): Read {
  const events: [number, ChatEvent][] = [];
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const take = () => {
    const batch = reader.take();
    batch.events.forEach((event, i) => events.push([batch.after + i + 1, event]));
    if (!reader.isDone) return;
    reader.close();
    resolve();
  };
  const reader = turn.read(after, { onEvents: take });
  take();
  return { events, end, close: () => reader.close() };
}

const SOURCES = [{ number: 1, title: "Shipping" }];

/** Finds sources in every other turn, says something, thinks anew now and then, and ends. */
async function generate(turn: LiveTurn, random: Random): Promise<void> {
  if (random.between(0, 1) === 1) {
    await Bun.sleep(random.between(0, 20));
    turn.giveSources(SOURCES);
    turn.publish();
  }
  for (let chunk = random.between(1, 30); chunk > 0; chunk--) {
    await Bun.sleep(random.between(0, 6));
    if (random.between(1, 12) === 1) turn.restart();
    for (let tokens = random.between(0, 4); tokens > 0; tokens--)
      turn.append(`${random.between(0, 99)} `);
    turn.publish();
  }
}

/**
 * Every event has its own number, each comes once and in order, and what a restart has made void may be missing.
 * When all messages were lost for long, the end came from the database, with numbers of its own.
 */
function expectToMatch({ events }: Read, whole: Read, after: number): void {
  const own = new Map(whole.events);
  const fromOwner = events.filter(([number]) => number < END_NUMBER - 2);
  let last = after;
  for (const [number, event] of fromOwner) {
    expect(event).toEqual(own.get(number) as ChatEvent);
    if (event.type === "start") expect(number).toBeGreaterThan(last);
    else expect(number).toBe(last + 1);
    last = number;
  }
  const fromDatabase = events.slice(fromOwner.length);
  if (fromDatabase.length === 0) expect(last).toBe(whole.events.at(-1)?.[0] ?? 0);
  else expect(fromDatabase.at(-1)).toEqual([END_NUMBER, whole.events.at(-1)?.[1] as ChatEvent]);
}

let pair: ReturnType<typeof createPair>;
afterEach(() => {
  pair.following.close();
});

describe.each([
  ["that loses nothing", { drops: 0, repeats: 0, lateMs: 0 }],
  ["that loses a third of all messages", { drops: 33, repeats: 0, lateMs: 0 }],
  ["that repeats and reorders them", { drops: 0, repeats: 40, lateMs: 20 }],
  ["that does all of it", { drops: 25, repeats: 25, lateMs: 20 }],
])("over a bus %s", (_, chaos) => {
  test.each([1, 2, 3])(
    "each reader gets every event once, in order, and the end (seed %i)",
    async (seed) => {
      const random = createRandom(seed);
      const hub = new FakeBusHub(seed);
      pair = createPair(hub);
      hub.chaos = chaos;
      await Promise.all(
        Array.from({ length: 12 }, async (_each, i) => {
          const turn = pair.begin(`t_${i}`);
          const whole = read(turn);
          const generated = generate(turn, random);
          const readers: (readonly [Read, number])[] = [];
          for (let count = random.between(1, 3); count > 0; count--) {
            await Bun.sleep(random.between(0, 30));
            const after = random.between(0, turn.lastEventNumber);
            const followed = await pair.follow(turn.id);
            if (followed) readers.push([read(followed, after), after]);
          }
          await generated;
          pair.end(turn);
          for (const [reader, after] of readers) {
            await reader.end;
            expectToMatch(reader, whole, after);
          }
        }),
      );
      await until(() => pair.gauges.served.samples() === "served 0\n");
      expect(pair.gauges.followed.samples()).toBe("followed 0\n");
    },
  );
});

describe("a followed turn", () => {
  test("ends as it is stored when its owner dies, wherever its readers are", async () => {
    pair = createPair(new FakeBusHub());
    const turn = pair.begin("t_1");
    turn.append("one ");
    const followed = await pair.follow("t_1");
    if (!followed) throw new Error("not followed");
    const readers = [read(followed), read(followed, 2)];
    await until(() => readers[0]?.events.length === 2);
    pair.die();
    pair.store(stored("t_1", { status: "interrupted", content: "one two" }));
    await Promise.all(readers.map(({ end }) => end));
    for (const { events } of readers) {
      expect(events.at(-1)).toMatchObject([END_NUMBER, { type: "error", code: "interrupted" }]);
    }
    expect(followed.text()).toBe("one two");
    expect(followed.progressAfter(END_NUMBER)).toBe("nothing more");
  });

  test("offers a person before its end when its owner dies, to whoever has not got the offer", async () => {
    pair = createPair(new FakeBusHub());
    pair.begin("t_1");
    const followed = await pair.follow("t_1", true);
    if (!followed) throw new Error("not followed");
    const readers = [read(followed), read(followed, END_NUMBER - 1)];
    pair.die();
    pair.store(stored("t_1", { status: "interrupted", content: "" }));
    await Promise.all(readers.map(({ end }) => end));
    const [whole, late] = readers.map(({ events }) => events.map(([, { type }]) => type));
    expect(whole?.slice(-2)).toEqual(["handoff", "error"]);
    expect(late).toEqual(["error"]);
  });

  test("that was erased ends as interrupted, and offers no person", async () => {
    pair = createPair(new FakeBusHub());
    pair.begin("t_1");
    const followed = await pair.follow("t_1", true);
    if (!followed) throw new Error("not followed");
    const reader = read(followed);
    pair.erase("t_1");
    pair.relay.unfollow("follower", ["t_1"]);
    await reader.end;
    expect(reader.events.map(([, { type }]) => type)).toEqual(["start", "error"]);
    expect(reader.events.at(-1)?.[1]).toMatchObject({ type: "error", code: "interrupted" });
  });

  test.each([0, 7])(
    "that was erased ends also for whoever has heard nothing of it here (after event %i)",
    async (after) => {
      const hub = new FakeBusHub();
      pair = createPair(hub);
      pair.begin("t_1");
      hub.chaos = { drops: 100, repeats: 0, lateMs: 0 };
      const followed = await pair.follow("t_1");
      if (!followed) throw new Error("not followed");
      const reader = read(followed, after);
      pair.erase("t_1");
      await reader.end;
      expect(reader.events.at(-1)).toMatchObject([END_NUMBER, { code: "interrupted" }]);
    },
  );

  test("does not refuse an event that its reader has got elsewhere before it has arrived here", async () => {
    const hub = new FakeBusHub();
    pair = createPair(hub);
    const turn = pair.begin("t_1");
    const followed = await pair.follow("t_1");
    if (!followed) throw new Error("not followed");
    const reader = read(followed);
    expect(followed.progressAfter(2)).toBe("beyond the end");
    hub.chaos = { drops: 100, repeats: 0, lateMs: 0 };
    turn.append("one");
    turn.publish();
    // The bus is silent: nobody here knows how far the turn is.
    expect((await pair.follow("t_1"))?.progressAfter(2)).toBe("more");
    hub.chaos = { drops: 0, repeats: 0, lateMs: 0 };
    expect((await pair.follow("t_1"))?.progressAfter(2)).toBe("more");
    expect(followed.progressAfter(3)).toBe("beyond the end");
    reader.close();
  });

  test("is asked for once for all of its readers, and dropped when they have left", async () => {
    const hub = new FakeBusHub();
    pair = createPair(hub, CALM_PACE);
    const turn = pair.begin("t_1");
    const [first, second] = await Promise.all([pair.follow("t_1"), pair.follow("t_1")]);
    expect(first).toBe(second as Turn);
    if (!first) throw new Error("not followed");
    const readers = [read(first), read(first)];
    turn.append("one");
    turn.publish();
    await until(() => readers.every(({ events }) => events.length === 2));
    expect(hub.sent.filter((message) => message.startsWith('["f"'))).toHaveLength(1);
    for (const reader of readers) reader.close();
    await until(() => pair.gauges.served.samples() === "served 0\n");
    expect(pair.gauges.followed.samples()).toBe("followed 0\n");
    // Whoever has kept it may read it again.
    const late = read(first);
    turn.append("two");
    turn.publish();
    pair.end(turn);
    await late.end;
    expect(late.events.map(([number]) => number)).toEqual([1, 2, 3, 4]);
  });

  test("that has ended, and that its owner has forgotten, is left to the database", async () => {
    pair = createPair(new FakeBusHub());
    const turn = pair.begin("t_1");
    pair.end(turn);
    expect(await pair.follow("t_1")).toBeDefined();
    pair.forget("t_1");
    expect(await pair.follow("t_1")).toBeUndefined();
    expect(pair.gauges.followed.samples()).toBe("followed 0\n");
  });

  test("ends for those who read it when somebody else learns from the database that it has ended", async () => {
    const hub = new FakeBusHub();
    pair = createPair(hub);
    pair.begin("t_1");
    hub.chaos = { drops: 100, repeats: 0, lateMs: 0 };
    const followed = await pair.follow("t_1");
    if (!followed) throw new Error("not followed");
    const reader = read(followed);
    pair.store(stored("t_1", { status: "complete", content: "one" }));
    expect(await pair.follow("t_1")).toBeUndefined();
    await reader.end;
    expect(reader.events.map(([, { type }]) => type)).toEqual(["start", "token", "done"]);
  });

  test("that its owner does not know yet is asked for again at once", async () => {
    pair = createPair(new FakeBusHub(), createPace(3000));
    pair.store(stored("t_1", { status: "streaming", content: "" }));
    const followed = pair.follow("t_1");
    await until(() => pair.looks.length > 0);
    pair.begin("t_1");
    expect((await followed)?.progressAfter(40)).toBe("beyond the end");
  });

  test("is stopped by its owner", async () => {
    pair = createPair(new FakeBusHub(), STILL_PACE);
    const turn = pair.begin("t_1");
    const followed = await pair.follow("t_1");
    followed?.abort("stopped");
    await until(() => turn.abortReason === "stopped");
    pair.end(turn);
    await followed?.conclusion();
    expect(pair.stops).toEqual([]);
  });

  test("is stopped by way of the database when the bus loses the message", async () => {
    const hub = new FakeBusHub();
    pair = createPair(hub);
    const turn = pair.begin("t_1");
    const followed = await pair.follow("t_1");
    hub.chaos = { drops: 100, repeats: 0, lateMs: 0 };
    followed?.abort("stopped");
    await until(() => pair.stops.length > 0);
    expect(pair.stops).toEqual(["t_1"]);
    pair.end(turn);
    expect(await followed?.conclusion()).toMatchObject({ type: "done" });
  });

  test("whose events come is not looked up in the database", async () => {
    pair = createPair(new FakeBusHub(), CALM_PACE);
    const turn = pair.begin("t_1");
    const followed = await pair.follow("t_1");
    if (!followed) throw new Error("not followed");
    const reader = read(followed);
    // A model that thinks for a while.
    await Bun.sleep(2 * CALM_PACE.lostAfterSilenceMs);
    pair.end(turn);
    await reader.end;
    expect(pair.looks).toEqual([]);
  });
});

test("the turns of one moment share a message to a follower", async () => {
  const hub = new FakeBusHub();
  pair = createPair(hub, STILL_PACE);
  const turns = Array.from({ length: 20 }, (_, i) => pair.begin(`t_${i}`));
  const followed = await Promise.all(turns.map(({ id }) => pair.follow(id)));
  const readers = followed.map((turn) => turn && read(turn));
  hub.sent.length = 0;
  for (const turn of turns) {
    turn.append("one");
    turn.publish();
  }
  await until(() => readers.every((reader) => reader?.events.length === 2));
  expect(hub.sent).toHaveLength(1);
});
