import { expect, setDefaultTimeout, test } from "bun:test";

import type { Cluster } from "../../harness/cluster.ts";
import { startRedis } from "../../harness/redis.ts";
import type { Replica } from "../../harness/replica.ts";
import {
  describeTrio,
  ENDED_BY_DATABASE_MS,
  expectAnswered,
  expectPace,
  expectRecovered,
  expectRightEnd,
  follow,
  PAUSE_MS,
  RECOVERED_MS,
  SHORT_MS,
  STOPPED_BY_DATABASE_MS,
  timed,
  type Trio,
  untilBusIsUp,
} from "./trio.ts";
import { expectWhole, lastEvent, listen, newQuestion, newVisitor, turnIdIn } from "./visitor.ts";

setDefaultTimeout(60_000);

let trio: Trio;
let cluster: Cluster;
let owner: Replica;
let other: Replica;
let third: Replica;

function use(started: Trio): void {
  trio = started;
  ({ cluster, owner, other, third } = started);
}

/** Redis away in every way: nobody at the replica that generates notices. */
describeTrio("with three replicas,", use, () => {
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
      const { question, asker, reader } = await follow(trio, SHORT_MS + 1000);
      const end = await begin();
      const { ms } = await timed(() => expectAnswered(owner, other, third));
      expect(ms).toBeLessThan(RECOVERED_MS);
      await Bun.sleep(SHORT_MS - ms);
      await end();
      expectWhole(await asker.end, question);
      expectPace(asker);
      expectRightEnd(await reader.end, question);
      await expectRecovered(trio);
    },
  );

  test("a replica without Redis sends its reader the end from the database, and stops answers through it", async () => {
    const { question, asker, reader } = await follow(trio, 2500);
    other.toRedis.silence();
    expectWhole(await asker.end, question);
    const { ms } = await timed(() => reader.end, other);
    expect(ms).toBeLessThan(ENDED_BY_DATABASE_MS);
    expectRightEnd(reader.events, question);

    const visitor = await newVisitor(owner.url);
    const asked = listen(await visitor.ask(owner.url, newQuestion(4000, PAUSE_MS)));
    await asked.until(3);
    const stopped = await timed(() => visitor.stop(other.url, turnIdIn(asked.events)), other);
    expect(stopped.ms).toBeLessThan(STOPPED_BY_DATABASE_MS + ENDED_BY_DATABASE_MS);
    expect(await stopped.result.json()).toMatchObject({ finishReason: "stopped" });
    expect(lastEvent(await asked.end)).toMatchObject({ finishReason: "stopped" });
  });

  test("replicas on two Redis servers send a reader the end from the database, until they are on one again", async () => {
    const elsewhere = await startRedis();
    const { targetPort } = other.toRedis;
    other.toRedis.targetPort = elsewhere.port;
    other.toRedis.cut();
    try {
      await untilBusIsUp(trio);
      const visitor = await newVisitor(owner.url);
      const question = newQuestion(60, PAUSE_MS);
      const asker = listen(await visitor.ask(owner.url, question));
      await asker.until(3);
      const reader = listen(await visitor.resume(other.url, turnIdIn(asker.events)));
      expectWhole(await asker.end, question);
      const { ms } = await timed(() => reader.end, other);
      expect(ms).toBeLessThan(ENDED_BY_DATABASE_MS);
      expectRightEnd(reader.events, question);
    } finally {
      other.toRedis.targetPort = targetPort;
      await elsewhere.stop();
    }
    await expectRecovered(trio);
  });
});
