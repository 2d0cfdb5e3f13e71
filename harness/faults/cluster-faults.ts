import type { Cluster } from "../cluster.ts";
import type { Replica } from "../replica.ts";
import type { Random } from "./random.ts";

/** What breaks in a cluster: each fault begins, lasts for a while and is healed. */
export interface ClusterFault {
  readonly name: string;
  /**
   * True when a replica may lose its answers: it dies, is silent for longer than the others wait for it, or
   * cannot store what it generates.
   */
  readonly losesOwners: boolean;
  readonly run: (cluster: Cluster, victim: Replica, random: Random) => Promise<void>;
}

/** Shorter than the five beats after which a replica is declared dead. */
const SHORT_MS = 3000;
/** Longer than that. */
const LONG_MS = 8000;

type Way = "toPostgres" | "toRedis";

export const CLUSTER_FAULTS: readonly ClusterFault[] = [
  {
    name: "replica killed",
    losesOwners: true,
    async run(_cluster, victim, random) {
      await victim.kill();
      await Bun.sleep(random.between(0, SHORT_MS));
      await victim.start();
    },
  },
  frozen("replica frozen for 3 s", SHORT_MS),
  frozen("replica frozen for 8 s", LONG_MS),
  {
    name: "replicas replaced one after the other",
    losesOwners: false,
    async run({ replicas }) {
      for (const replica of replicas) {
        await replica.stop();
        await replica.start();
        await replica.ready();
      }
    },
  },
  {
    name: "Redis killed, and empty again",
    losesOwners: false,
    async run({ redis }, _victim, random) {
      await redis.kill();
      await Bun.sleep(random.between(0, SHORT_MS));
      await redis.start();
    },
  },
  {
    name: "Redis frozen",
    losesOwners: false,
    async run({ redis }) {
      redis.pause();
      await Bun.sleep(SHORT_MS);
      redis.resume();
    },
  },
  redisCommands("Redis emptied", ["FLUSHALL"]),
  redisCommands("Redis cuts its clients", [
    "CLIENT KILL TYPE pubsub",
    "CLIENT KILL TYPE normal SKIPME yes",
  ]),
  {
    name: "Redis full",
    losesOwners: false,
    async run({ redis }) {
      await redis.command("CONFIG", "SET", "maxmemory", "1");
      await Bun.sleep(SHORT_MS);
      await redis.command("CONFIG", "SET", "maxmemory", "0");
    },
  },
  restarted("immediate"),
  restarted("fast"),
  {
    name: "PostgreSQL frozen",
    losesOwners: true,
    async run({ postgres }) {
      postgres.freeze();
      await Bun.sleep(SHORT_MS);
      postgres.thaw();
    },
  },
  {
    name: "PostgreSQL ends its connections",
    losesOwners: true,
    async run({ asDatabaseOwner }) {
      await asDatabaseOwner(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()",
      );
    },
  },
  closed("silence between a replica and PostgreSQL for 3 s", "silence", SHORT_MS, "toPostgres"),
  closed("silence between a replica and PostgreSQL for 8 s", "silence", LONG_MS, "toPostgres"),
  closed("silence between a replica and Redis", "silence", SHORT_MS, "toRedis"),
  closed("silence between a replica and both", "silence", LONG_MS, "toPostgres", "toRedis"),
  cut("connections cut between a replica and PostgreSQL", "toPostgres"),
  cut("connections cut between a replica and Redis", "toRedis"),
  cut("connections cut between a replica and both", "toPostgres", "toRedis"),
  closed("a replica refused by PostgreSQL", "refuse", SHORT_MS, "toPostgres"),
  closed("a replica refused by Redis", "refuse", SHORT_MS, "toRedis"),
];

function frozen(name: string, ms: number): ClusterFault {
  return {
    name,
    losesOwners: ms === LONG_MS,
    async run(_cluster, victim) {
      victim.pause();
      await Bun.sleep(ms);
      victim.resume();
    },
  };
}

function redisCommands(name: string, commands: readonly string[]): ClusterFault {
  return {
    name,
    losesOwners: false,
    async run({ redis }) {
      for (const command of commands) {
        const [word = "", ...args] = command.split(" ");
        await redis.command(word, ...args);
      }
    },
  };
}

function restarted(mode: "immediate" | "fast"): ClusterFault {
  return {
    name: `PostgreSQL restarted (${mode})`,
    losesOwners: true,
    run: ({ postgres }) => postgres.restart(mode),
  };
}

/** The ways of a replica are silent, or refuse it, for so long. */
function closed(
  name: string,
  how: "silence" | "refuse",
  ms: number,
  ...ways: readonly Way[]
): ClusterFault {
  return {
    name,
    losesOwners: ways.includes("toPostgres"),
    async run(_cluster, victim) {
      for (const way of ways) victim[way][how]();
      await Bun.sleep(ms);
      for (const way of ways) await victim[way].heal();
    },
  };
}

function cut(name: string, ...ways: readonly Way[]): ClusterFault {
  return {
    name,
    losesOwners: ways.includes("toPostgres"),
    async run(_cluster, victim) {
      for (const way of ways) victim[way].cut();
    },
  };
}
