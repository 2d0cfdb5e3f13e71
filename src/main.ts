import { writeSync } from "node:fs";

import type { AnyElysia } from "elysia";

import { banner } from "./commands/banner.ts";
import {
  beginAnew,
  commandLine,
  connectDirectly,
  isCompiled,
  realEnvironment,
} from "./commands/environment.ts";
import { createOutput } from "./commands/output.ts";
import { type Advice, adviseOn } from "./config/advice.ts";
import { type Config, secretsOf } from "./config/config.ts";
import { readDotEnv } from "./config/dot-env.ts";
import { DEVELOPMENT_KEY_PREFIX } from "./config/keys.ts";
import { loadConfig } from "./config/load.ts";
import { isOpenAi, type ModelSettings } from "./config/model.ts";
import { ConfigError } from "./config/problems.ts";
import { localUrl } from "./config/server.ts";
import { readTextFile } from "./config/text-file.ts";
import { IDLE_TIMEOUT_SECONDS } from "./http/connection.ts";
import { Metrics } from "./metrics/metrics.ts";
import { createLazyModel } from "./model/lazy.ts";
import { createModelLifetime, type ModelLifetime } from "./model/lifetime.ts";
import type { ChatModel } from "./model/model.ts";
import type { Notify } from "./model/notify.ts";
import { ALONE } from "./peers/alone.ts";
import { createLineBuffer } from "./runtime/line-buffer.ts";
import { createLogger, type Logger } from "./runtime/logger.ts";
import { randomText } from "./runtime/random-text.ts";
import { VERSION } from "./runtime/version.ts";
import { Retention } from "./store/retention.ts";
import { SearchRebuild } from "./store/search-rebuild.ts";
import { UnusablePathError } from "./store/sqlite/unusable-path.ts";
import type { Store } from "./store/store.ts";

/** Exit codes of sysexits.h. */
const EX_USAGE = 64;
const EX_CONFIG = 78;
/** What a shell reports for a process that a signal ended. */
const EXIT_OF_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;

/** Bun would answer a larger body with an empty 413 of its own; ours is decided in http/body-limit. */
const UNLIMITED_BODY_BYTES = Number.MAX_SAFE_INTEGER;

/** One Ctrl-C comes twice, from the terminal and from a runner such as `bun run` that passes it on. */
const SAME_SIGNAL_MS = 100;
/** How long clients get to read the last events at shutdown. */
const LAST_BYTES_MS = 1000;

/** As many as an HMAC-SHA-256 can use. */
const SECRET_BYTES = 32;

const HELP = `chatporch ${VERSION}: chat for websites, in one process

Usage: chatporch [command]

  serve          run the server (the default)
  backup FILE    write a consistent copy of the database, also while the server runs
  restore FILE   put a backup in the place of the database, while no server runs;
                 with --force in the place of one that is there, which is kept
  doctor         check settings, database, model and, through the public address, the proxy
      --url URL        where visitors reach the server (PUBLIC_URL)
      --idle SECONDS   how long to keep a stream silent, 0 to 240 (5)
  openapi        print the OpenAPI document
  --help         show this text
  --version      show the version

Settings come from the environment and from .env in the working directory.
`;

async function main(args: readonly string[]): Promise<number> {
  const [command = "serve", ...words] = args;
  beginAnew({ isServer: command === "serve" });
  if (words.some((word) => word === "--help" || word === "-h")) return print(HELP);
  if (command === "backup" || command === "restore") return copyDatabase(command, words);
  if (command === "doctor") return doctor(words);
  if (command === SEARCH_COMMAND) return search(words);
  if (words.length > 0) return usageError();
  switch (command) {
    case "serve":
      return serve();
    case "openapi":
      return printOpenApi();
    case "help":
    case "--help":
    case "-h":
      return print(HELP);
    case "--version":
    case "-v":
      return print(`${VERSION}\n`);
    default:
      return usageError();
  }
}

