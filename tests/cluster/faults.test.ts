import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";

import { readThread } from "../../harness/chat-requests.ts";
import { type Cluster, type Replica, startCluster } from "../../harness/cluster.ts";
import { parseExposition } from "../../harness/exposition.ts";
import { UNLIMITED } from "../../harness/faults/campaign.ts";
import { cleanUp } from "../../harness/process.ts";
import { startRedis } from "../../harness/redis.ts";
import { answerAsAsked } from "../../harness/scripted-answers.ts";
import type { SseMessage } from "../../harness/streams.ts";
import { END_NUMBER } from "../../src/turns/turn.ts";
import { hasServers } from "./servers.ts";
import {
  expectWhole,
  lastEvent,
  listen,
  type Listening,
  longestGap,
  newQuestion,
  newVisitor,
  type TestQuestion,
  tokensOf,
  turnIdIn,
  type Visitor,
} from "./visitor.ts";

/**
 * What each fault of the failure table in docs/scaling.md does to the visitor who asked, to a reader at another
 * replica and to the next question, with the bounds that are promised.
 */

setDefaultTimeout(60_000);

const TOLD_INTERRUPTED_MS = 7000;
const REFUSED_MS = 3500;
const RECOVERED_MS = 3000;
const STOPPED_BY_DATABASE_MS = 2500;
/** The longest that a reader at the replica that generates may wait for a token while Redis is away. */
const LOCAL_GAP_MS = 250;
/** A reader at another replica gets the end from the database this long after the owner has stored it. */
const TOLD_BY_DATABASE_MS = 2500;
/** Partial text is stored at least once a second (docs/contract.md, section 4). */
const UNSAVED_MS = 1000;
const SHORT_MS = 3000;
const LONG_MS = 8000;

let cluster: Cluster;
let owner: Replica;
let other: Replica;
let third: Replica;

/** An answer of `owner`, which its asker and a reader at `other` follow. */
interface Followed {
  readonly visitor: Visitor;
  readonly question: TestQuestion;
  readonly turnId: string;
  readonly asker: Listening;
  readonly reader: Listening;
}

const PAUSE_MS = 15;

async function follow(lengthMs: number): Promise<Followed> {
  const visitor = await newVisitor(third.url);
  const question = newQuestion(Math.ceil(lengthMs / PAUSE_MS), PAUSE_MS);
  const asker = listen(await visitor.ask(owner.url, question));
  await asker.until(3);
  const turnId = turnIdIn(asker.events);
  const reader = listen(await visitor.resume(other.url, turnId));
  await reader.until(5);
  return { visitor, question, turnId, asker, reader };
}

async function timed<T>(work: Promise<T>): Promise<{ readonly result: T; readonly ms: number }> {
  const startedAt = performance.now();
  const result = await work;
  return { result, ms: performance.now() - startedAt };
}

async function expectAnswered(...replicas: readonly Replica[]): Promise<void> {
  await Promise.all(
    replicas.map(async ({ url }) => {
      const visitor = await newVisitor(url);
      const question = newQuestion(2, 1);
      expectWhole(await listen(await visitor.ask(url, question)).end, question);
    }),
  );
}

/**
 * The reader was told the right end, after the events in order, or by the database in their place: then with the
 * last numbers that there are.
 */
function expectTold(events: readonly SseMessage[], { answer }: TestQuestion): void {
  const numbers = events.map(({ id }) => Number(id));
  const fromOwner = numbers.filter((number) => number <= END_NUMBER - numbers.length);
  const stored = END_NUMBER - numbers.length + 1;
  const expected = numbers.map((_, index) => (index < fromOwner.length ? 1 : stored) + index);
  expect(numbers).toEqual(expected);
  expect(answer).toStartWith(tokensOf(events).trim());
  expect(lastEvent(events)).toMatchObject({ type: "done", message: answer });
}

function expectInterrupted(events: readonly SseMessage[], code = "interrupted"): void {
  expect(lastEvent(events)).toMatchObject({ type: "error", code });
}

