import { SQL } from "bun";

import { type Balancer, type BalancerName, startBalancer } from "./balancer.ts";
import { KEYS } from "./chat-requests.ts";
import { freePort } from "./free-port.ts";
import { answer, type ModelScript, type ModelServer, startModelServer } from "./model-server.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";
import { type RunningServer, type Settings, startChatporch, temporaryFolder } from "./process.ts";
import { type RedisServer, startRedis } from "./redis.ts";
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
      postgres.thaw();
      if (!redis.isRunning) await redis.start();
      redis.resume();
      await Promise.all(replicas.map((replica) => replica.heal()));
      await Promise.all(replicas.map((replica) => replica.ready()));
    },
    async stop() {
      postgres.thaw();
      await Promise.all(balancers.map((balancer) => balancer.stop()));
      await Promise.all(replicas.map((replica) => replica.end()));
      await Promise.all([redis.stop(), postgres.stop(), model.stop()]);
    },
  };
  await Promise.all(replicas.map((replica) => replica.ready()));
  return cluster;
}

interface ReplicaOptions {
  readonly environment: Settings;
  readonly program: readonly string[] | undefined;
  readonly toPostgres: TcpProxy;
  readonly toRedis: TcpProxy;
}

/** A chatporch that always listens on the same port, however often it is started again. */
export class Replica {
  readonly name: string;
  readonly port = freePort();
  readonly url = `http://127.0.0.1:${this.port}`;
  /** Its way to the database. */
  readonly toPostgres: TcpProxy;
  /** Its way to the bus. */
  readonly toRedis: TcpProxy;
  readonly #options: ReplicaOptions;
  readonly #folder = temporaryFolder();
  #server: RunningServer | undefined;

  constructor(name: string, options: ReplicaOptions) {
    this.name = name;
    this.toPostgres = options.toPostgres;
    this.toRedis = options.toRedis;
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#server !== undefined;
  }

  get pid(): number {
    return this.#running().pid;
  }

  /** What it has logged since its last start. */
  log(): string {
    const { stdout, stderr } = this.#running();
    return stdout.text() + stderr.text();
  }

  /** Resolves when it listens. Other settings hold until the next start. */
  async start(settings: Settings = {}): Promise<void> {
    const { environment, program } = this.#options;
    const all = { ...environment, PORT: `${this.port}`, ...settings };
    this.#server = await (program
      ? startChatporch(all, this.#folder, [], program)
      : startChatporch(all, this.#folder));
  }

  /** Resolves when it answers 200 to /ready. */
  async ready(): Promise<void> {
    while (!(await isReady(this.url))) await Bun.sleep(LOOK_EVERY_MS);
  }

  /** Ends it as a loss of power does. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Ends it in good order. Resolves with its exit code. */
  stop(): Promise<number> {
    return this.#end("SIGTERM");
  }

  /** Keeps its connections and does nothing, until `resume`. */
  pause(): void {
    process.kill(this.pid, "SIGSTOP");
  }

  resume(): void {
    process.kill(this.pid, "SIGCONT");
  }

  /** Starts it if it does not run, and mends its ways to the servers. */
  async heal(): Promise<void> {
    if (this.#server) this.resume();
    await Promise.all([this.toPostgres.heal(), this.toRedis.heal()]);
    if (!this.#server) await this.start();
  }

  /** Ends it for good. */
  async end(): Promise<void> {
    if (this.#server) await this.kill();
    this.toPostgres.stop();
    this.toRedis.stop();
  }

  async #end(signal: NodeJS.Signals): Promise<number> {
    const server = this.#running();
    this.#server = undefined;
    return server.stop(signal);
  }

  #running(): RunningServer {
    if (!this.#server) throw new Error(`${this.name} does not run.`);
    return this.#server;
  }
}

const LOOK_EVERY_MS = 20;
/** A frozen replica accepts connections and never answers. */
const READY_TIMEOUT_MS = 2000;

async function isReady(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(READY_TIMEOUT_MS);
    const response = await fetch(`${url}/ready`, { signal });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // It starts, or is cut off.
    return false;
  }
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = `${port}`;
  return changed.toString();
}