/** Runs the server until a signal ends it. */
async function serve(): Promise<number> {
  const { config, environmentReason, advice } = readConfig();
  const lines = createLineBuffer({
    write: (text, onTaken) => process.stdout.write(text, onTaken),
    onLost: (count) => log.warn("log lines lost: nobody read them in time", { lines: count }),
  });
  process.on("exit", () => writeLastLines(lines.take()));
  const log = createLogger({
    level: config.logLevel,
    format: config.environment === "production" ? "json" : "text",
    secrets: secretsOf(config),
    write: lines.add,
    now: Date.now,
  });
  process.on("unhandledRejection", (error) => log.error("unhandled rejection", { error }));

  const { lockDatabase } = await import("./store/sqlite/lock.ts");
  const { openSqliteStore } = await import("./store/sqlite/open.ts");
  const unlockDatabase = lockDatabase(config.databasePath);
  const metrics = new Metrics();
  const store = openSqliteStore(config.databasePath, {
    sync: config.databaseSync,
    onCommit: (durationMs) => metrics.databaseWrite.observe(durationMs / 1000),
    searchCommand,
  });
  const interruptedTurns = await store.interruptUnfinishedTurns();
  if (interruptedTurns > 0) log.warn("found answers cut off by a crash", { interruptedTurns });

  const developmentKey =
    config.widgetApiKeys.length === 0
      ? await store.secret(
          "development_widget_key",
          () => `${DEVELOPMENT_KEY_PREFIX}${randomText(SECRET_BYTES)}`,
        )
      : undefined;
  const widgetApiKeys = developmentKey ? [developmentKey] : config.widgetApiKeys;
  const served = { ...config, widgetApiKeys };
  const { app, chat, model, loop } = await compose(served, { store, metrics, log, advice });
  // Before anybody can know that the server is there and stop it.
  const stopSignal = firstSignal();
  listen(app, config);
  const url = localUrl(config.host, app.server?.port ?? config.port);
  process.stderr.write(
    banner({
      config: served,
      environmentReason,
      version: VERSION,
      url,
      modelName: model.name,
      advice: adviseOn({ config: served, advice }),
    }),
  );

  void warnOfUnknownModel(config.model, log);

  const { retentionDays: days } = config;
  const retention = days ? new Retention({ store, days, loop, log, now: Date.now }) : undefined;

  const rebuild = new SearchRebuild({ store, loop, log });

  const signal = await stopSignal;
  log.info("shutting down", { signal, runningTurns: chat.runningTurns });
  const lastSteps = Promise.all([retention?.stop(), rebuild.stop()]);
  await chat.drain(config.shutdownGraceMs);
  // The last bytes are on their way; a client that does not take them must not hold up the end.
  await Promise.race([app.server?.stop(), Bun.sleep(LAST_BYTES_MS)]);
  await lastSteps;
  await store.close();
  unlockDatabase();
  return 0;
}

interface Parts {
  readonly store: Store;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly advice: readonly Advice[];
}

/** The app with the real parts behind its seams. */
async function compose(config: Config, { store, metrics, log, advice }: Parts) {
  const { createApp } = await import("./app.ts");
  const { EventLoopWatch } = await import("./runtime/event-loop-watch.ts");
  const { createFixedWindowLimiter } = await import("./http/fixed-window-limiter.ts");
  const model = await createModel(config.model, log.warn);
  const limiter = createFixedWindowLimiter({
    now: Date.now,
    seed: crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n,
  });
  const loop = new EventLoopWatch({
    onBeat: (lagMs) => metrics.eventLoopLag.observe(lagMs / 1000),
  });
  const sessionSecret = await store.secret("session_token", () => randomText(SECRET_BYTES));
  const { app, chat } = createApp(config, {
    store,
    model,
    peers: ALONE,
    limiter,
    loop,
    metrics,
    log,
    advice,
    modelEndsAt: createModelEndsAt(config.model),
    sessionSecret,
    now: Date.now,
  });
  return { app, chat, model, loop };
}

function createModelEndsAt(settings: ModelSettings): ModelLifetime | undefined {
  if (settings.kind === "demo") return undefined;
  return createModelLifetime(
    async () => (await import("./model/catalogue.ts")).findShutdown(settings),
    Date.now,
  );
}

async function createModel(settings: ModelSettings, notify: Notify): Promise<ChatModel> {
  if (settings.kind === "demo") return (await import("./model/demo.ts")).createDemoModel();
  return createLazyModel(settings.name, async () =>
    (await import("./model/openai.ts")).createOpenAiModel(settings, notify),
  );
}

/** An address without OPENAI_MODEL is asked for OpenAI's default, which other servers do not have. */
async function warnOfUnknownModel(settings: ModelSettings, log: Logger): Promise<void> {
  if (settings.kind === "demo" || settings.isNameSet || isOpenAi(settings.baseUrl)) return;
  const { listModels, someOf } = await import("./model/catalogue.ts");
  const names = await listModels(settings);
  if (names === undefined || names.includes(settings.name)) return;
  const has = names.length === 0 ? "no model" : someOf(names);
  log.warn(`OPENAI_MODEL is not set, and the model's server has no ${settings.name}`, { has });
}

function listen(app: AnyElysia, config: Config): void {
  try {
    app.listen({
      hostname: config.host,
      port: config.port,
      // A second process on the port must fail, not share it: the database has one writer.
      reusePort: false,
      development: false,
      maxRequestBodySize: UNLIMITED_BODY_BYTES,
      idleTimeout: IDLE_TIMEOUT_SECONDS,
    });
  } catch (cause) {
    const where = `${config.host} port ${config.port}`;
    const isTaken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    const reason = isTaken
      ? "another server is running there, or HOST names no address of this machine"
      : String(cause);
    throw new Error(`Cannot listen on ${where}: ${reason}.`, { cause });
  }
}