/** The answer is stored as interrupted, with what had come a second before the moment. */
async function expectStoredUntil(
  at: number,
  { visitor, question, asker }: Followed,
): Promise<string> {
  const [, answer] = await readThread(third.url, visitor.sessionId);
  expect(answer?.status).toBe("interrupted");
  const saved = asker.events.filter((_, index) => (asker.times[index] ?? at) < at - UNSAVED_MS);
  expect(answer?.content).toStartWith(tokensOf(saved).trim());
  expect(question.answer).toStartWith(answer?.content ?? "nothing");
  return answer?.content ?? "";
}

/** Asks again until the session's last answer has an end. Resolves with how long that took. */
async function untilAnswered(visitor: Visitor, url: string): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const question = newQuestion(2, 1);
    const response = await visitor.ask(url, question);
    if (response.status === 200) {
      expectWhole(await listen(response).end, question);
      return performance.now() - startedAt;
    }
    expect(response.status).toBe(409);
    await Bun.sleep(100);
  }
}

async function isBusUp({ url }: Replica): Promise<boolean> {
  const { values } = parseExposition(await (await fetch(`${url}/metrics`)).text());
  return values.get("chatporch_bus_up") === 1;
}

async function untilBusIsUp(): Promise<void> {
  const startedAt = performance.now();
  for (const replica of cluster.replicas) {
    while (!(await isBusUp(replica))) {
      expect(performance.now() - startedAt).toBeLessThan(RECOVERED_MS);
      await Bun.sleep(20);
    }
  }
}

/** All is well again soon: the bus carries tokens and stops at once. */
async function expectRecovered(): Promise<void> {
  await untilBusIsUp();
  const { visitor, turnId, asker, reader } = await follow(60_000);
  const stopped = await timed(visitor.stop(third.url, turnId));
  expect(stopped.result.status).toBe(200);
  expect(stopped.ms).toBeLessThan(STOPPED_BY_DATABASE_MS / 2);
  for (const { end } of [asker, reader]) {
    expect(lastEvent(await end)).toMatchObject({ finishReason: "stopped" });
  }
}

