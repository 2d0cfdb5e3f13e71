import { SQL } from "bun";

import { type Balancer, type BalancerName, startBalancer } from "./balancer.ts";
import { KEYS } from "./chat-requests.ts";
import { answer, type ModelScript, type ModelServer, startModelServer } from "./model-server.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";
import type { Settings } from "./process.ts";
import { type RedisServer, startRedis } from "./redis.ts";
import { Replica } from "./replica.ts";
import { TcpProxy } from "./tcp-proxy.ts";

/** Replicas of chatporch on one PostgreSQL and one Redis, with a scripted model and balancers in front. */

interface ClusterOptions {
  /** How many replicas. Three by default. */
  readonly replicas?: number;
  readonly balancers?: readonly BalancerName[];
  /** Settings of every replica. */
  readonly settings?: Settings;
  readonly script?: ModelScript;
  /** False: without REDIS_URL, the database alone connects the replicas. */
  readonly hasBus?: boolean;
  /** The program to start. By default, as startChatporch. */
  readonly program?: readonly string[];
  /** Settings of postgresql.conf. */
  readonly postgres?: Readonly<Record<string, string | number>>;
}

export interface Cluster {
  readonly model: ModelServer;
  readonly postgres: PostgresServer;
  readonly databaseUrl: string;
  readonly redis: RedisServer;
  readonly replicas: readonly Replica[];
  readonly balancers: readonly Balancer[];
  /** The address of the first balancer, or of the first replica where there is none. */
  readonly url: string;
  /** Runs statements as the superuser, on a connection of their own. Returns the rows of the last one. */
  asDatabaseOwner(statements: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Undoes every fault: all replicas and servers run and reach each other. Resolves when all are ready. */
  heal(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts everything. Resolves when all replicas are ready. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { replicas: count = 3, hasBus = true, settings = {}, program } = options;
  const model = startModelServer(options.script ?? answer("Hello there"));
  const [postgres, redis] = await Promise.all([
    startPostgres({ max_connections: 100, ...options.postgres }),
    startRedis(),
  ]);
  const databaseUrl = await postgres.createDatabase();
  const replicas = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const toPostgres = await TcpProxy.start(postgres.port);
      const toRedis = await TcpProxy.start(redis.port);
      const bus = hasBus ? { REDIS_URL: `redis://127.0.0.1:${toRedis.port}` } : {};
      const environment: Settings = {
        ...KEYS,
        OPENAI_BASE_URL: model.url,
        DATABASE_URL: withPort(databaseUrl, toPostgres.port),
        ...bus,
        ...settings,
      };
      return new Replica(`replica ${index + 1}`, { environment, program, toPostgres, toRedis });
    }),
  );
  // One after the other: the first one makes the tables.
  for (const replica of replicas) await replica.start();
  const ports = replicas.map(({ port }) => port);
  const names = options.balancers ?? [];
  const balancers = await Promise.all(names.map((name) => startBalancer(name, ports)));
  const cluster: Cluster = {
    model,
    postgres,
    databaseUrl,
    redis,
    replicas,
    balancers,
    url: balancers[0]?.url ?? replicas[0]?.url ?? "",
    async asDatabaseOwner(statements) {
      const sql = new SQL(postgres.asSuperuser(databaseUrl), { max: 1 });
      try {
        return await sql.unsafe(statements);
      } finally {
        await sql.close({ timeout: 0 });
      }
    },
    async heal() {
      if (postgres.isRunning) postgres.thaw();
      else await postgres.start();
      if (!redis.isRunning) await redis.start();
      redis.resume();
      await Promise.all(replicas.map((replica) => replica.heal()));
      await Promise.all(replicas.map((replica) => replica.ready()));
    },
    async stop() {
      if (postgres.isRunning) postgres.thaw();
      await Promise.all(balancers.map((balancer) => balancer.stop()));
      await Promise.all(replicas.map((replica) => replica.end()));
      await Promise.all([redis.stop(), postgres.stop(), model.stop()]);
    },
  };
  await Promise.all(replicas.map((replica) => replica.ready()));
  return cluster;
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = `${port}`;
  return changed.toString();
}