/** Resolves with the first signal to stop; the second ends the process at once. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        firstAt ??= performance.now();
        if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(EXIT_OF_SIGNAL[signal]);
        resolve(signal);
      });
    }
  });
}

/** Not for people, and in no help: what a server starts to search its database. */
const SEARCH_COMMAND = "search";

function searchCommand(file: string): string[] {
  const program = isCompiled() ? [process.execPath] : [process.execPath, "--no-env-file", Bun.main];
  return [...program, SEARCH_COMMAND, file];
}

async function search(words: readonly string[]): Promise<number> {
  const [file, ...others] = words;
  if (file === undefined || others.length > 0) return usageError();
  const { serveSearches } = await import("./store/sqlite/search-process.ts");
  await serveSearches(file, Bun.stdin.stream(), (text) => void writeSync(1, text));
  return 0;
}

/** The commands that take a file. */
async function copyDatabase(
  command: "backup" | "restore",
  words: readonly string[],
): Promise<number> {
  const [file, ...others] = words.filter((word) => !word.startsWith("-"));
  const [option, ...otherOptions] = words.filter((word) => word.startsWith("-"));
  if (file === undefined || others.length + otherOptions.length > 0) return usageError();
  if (command === "restore" && option === "--force") return restore(file, true);
  if (option !== undefined) return usageError();
  return command === "backup" ? backup(file) : restore(file, false);
}

async function restore(source: string, isForced: boolean): Promise<number> {
  const { restoreSqlite } = await import("./store/sqlite/restore.ts");
  const { databasePath: target } = readConfig().config;
  const { conversations, kept } = restoreSqlite({ source, target, isForced, at: new Date() });
  const told = `${target} holds what ${source} holds (conversations: ${conversations})\n`;
  return print(kept === undefined ? told : `${told}The database that was there is ${kept}\n`);
}

async function backup(target: string): Promise<number> {
  const { backupSqlite } = await import("./store/sqlite/open.ts");
  const { databasePath } = readConfig().config;
  backupSqlite(databasePath, target);
  return print(`${target} holds a copy of ${databasePath}\n`);
}

/** Looks at everything that a server needs, beside a running one. */
async function doctor(args: readonly string[]): Promise<number> {
  const { DoctorUsageError, readDoctorOptions } = await import("./doctor/options.ts");
  let options: ReturnType<typeof readDoctorOptions>;
  try {
    options = readDoctorOptions(args);
  } catch (error) {
    if (!(error instanceof DoctorUsageError)) throw error;
    process.stderr.write(`chatporch doctor: ${error.message}\n`);
    return EX_USAGE;
  }

  const { examine } = await import("./doctor/examine.ts");
  const { inspectSqlite } = await import("./store/sqlite/inspect.ts");
  const output = createOutput();
  const isContent = await examine({
    settings: settingsOrProblems(),
    ...options,
    inspectDatabase: inspectSqlite,
    createModel: (config, notify) => createModel(config.model, notify),
    connectDirectly,
    write: output.write,
    isTerminal: process.stdout.isTTY === true,
    now: Date.now,
  });
  await output.flush();
  return isContent ? 0 : 1;
}

/** The document of the routes as they are; no file is opened and no model is called for it. */
async function printOpenApi(): Promise<number> {
  const { config } = readConfig();
  const { buildOpenApi } = await import("./operations/openapi.ts");
  const { openSqliteStore } = await import("./store/sqlite/open.ts");
  const log = createLogger({
    level: "silent",
    format: "text",
    secrets: [],
    write: () => {},
    now: Date.now,
  });
  const parts = { store: openSqliteStore(":memory:"), metrics: new Metrics(), log, advice: [] };
  const { app } = await compose(config, parts);
  return print(`${JSON.stringify(buildOpenApi(app, config), null, 2)}\n`);
}

function readConfig() {
  const options = { dotEnv: readDotEnv("."), isCompiled: isCompiled() };
  return loadConfig(realEnvironment(), readTextFile, options);
}

function settingsOrProblems() {
  try {
    return readConfig();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

/** Written at once: what is only handed to a stream as the process ends is lost. */
function writeLastLines(text: string): void {
  try {
    writeSync(process.stdout.fd, text);
  } catch {
    // Nobody reads the log any more; that is no reason to end with an error.
  }
}

async function print(text: string): Promise<number> {
  const output = createOutput();
  output.write(text);
  await output.flush();
  return 0;
}

function usageError(): number {
  process.stderr.write("chatporch: no such command, or a wrong number of words. See --help.\n");
  return EX_USAGE;
}

/** A start that failed is told in a sentence; a stack would hide it. */
function explain(error: unknown): number {
  process.stderr.write(`chatporch: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof ConfigError || error instanceof UnusablePathError ? EX_CONFIG : 1;
}

// No top-level await: the binary's bytecode does not allow it.
void main(commandLine()).catch(explain).then(process.exit);