describe.skipIf(!hasServers)("with three replicas,", () => {
  beforeAll(async () => {
    cluster = await startCluster({
      script: answerAsAsked,
      settings: { ...UNLIMITED, TRUST_PROXY: "1" },
    });
    const [first, second, last] = cluster.replicas;
    if (!first || !second || !last) throw new Error("There are not three replicas.");
    [owner, other, third] = [first, second, last];
  });
  afterEach(() => cluster?.heal());
  afterAll(async () => {
    await cluster?.stop();
    await cleanUp();
  });

  describe("a replica", () => {
    test("that is killed has its answer told as interrupted in 7 s, and its session goes on", async () => {
      const followed = await follow(60_000);
      const { visitor, turnId, asker, reader } = followed;
      await asker.until(150);
      const killedAt = performance.now();
      await owner.kill();
      await asker.end;
      expect((await visitor.ask(third.url, newQuestion(1, 1))).status).toBe(409);
      const resumed = listen(await visitor.resume(third.url, turnId, asker.events.length));

      const answered = untilAnswered(visitor, third.url);
      for (const { end } of [reader, resumed]) expectInterrupted(await end);
      expect(performance.now() - killedAt).toBeLessThan(TOLD_INTERRUPTED_MS);
      await answered;
      expect(performance.now() - killedAt).toBeLessThan(TOLD_INTERRUPTED_MS);
      await expectStoredUntil(killedAt, followed);
      expect(reader.events.length).toBeGreaterThan(100);
    });

    test("that is frozen for 3 s pauses its answer, which both readers then get whole", async () => {
      const { question, asker, reader } = await follow(1500);
      owner.pause();
      await Bun.sleep(SHORT_MS);
      owner.resume();
      expectWhole(await asker.end, question);
      expectWhole(await reader.end, question);
    });

    test("that is frozen for 8 s loses its answer to the others, and changes nothing when it wakes up", async () => {
      const followed = await follow(60_000);
      const { visitor, asker, reader } = followed;
      await asker.until(150);
      const frozenAt = performance.now();
      owner.pause();
      expectInterrupted(await reader.end);
      expect(performance.now() - frozenAt).toBeLessThan(TOLD_INTERRUPTED_MS);
      const content = await expectStoredUntil(frozenAt, followed);
      await untilAnswered(visitor, third.url);
      await Bun.sleep(LONG_MS - (performance.now() - frozenAt));
      owner.resume();
      expectInterrupted(await asker.end);
      expect((await readThread(third.url, visitor.sessionId))[1]).toMatchObject({
        status: "interrupted",
        content,
      });
      await owner.ready();
      await expectAnswered(owner);
    });

    test("that ends in good order finishes its answer for both readers", async () => {
      const { question, asker, reader } = await follow(2000);
      const exitCode = owner.stop();
      expectWhole(await asker.end, question);
      expectWhole(await reader.end, question);
      expect(await exitCode).toBe(0);
      await owner.start();
    });

    test("that ends before its answer has the answer told as interrupted, at once", async () => {
      await owner.stop();
      await owner.start({ SHUTDOWN_GRACE_MS: "300" });
      await owner.ready();
      const { visitor, asker, reader } = await follow(60_000);
      const { ms } = await timed(owner.stop());
      expectInterrupted(await asker.end, "draining");
      expectInterrupted(await reader.end, "draining");
      expect(ms).toBeLessThan(RECOVERED_MS);
      await untilAnswered(visitor, third.url);
    });
  });

  /** A fault of Redis begins, and ends when the returned function is called. */
  type RedisFault = () => Promise<() => Promise<void> | void>;

  const redis = (...command: string[]) =>
    cluster.redis.command(command[0] ?? "", ...command.slice(1));
  const instantly = (work: () => Promise<unknown>): RedisFault => {
    return async () => {
      await work();
      return () => {};
    };
  };

  const REDIS_FAULTS: readonly (readonly [string, RedisFault])[] = [
    [
      "killed, and comes back empty",
      async () => {
        await cluster.redis.kill();
        return () => cluster.redis.start();
      },
    ],
    [
      "frozen",
      async () => {
        cluster.redis.pause();
        return () => cluster.redis.resume();
      },
    ],
    ["emptied", instantly(() => redis("FLUSHALL"))],
    [
      "out of memory",
      async () => {
        await redis("CONFIG", "SET", "maxmemory", "1");
        return async () => void (await redis("CONFIG", "SET", "maxmemory", "0"));
      },
    ],
    [
      "cutting all clients",
      instantly(async () => {
        await redis("CLIENT", "KILL", "TYPE", "pubsub");
        await redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      }),
    ],
    [
      "demoted to a replica of another",
      async () => {
        const master = await startRedis();
        await redis("REPLICAOF", "127.0.0.1", `${master.port}`);
        return async () => {
          await redis("REPLICAOF", "NO", "ONE");
          await master.stop();
        };
      },
    ],
    [
      "refusing new clients, after it has cut the old ones",
      async () => {
        await redis("CONFIG", "SET", "maxclients", "1");
        await redis("CLIENT", "KILL", "TYPE", "pubsub");
        await redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        return async () => void (await redis("CONFIG", "SET", "maxclients", "1000"));
      },
    ],
    [
      "silent to the replica that answers",
      async () => {
        owner.toRedis.silence();
        return () => owner.toRedis.heal();
      },
    ],
    [
      "refused to the reader's replica",
      async () => {
        other.toRedis.refuse();
        return () => other.toRedis.heal();
      },
    ],
  ];

  test.each(REDIS_FAULTS)(
    "while Redis is %s, tokens come as ever, questions are answered, and no reader misses a word",
    async (_name, begin) => {
      const { question, asker, reader } = await follow(SHORT_MS + 1000);
      const end = await begin();
      const { ms } = await timed(expectAnswered(owner, other, third));
      expect(ms).toBeLessThan(RECOVERED_MS);
      await Bun.sleep(SHORT_MS - ms);
      await end();
      expectWhole(await asker.end, question);
      expect(longestGap(asker)).toBeLessThan(LOCAL_GAP_MS);
      expectTold(await reader.end, question);
      await expectRecovered();
    },
  );

  test("a replica without Redis tells its reader the end from the database, and stops through it", async () => {
    const { question, asker, reader } = await follow(2500);
    other.toRedis.silence();
    expectWhole(await asker.end, question);
    const { ms } = await timed(reader.end);
    expect(ms).toBeLessThan(TOLD_BY_DATABASE_MS);
    expectTold(reader.events, question);

    const visitor = await newVisitor(owner.url);
    const asked = listen(await visitor.ask(owner.url, newQuestion(4000, PAUSE_MS)));
    await asked.until(3);
    const stopped = await timed(visitor.stop(other.url, turnIdIn(asked.events)));
    expect(stopped.ms).toBeLessThan(STOPPED_BY_DATABASE_MS + TOLD_BY_DATABASE_MS);
    expect(await stopped.result.json()).toMatchObject({ finishReason: "stopped" });
    expect(lastEvent(await asked.end)).toMatchObject({ finishReason: "stopped" });
  });

  test("replicas on two Redis servers tell a reader the end from the database, until they are on one again", async () => {
    const elsewhere = await startRedis();
    const { targetPort } = other.toRedis;
    other.toRedis.targetPort = elsewhere.port;
    other.toRedis.cut();
    try {
      await untilBusIsUp();
      const visitor = await newVisitor(owner.url);
      const question = newQuestion(60, PAUSE_MS);
      const asker = listen(await visitor.ask(owner.url, question));
      await asker.until(3);
      const reader = listen(await visitor.resume(other.url, turnIdIn(asker.events)));
      expectWhole(await asker.end, question);
      const { ms } = await timed(reader.end);
      expect(ms).toBeLessThan(TOLD_BY_DATABASE_MS);
      expectTold(reader.events, question);
    } finally {
      other.toRedis.targetPort = targetPort;
      await elsewhere.stop();
    }
    await expectRecovered();
  });

  test.each(["immediate", "fast"] as const)(
    "a restart of PostgreSQL (%s) loses nothing, and the questions of that moment are answered",
    async (mode) => {
      const { visitor, question, asker, reader } = await follow(2500);
      const restarted = cluster.postgres.restart(mode);
      await expectAnswered(owner, other, third);
      await restarted;
      expectWhole(await asker.end, question);
      expectWhole(await reader.end, question);
      const [, answer] = await readThread(third.url, visitor.sessionId);
      expect(answer).toMatchObject({ status: "complete", content: question.answer });
    },
  );

  test("while PostgreSQL is silent, answers go on, questions are refused in 3.5 s, and no answer is lost", async () => {
    const { visitor, question, asker, reader } = await follow(LONG_MS / 2);
    cluster.postgres.freeze();
    const frozenAt = performance.now();
    const refused = await timed(visitor.ask(third.url, newQuestion(1, 1)));
    expect(refused.ms).toBeLessThan(REFUSED_MS);
    await expectUnavailable(refused.result);
    for (const { url } of cluster.replicas) expect((await fetch(`${url}/ready`)).status).toBe(503);
    for (const { end } of [asker, reader]) {
      const events = await end;
      expect(lastEvent(events)).toMatchObject({ type: "error", code: "internal_error" });
      expect(tokensOf(events).trim()).toBe(question.answer);
    }
    expect(longestGap({ ...asker, times: asker.times.slice(0, -1) })).toBeLessThan(LOCAL_GAP_MS);
    await Bun.sleep(LONG_MS - (performance.now() - frozenAt));
    cluster.postgres.thaw();
    const { ms } = await timed(Promise.all(cluster.replicas.map((replica) => replica.ready())));
    expect(ms).toBeLessThan(RECOVERED_MS);
    await untilAnswered(visitor, other.url);
    const [, answer] = await readThread(third.url, visitor.sessionId);
    expect(answer).toMatchObject({ status: "complete", content: question.answer });
  });

  test("while PostgreSQL has no disk left, answers go on, questions are refused, and no answer is lost", async () => {
    const { visitor, question, asker, reader } = await follow(1500);
    await cluster.asDatabaseOwner(
      `CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE 'No space left on device' USING ERRCODE = 'disk_full'; END $$;
       CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON messages EXECUTE FUNCTION is_full()`,
    );
    const refused = await timed(visitor.ask(third.url, newQuestion(1, 1)));
    expect(refused.ms).toBeLessThan(REFUSED_MS);
    // The session's answer is under way, which is found before anything is written.
    expect(refused.result.status).toBe(409);
    const stranger = await newVisitor(third.url);
    await expectUnavailable(await stranger.ask(third.url, newQuestion(1, 1)));
    for (const { end } of [asker, reader]) {
      expect(lastEvent(await end)).toMatchObject({ type: "error", code: "internal_error" });
    }
    await cluster.asDatabaseOwner("DROP TRIGGER full_disk ON messages; DROP FUNCTION is_full()");
    const { ms } = await timed(untilAnswered(visitor, other.url));
    expect(ms).toBeLessThan(RECOVERED_MS);
    const [, answer] = await readThread(third.url, visitor.sessionId);
    expect(answer).toMatchObject({ status: "complete", content: question.answer });
  });

  test("a replica that is cut off from PostgreSQL loses its answers to the others, refuses questions and comes back", async () => {
    const followed = await follow(60_000);
    const { visitor, asker, reader } = followed;
    await asker.until(100);
    const cutAt = performance.now();
    owner.toPostgres.silence();
    const stranger = await newVisitor(third.url);
    const refused = await timed(stranger.ask(owner.url, newQuestion(1, 1)));
    expect(refused.ms).toBeLessThan(REFUSED_MS);
    await expectUnavailable(refused.result);
    expect((await fetch(`${owner.url}/ready`)).status).toBe(503);
    await expectAnswered(other, third);

    expectInterrupted(await reader.end);
    expect(performance.now() - cutAt).toBeLessThan(TOLD_INTERRUPTED_MS);
    const content = await expectStoredUntil(cutAt, followed);
    await untilAnswered(visitor, third.url);
    await Bun.sleep(LONG_MS - (performance.now() - cutAt));
    await owner.toPostgres.heal();
    const { ms } = await timed(owner.ready());
    expect(ms).toBeLessThan(RECOVERED_MS);
    expectInterrupted(await asker.end);
    expect((await readThread(third.url, visitor.sessionId))[1]).toMatchObject({
      status: "interrupted",
      content,
    });
    await expectAnswered(owner);
  });

  test("a question that PostgreSQL took without the replica hearing of it is answered when it is repeated", async () => {
    const visitor = await newVisitor(owner.url);
    const question = newQuestion(3, 1);
    owner.toPostgres.silence("down");
    await expectUnavailable(await visitor.ask(owner.url, question));
    await owner.toPostgres.heal();
    const startedAt = performance.now();
    for (;;) {
      const response = await visitor.ask(third.url, question);
      if (response.status === 200) {
        const events = await listen(response).end;
        // It was stored, so it was either begun there after all, or nobody generates it any more.
        expect(["done", "error"]).toContain(lastEvent(events)?.type ?? "");
        break;
      }
      await response.arrayBuffer();
      expect(performance.now() - startedAt).toBeLessThan(TOLD_INTERRUPTED_MS);
      await Bun.sleep(100);
    }
    await untilAnswered(visitor, other.url);
  });
});

async function expectUnavailable(response: Response): Promise<void> {
  expect(response.status).toBe(503);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await response.json()).toMatchObject({ code: "store_unavailable" });
}
