import type { Parts } from "./app.ts";
import type { Advice } from "./config/advice.ts";
import type { Config } from "./config/config.ts";
import type { ModelSettings } from "./config/model.ts";
import { createLazyModel } from "./model/lazy.ts";
import { createModelLifetime, type ModelLifetime } from "./model/lifetime.ts";
import type { ChatModel } from "./model/model.ts";
import type { Notify } from "./model/notify.ts";
import type { BusState } from "./peers/bus-state.ts";
import type { Logger } from "./runtime/logger.ts";
import type { DatabaseServerState } from "./store/database-server-state.ts";
import type { ServerReport } from "./store/server-report.ts";
import type { Restored } from "./store/sqlite/restore.ts";
import type { DatabaseState } from "./store/store.ts";

/*
 * Only this file names the implementations behind the seams. Each one is imported when it is used, so that
 * no command waits for code that only another command needs.
 */

interface OpenOptions {
  readonly log: Logger;
  /** Advice from reading the settings. */
  readonly advice: readonly Advice[];
  /**
   * Returns the command line of a process that runs serveSearches on a database file.
   * Missing: searches run in this process.
   */
  readonly searchCommand?: (file: string) => readonly string[];
}

interface OpenParts {
  readonly parts: Parts;
  /** Closes and unlocks the database, so that another server can use it. */
  close(): Promise<void>;
}

/** HMAC-SHA-256 gains nothing from a longer secret. */
const SECRET_BYTES = 32;

/**
 * Creates the parts of a server and locks its database. No other server can use the database until `close`.
 * @throws UnusableSettingError, or an error that says why the database cannot be used
 */
export async function openParts(
  config: Config,
  { log, advice, searchCommand }: OpenOptions,
): Promise<OpenParts> {
  const { lockDatabase } = await import("./store/sqlite/lock.ts");
  const { openSqliteStore } = await import("./store/sqlite/open.ts");
  const { Metrics } = await import("./metrics/metrics.ts");
  const { EventLoopWatch } = await import("./runtime/event-loop-watch.ts");
  const { createFixedWindowLimiter } = await import("./http/fixed-window-limiter.ts");
  const { ALONE } = await import("./peers/alone.ts");
  const { randomText } = await import("./runtime/random-text.ts");

  const unlock = lockDatabase(config.database.path);
  const metrics = new Metrics();
  const store = openSqliteStore(config.database.path, {
    sync: config.database.sync,
    onCommit: (durationMs) => metrics.databaseWrite.observe(durationMs / 1000),
    searchCommand,
  });
  const parts: Parts = {
    store,
    model: await createModel(config.model, log.warn),
    peers: ALONE,
    limiter: createFixedWindowLimiter({
      now: Date.now,
      seed: crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n,
    }),
    loop: new EventLoopWatch({ onBeat: (lagMs) => metrics.eventLoopLag.observe(lagMs / 1000) }),
    metrics,
    log,
    advice,
    sessionSecret: await store.secret("session_token", () => randomText(SECRET_BYTES)),
    modelEndsAt: createModelEndsAt(config.model),
    now: Date.now,
  };
  const close = async () => {
    await store.close();
    unlock();
  };
  return { parts, close };
}

/** @param notify called with news about the model's server that the owner should see */
export async function createModel(settings: ModelSettings, notify: Notify): Promise<ChatModel> {
  if (settings.kind === "demo") return (await import("./model/demo.ts")).createDemoModel();
  return createLazyModel(settings.name, async () =>
    (await import("./model/openai.ts")).createOpenAiModel(settings, notify),
  );
}

function createModelEndsAt(settings: ModelSettings): ModelLifetime | undefined {
  if (settings.kind === "demo") return undefined;
  return createModelLifetime(
    async () => (await import("./model/catalogue.ts")).findShutdown(settings),
    Date.now,
  );
}

/** Reads the state of a database without writing to it. Safe while a server uses it. */
export async function inspectDatabase(path: string): Promise<DatabaseState> {
  return (await import("./store/sqlite/inspect.ts")).inspectSqlite(path);
}

/** Looks whether a PostgreSQL server can be used. Writes nothing, never throws. */
export async function inspectServer(url: string, connections: number): Promise<ServerReport> {
  return (await import("./store/postgres/probe.ts")).probePostgres(url, { connections });
}

/** Looks at a PostgreSQL database and its replicas for some seconds. Writes nothing. */
export async function inspectDatabaseServer(url: string): Promise<DatabaseServerState> {
  return (await import("./store/postgres/inspect.ts")).inspectPostgres(url);
}

/** Tries on a Redis server what replicas do there. */
export async function inspectBus(url: string): Promise<BusState> {
  return (await import("./peers/redis/inspect.ts")).inspectRedis(url);
}

/** Writes a consistent copy of the database to a new file. Safe while a server uses it. */
export async function backupDatabase(source: string, target: string): Promise<void> {
  (await import("./store/sqlite/open.ts")).backupSqlite(source, target);
}

interface RestoreOptions {
  readonly source: string;
  readonly target: string;
  /** Whether an existing database may be replaced. It is kept under another name. */
  readonly isForced: boolean;
}

/** Replaces the database with a backup. No server may be using it. */
export async function restoreDatabase(options: RestoreOptions): Promise<Restored> {
  const { restoreSqlite } = await import("./store/sqlite/restore.ts");
  return restoreSqlite({ ...options, at: new Date() });
}

/** Answers searches, one per line, until the input ends. The searchCommand of openParts runs this. */
export async function serveSearches(
  file: string,
  input: AsyncIterable<Uint8Array>,
  write: (text: string) => void,
): Promise<void> {
  const process = await import("./store/sqlite/search-process.ts");
  await process.serveSearches(file, input, write);
}
