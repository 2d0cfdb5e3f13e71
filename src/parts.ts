import type { Parts } from "./app.ts";
import type { Advice } from "./config/advice.ts";
import type { Config } from "./config/config.ts";
import type { DatabaseSettings } from "./config/database.ts";
import { DEVELOPMENT_KEY_PREFIX } from "./config/keys.ts";
import { embeddingServer, type EmbeddingSettings } from "./config/knowledge.ts";
import type { MailSettings } from "./config/mail.ts";
import type { ModelSettings } from "./config/model.ts";
import { noticeSecrets, type NoticeSettings } from "./config/notices.ts";
import type { SettingSources } from "./config/sources.ts";
import type { NoticeChannel } from "./conversation/notice-kinds.ts";
import type { createFixedWindowLimiter } from "./http/fixed-window-limiter.ts";
import { Learner } from "./knowledge/learner.ts";
import { KnowledgeVectors } from "./knowledge/vectors/knowledge-vectors.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { NoticeMetrics } from "./metrics/notice-metrics.ts";
import type { EmbeddingModel } from "./model/embedding-model.ts";
import { createLazyEmbeddings } from "./model/lazy-embeddings.ts";
import { createLazyModel } from "./model/lazy.ts";
import { createModelLifetime, type ModelLifetime } from "./model/lifetime.ts";
import type { ChatModel } from "./model/model.ts";
import type { Notify } from "./model/notify.ts";
import { type Channel, DeliveryError } from "./notices/channel.ts";
import type { Companion } from "./notices/companion.ts";
import type { MailServerOptions } from "./notices/mail-server.ts";
import { Outbox } from "./notices/outbox.ts";
import type { Post } from "./notices/post.ts";
import type { CallTelegram } from "./notices/telegram-api.ts";
import type { BusState } from "./peers/bus-state.ts";
import { createRedactionInForce, type RedactionInForce } from "./redaction/redaction.ts";
import { derived } from "./runtime/derived.ts";
import { LocalDays } from "./runtime/local-days.ts";
import type { Logger } from "./runtime/logger.ts";
import { randomText } from "./runtime/random-text.ts";
import { MINUTE_MS, SECOND_MS } from "./runtime/time.ts";
import { VERSION } from "./runtime/version.ts";
import type { OwnerSettings } from "./settings/owner-settings.ts";
import { Spending } from "./spending/spending.ts";
import type { DatabaseServerState } from "./store/database-server-state.ts";
import type { DerivedIndex } from "./store/derived-index.ts";
import type { DayOf } from "./store/figures.ts";
import type { KnowledgeDatabase } from "./store/knowledge-database.ts";
import type { SourceSummary } from "./store/knowledge-store.ts";
import type { NewPassword } from "./store/owner-password-store.ts";
import type { Imported, ImportOptions } from "./store/postgres/import-tables.ts";
import type { ServerReport } from "./store/server-report.ts";
import type { StoredSettings } from "./store/settings-store.ts";
import type { Restored } from "./store/sqlite/restore.ts";
import type { DatabaseState, SecretStore } from "./store/store.ts";
import type { Grounder } from "./turns/grounder.ts";

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
  /** Called some twenty times a second, for as long as the event loop runs. */
  readonly onBeat?: (() => void) | undefined;
}

interface OpenParts {
  readonly parts: Parts;
  readonly vectors: KnowledgeVectors;
  /** Closes and unlocks the database, so that another server can use it. */
  close(): Promise<void>;
}

/** HMAC-SHA-256 gains nothing from a longer secret. */
const SECRET_BYTES = 32;

/**
 * Creates the parts of a server. A database file is locked: no other server can use it until `close`.
 * @throws UnusableSettingError, ConfigError, or an error that says why the database cannot be used
 */
export async function openParts(sources: SettingSources, options: OpenOptions): Promise<OpenParts> {
  const { Metrics } = await import("./metrics/metrics.ts");
  const { EventLoopWatch } = await import("./runtime/event-loop-watch.ts");
  const { createFixedWindowLimiter } = await import("./http/fixed-window-limiter.ts");
  const { createGrounder } = await import("./knowledge/create-grounder.ts");
  const { OwnerSettings } = await import("./settings/owner-settings.ts");

  const { log, advice, onBeat } = options;
  const { config: fixed } = sources.load({});
  const metrics = new Metrics();
  const ownLimiter = createFixedWindowLimiter({
    now: Date.now,
    seed: crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n,
  });
  const { url } = fixed.database;
  // What the owner has stored is read from the store.
  let timeZone = () => fixed.calendar.timeZone;
  const days = new LocalDays(() => timeZone());
  const dayOf = (time: number) => days.dayOf(time);
  const { store, peers, limiter, close } = await (url === undefined
    ? openAlone(fixed, { ...options, metrics, ownLimiter, dayOf })
    : openReplica(url, fixed, { ...options, metrics, ownLimiter, dayOf }));
  const deps = { store, sources, log, now: Date.now };
  const settings = new OwnerSettings(deps, await store.readSettings());
  settings.onStored((version) => peers.announceVersion("settings", version));
  peers.onVersion("settings", (version) => void settings.notice(version));
  const { config } = settings;
  timeZone = () => config.calendar.timeZone;
  if (config.keys.widget.length === 0) await makeFirstKey(settings, store);
  const loop = new EventLoopWatch({
    onBeat(lagMs) {
      metrics.eventLoopLag.observe(lagMs / 1000);
      onBeat?.();
    },
  });
  const sessionSecret = await store.secret("session_token", makeSecret);
  const counting = { config, store, metrics, log, now: Date.now };
  const self = () => peers.self;
  const spending = new Spending({ ...counting, self, secret: sessionSecret });
  const model = createEmbeddingInForce(config, spending);
  const redaction = createRedactionInForce({ config, metrics });
  const vectors = new KnowledgeVectors({ store, model, redaction, loop, log, now: Date.now });
  const searchByWords = store.searchKnowledge.bind(store);
  Object.assign(store, { searchKnowledge: vectors.fused(searchByWords) });
  const parts: Parts = {
    store,
    settings,
    model: derived(
      () => config.model,
      (model) => createModelLater(model, log.warn),
    ),
    grounder: createGrounder({ config, store, metrics, log }),
    redaction,
    createModel,
    peers,
    limiter,
    loop,
    learner: createLearner({ store, config, loop, log }),
    spending,
    outbox: createOutbox({ ...counting, peers, loop }),
    metrics,
    log,
    advice,
    sessionSecret,
    modelEndsAt: createModelEndsAt(() => config.model),
    now: Date.now,
  };
  return { parts, vectors, close };
}

/** The parts that differ between a process alone and one of several replicas. */
interface Shared extends Pick<Parts, "store" | "peers" | "limiter"> {
  close(): Promise<void>;
}

interface SharedOptions extends OpenOptions {
  readonly metrics: Metrics;
  /** Counts the requests of this process. */
  readonly ownLimiter: ReturnType<typeof createFixedWindowLimiter>;
  /** The day that a time is counted to. */
  readonly dayOf: DayOf;
}

/** A process that has a SQLite file for itself. */
async function openAlone(config: Config, options: SharedOptions): Promise<Shared> {
  const { lockDatabase } = await import("./store/sqlite/lock.ts");
  const { openSqliteStore } = await import("./store/sqlite/open.ts");
  const { ALONE } = await import("./peers/alone.ts");
  const { eraseAllHidden } = await import("./store/delayed-erasure.ts");

  const { log, metrics, ownLimiter, dayOf, searchCommand } = options;
  const unlock = lockDatabase(config.database.path);
  const store = openSqliteStore(config.database.path, {
    sync: config.database.sync,
    onCommit: (durationMs) => metrics.databaseWrite.observe(durationMs / 1000),
    dayOf,
    searchCommand,
  });
  const close = async () => {
    await eraseAllHidden({ store, log });
    await store.close();
    unlock();
  };
  return { store, peers: ALONE, limiter: ownLimiter, close };
}

/** One of the replicas that share a PostgreSQL database. It may be the only one. */
async function openReplica(url: string, config: Config, options: SharedOptions): Promise<Shared> {
  const { startPostgresStore } = await import("./store/postgres/start.ts");
  const { createCluster } = await import("./peers/cluster.ts");

  const { log, metrics, ownLimiter, dayOf } = options;
  const { connections } = config.database;
  const { store, cluster, knowledge } = await startPostgresStore({
    url,
    connections,
    log,
    onWrite: (durationMs) => metrics.databaseWrite.observe(durationMs / 1000),
    dayOf,
    makeIndex: makeKnowledgeIndex,
  });
  const { redisUrl } = config.replicas;
  const { bus, limiter } =
    redisUrl === undefined
      ? { bus: (await import("./peers/bus.ts")).NO_BUS, limiter: ownLimiter }
      : await openRedis(redisUrl, store, options);
  const peers = await createCluster({ store, cluster, bus, log, metrics, now: Date.now });
  knowledge.onChange((version) => peers.announceVersion("knowledge", version));
  peers.onVersion("knowledge", (version) => knowledge.notice(version));
  const close = async () => {
    await bus.close();
    await store.close();
  };
  return { store, peers, limiter, close };
}

/** An index in memory, of what the database knows. */
async function makeKnowledgeIndex(): Promise<DerivedIndex> {
  return (await import("./store/sqlite/derived-index.ts")).createDerivedIndex();
}

/** What replicas share through Redis. It need not be there: the connections are made when it is. */
async function openRedis(url: string, store: SecretStore, { log, ownLimiter }: SharedOptions) {
  const { RedisBus } = await import("./peers/redis/bus.ts");
  const { createRedisCounters } = await import("./peers/redis/counters.ts");
  const { createRedisNames } = await import("./peers/redis/names.ts");
  const { createSharedLimiter } = await import("./http/shared-limiter.ts");
  const { warnOfOldServer } = await import("./peers/old-server.ts");

  void warnOfOldServer(() => inspectBus(url), log);
  const names = createRedisNames(await store.secret("cluster_id", makeSecret));
  const bus = new RedisBus({ url, names, log });
  const counters = createRedisCounters({ bus, names });
  return { bus, limiter: createSharedLimiter({ own: ownLimiter, counters }) };
}

/** What reads the owner's pages. Its code is loaded when the first one is due. */
function createLearner({
  store,
  config,
  loop,
  log,
}: Pick<Parts, "store" | "loop" | "log"> & { readonly config: Config }): Learner {
  const now = Date.now;
  return new Learner({
    store,
    knowledge: () => config.knowledge,
    loop,
    log,
    now,
    async readSource(source, running, signal) {
      const { createSourceFetch } = await import("./knowledge/source-fetch.ts");
      const { readSource } = await import("./knowledge/read-source.ts");
      const { createRoom } = await import("./knowledge/room.ts");
      const fetch = createSourceFetch(source.uri, config);
      const hasRoom = createRoom({ store, maxBytes: () => config.database.maxBytes });
      return readSource(source, { ...running, store, fetch, hasRoom, now }, signal);
    },
  });
}

interface OutboxParts extends Pick<Parts, "store" | "peers" | "loop" | "metrics" | "log" | "now"> {
  readonly config: Config;
  /** Where Telegram's Bot API is, if not at Telegram. */
  readonly telegramApi?: string | undefined;
}

/** What notifies the owner. Its code is loaded when the first channel is set up, and each channel's when it is used. */
export function createOutbox(deps: OutboxParts): Outbox {
  const { store, config, metrics, log } = deps;
  const { publicUrl } = config.server;
  const opened = derived(
    () => config.notices,
    () => new Map<NoticeChannel, Promise<Channel>>(),
  );
  const openChannel = (name: NoticeChannel) => {
    const channels = opened();
    const channel = channels.get(name) ?? createChannel(name, deps);
    channels.set(name, channel);
    // The next notice tries again.
    channel.catch(() => channels.delete(name));
    return channel;
  };
  const shared = { ...deps, publicUrl, openChannel };
  let shown: NoticeMetrics | undefined;
  return new Outbox({
    store,
    config,
    log,
    companions: createCompanions(deps),
    async findChats() {
      const { findTelegramChats } = await import("./notices/telegram-chats.ts");
      const { telegramToken = "" } = config.notices.parts;
      const call = await openTelegram(telegramToken, deps);
      return findTelegramChats(call, AbortSignal.timeout(FIND_CHATS_MS));
    },
    async loadDeliverer() {
      const { Deliverer } = await import("./notices/deliverer.ts");
      const { NoticeMetrics } = await import("./metrics/notice-metrics.ts");
      shown ??= new NoticeMetrics(metrics);
      return new Deliverer({
        ...shared,
        metrics: shown,
        notices: () => config.notices,
        spending: () => config.spending,
      });
    },
    async tryChannel(channel) {
      return (await import("./notices/try-channel.ts")).createTryChannel(shared)(channel);
    },
  });
}

/** @throws DeliveryError where the channel is not set up */
async function createChannel(name: NoticeChannel, deps: OutboxParts): Promise<Channel> {
  return (await CHANNELS[name].open(deps)) ?? refuseAsNotSetUp();
}

/**
 * Looks whether the receiver of a channel is there, and sends no notice. Returns a sentence for the owner.
 * @throws DeliveryError
 */
export async function probeChannel(
  notices: NoticeSettings,
  name: NoticeChannel,
  signal: AbortSignal,
): Promise<string> {
  return (await CHANNELS[name].probe(notices, signal)) ?? refuseAsNotSetUp();
}

function refuseAsNotSetUp(): never {
  throw new DeliveryError("It is not set up.", { kind: "retry" });
}

/** What is behind the seam to a channel. Both resolve with undefined while it is not set up. */
interface ChannelParts {
  readonly open: (deps: OutboxParts) => Promise<Channel | undefined>;
  readonly probe: (notices: NoticeSettings, signal: AbortSignal) => Promise<string | undefined>;
}

const CHANNELS: Readonly<Record<NoticeChannel, ChannelParts>> = {
  mail: {
    async open({ config, store }) {
      const { mail } = config.notices;
      if (mail === undefined) return undefined;
      const { createMail } = await import("./notices/mail.ts");
      const { createMailServer } = await import("./notices/mail-server.ts");
      const days = new LocalDays(() => config.calendar.timeZone);
      return createMail(mail, {
        submit: createMailServer(await mailServerOptions(mail, config.notices)),
        messagesOf: (id) =>
          store.listMessages(id, MAILED_MESSAGES, undefined, MAX_MAILED_CHARACTERS),
        async summaryAt(at, link) {
          const { readWeeklySummary } = await import("./notices/weekly-summary.ts");
          const { weeklyWordsOf } = await import("./notices/weekly-text.ts");
          return weeklyWordsOf(await readWeeklySummary(store, days, at), link);
        },
        days,
      });
    },
    async probe(notices, signal) {
      const { mail } = notices;
      if (mail === undefined) return undefined;
      const { probeMail } = await import("./notices/probes.ts");
      const { verifyMailServer } = await import("./notices/mail-server.ts");
      return probeMail(mail, verifyMailServer(await mailServerOptions(mail, notices), signal));
    },
  },

  webhook: {
    async open({ config, store, now }) {
      const { webhook } = config.notices;
      if (webhook === undefined) return undefined;
      const { createWebhook } = await import("./notices/webhook.ts");
      const { webhookSecrets } = await import("./notices/webhook-secret.ts");
      const secrets = () => webhookSecrets(config.notices, store);
      return createWebhook({ url: webhook.url, secrets, post: await createOwnPost(config), now });
    },
    async probe(notices, signal) {
      const { webhook } = notices;
      if (webhook === undefined) return undefined;
      const { probeWebhook } = await import("./notices/probes.ts");
      return probeWebhook(webhook, await createOwnPost({ notices }), signal);
    },
  },

  ntfy: {
    async open({ config }) {
      const { ntfy } = config.notices;
      if (ntfy === undefined) return undefined;
      return (await import("./notices/ntfy.ts")).createNtfy(ntfy, await createOwnPost(config));
    },
    async probe(notices, signal) {
      const { ntfy } = notices;
      if (ntfy === undefined) return undefined;
      const { probeNtfy } = await import("./notices/probes.ts");
      return probeNtfy(ntfy, await createOwnPost({ notices }), signal);
    },
  },

  telegram: {
    async open(deps) {
      const { telegram } = deps.config.notices;
      if (telegram === undefined) return undefined;
      const { createTelegram } = await import("./notices/telegram.ts");
      return createTelegram(telegram, await openTelegram(telegram.token, deps));
    },
    async probe(notices, signal) {
      const { telegram } = notices;
      if (telegram === undefined) return undefined;
      const { probeTelegram } = await import("./notices/probes.ts");
      const call = await openTelegram(telegram.token, { config: { notices } });
      return probeTelegram(telegram, call, signal);
    },
  },
};

/** What a mail shows of its conversation: some screens. */
const MAILED_MESSAGES = 20;
const MAX_MAILED_CHARACTERS = 40_000;

async function mailServerOptions(
  { url }: MailSettings,
  notices: NoticeSettings,
): Promise<MailServerOptions> {
  const { createReceiversWords } = await import("./notices/receivers-words.ts");
  const { lookUpHost: lookUp } = await import("./net/find-host.ts");
  const toWords = createReceiversWords(noticeSecrets(notices));
  return { url, lookUp, allowsPrivate: notices.allowsPrivate, toWords };
}

/** Sends to addresses that the owner has named. */
async function createOwnPost({ notices }: Pick<Config, "notices">): Promise<Post> {
  const { createPost } = await import("./notices/post.ts");
  const { lookUpHost: lookUp } = await import("./net/find-host.ts");
  const { allowsPrivate } = notices;
  const userAgent = `chatporch/${VERSION}`;
  return createPost({ lookUp, allowsPrivate, userAgent, secrets: noticeSecrets(notices) });
}

const FIND_CHATS_MS = 15 * SECOND_MS;

interface TelegramParts extends Pick<OutboxParts, "telegramApi"> {
  readonly config: Pick<Config, "notices">;
}

async function openTelegram(
  token: string,
  { config, telegramApi: api }: TelegramParts,
): Promise<CallTelegram> {
  const { createTelegramApi } = await import("./notices/telegram-api.ts");
  return createTelegramApi({ token, post: await createOwnPost(config), api });
}

/** What runs beside the delivery of notices. */
function createCompanions(deps: OutboxParts): readonly Companion[] {
  const { config, store, peers, loop, log, now } = deps;
  return [
    {
      isWanted: ({ telegram }) => telegram !== undefined,
      async start(takeovers) {
        const { TelegramReplies } = await import("./notices/telegram-replies.ts");
        return new TelegramReplies({
          store,
          takeovers,
          async telegram() {
            const { telegram: settings } = config.notices;
            if (settings === undefined) return undefined;
            return { settings, call: await openTelegram(settings.token, deps) };
          },
          // Telegram gives messages to one reader at a time: the replica that has been there for longest.
          isReader: async () => (await peers.replicas())[0]?.isSelf ?? true,
          log,
          now,
        });
      },
    },
    {
      isWanted: ({ mail, weeklySummary }) => mail !== undefined && weeklySummary,
      async start() {
        const { addSummariesWhenDue } = await import("./notices/weekly-schedule.ts");
        const days = new LocalDays(() => config.calendar.timeZone);
        return addSummariesWhenDue({ store, days, loop, log, now });
      },
    },
  ];
}

/** A key for the first page, so that nothing need be set. In development it is the one that earlier versions made. */
async function makeFirstKey({ config, keys }: OwnerSettings, store: SecretStore): Promise<void> {
  const key =
    config.server.environment === "production"
      ? makeSecret()
      : await store.secret(
          "development_widget_key",
          () => `${DEVELOPMENT_KEY_PREFIX}${makeSecret()}`,
        );
  await keys.makeFirst(key, "the first start");
}

function makeSecret(): string {
  return randomText(SECRET_BYTES);
}

/** @param notify called with news about the model's server that the owner should see */
export async function createModel(settings: ModelSettings, notify: Notify): Promise<ChatModel> {
  if (settings.kind === "demo") return (await import("./model/demo.ts")).createDemoModel();
  if (settings.kind === "none") return (await import("./model/none.ts")).NO_MODEL;
  return (await import("./model/openai.ts")).createOpenAiModel(settings, notify);
}

function createModelLater(settings: ModelSettings, notify: Notify): ChatModel {
  const name = settings.kind === "openai" ? settings.name : settings.kind;
  return createLazyModel(name, () => createModel(settings, notify));
}

/** The model for embeddings, undefined while none is set. Its code is loaded when it is used. */
function createEmbeddingInForce(
  config: Config,
  spending: Spending,
): () => EmbeddingModel | undefined {
  const ofEmbedding = derived(
    () => config.knowledge.embedding,
    (embedding) =>
      derived(
        () => config.model,
        (model) => {
          const made = createEmbeddingModel(embedding, model);
          return made && spending.meteredEmbeddings(made, embedding.model ?? "");
        },
      ),
  );
  return () => ofEmbedding()();
}

/** Undefined when none is set, or when no server is known for it. */
export function createEmbeddingModel(
  embedding: EmbeddingSettings,
  model: ModelSettings,
): EmbeddingModel | undefined {
  const server = embeddingServer(embedding, model);
  const { model: name, dimensions } = embedding;
  if (server === undefined || name === undefined) return undefined;
  return createLazyEmbeddings({ name, dimensions }, async () =>
    (await import("./model/openai-embeddings.ts")).createOpenAiEmbeddings({
      name,
      dimensions,
      server,
    }),
  );
}

function createModelEndsAt(settings: () => ModelSettings): ModelLifetime {
  const lifetime = derived(settings, (model) =>
    createModelLifetime(
      async () =>
        model.kind === "openai"
          ? (await import("./model/catalogue.ts")).findShutdown(model)
          : undefined,
      Date.now,
    ),
  );
  return () => lifetime()();
}

/**
 * Reads what the owner has set, without writing. Undefined where it cannot be read: whoever looks at the database says
 * why.
 */
export async function inspectSettings({
  url,
  path,
}: DatabaseSettings): Promise<StoredSettings | undefined> {
  try {
    return await (url === undefined
      ? (await import("./store/sqlite/inspect-settings.ts")).inspectSqliteSettings(path)
      : (await import("./store/postgres/inspect-settings.ts")).inspectPostgresSettings(url));
  } catch {
    return undefined;
  }
}

/** Reads what the bot knows, without writing. Undefined where it cannot be read: the check of the database says why. */
export async function inspectKnowledge({
  url,
  path,
}: Pick<DatabaseSettings, "url" | "path">): Promise<readonly SourceSummary[] | undefined> {
  try {
    return await (url === undefined
      ? (await import("./store/sqlite/inspect-knowledge.ts")).inspectSqliteKnowledge(path)
      : (await import("./store/postgres/inspect-knowledge.ts")).inspectPostgresKnowledge(url));
  } catch {
    return undefined;
  }
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

/** Moves everything from a database file to an empty PostgreSQL database. No server may be using either. */
export async function migrateDatabase(
  path: string,
  url: string,
  options: ImportOptions & { readonly log: Pick<Logger, "warn"> },
): Promise<Imported> {
  const { openStoredTables } = await import("./store/sqlite/stored-tables.ts");
  const { startPostgresStore } = await import("./store/postgres/start.ts");
  const { importTables } = await import("./store/postgres/import-tables.ts");
  const source = openStoredTables(path);
  try {
    // Makes the tables, and says what is wrong with the server.
    const { store } = await startPostgresStore({ url, connections: 1, log: options.log });
    await store.close();
    return await importTables(url, source.tables, options);
  } finally {
    source.close();
  }
}

/**
 * Changes the owner's password and ends all logins. Safe while servers use the database. Where there is none, it is
 * made as a start would make it.
 */
export async function changeOwnerPassword(
  { path, url }: Pick<DatabaseSettings, "path" | "url">,
  password: NewPassword,
  { log }: { readonly log: Pick<Logger, "warn"> },
): Promise<void> {
  if (url === undefined) {
    const { changePasswordInFile } = await import("./store/sqlite/change-password.ts");
    return changePasswordInFile(path, password);
  }
  const { startPostgresStore } = await import("./store/postgres/start.ts");
  const { store } = await startPostgresStore({ url, connections: 1, log });
  await store.changeOwnerPassword(password).finally(() => store.close());
}

/** A command has no index yet, and no visitor waits for it. 50,000 sections take some 10 s. */
const COMMANDS_SEARCH_WAIT_MS = 2 * MINUTE_MS;

/**
 * Opens what the bot knows, for a command. Safe while servers use the database. Where there is none, it is made as a
 * start would make it.
 */
export async function openKnowledge(
  { path, url }: Pick<DatabaseSettings, "path" | "url">,
  { log }: { readonly log: Pick<Logger, "warn"> },
): Promise<KnowledgeDatabase> {
  if (url === undefined) {
    return (await import("./store/sqlite/knowledge-beside-server.ts")).openKnowledgeInFile(path);
  }
  const { startPostgresStore } = await import("./store/postgres/start.ts");
  const makeIndex = makeKnowledgeIndex;
  const searchWaitMs = COMMANDS_SEARCH_WAIT_MS;
  return (await startPostgresStore({ url, connections: 2, log, makeIndex, searchWaitMs })).store;
}

/** What a command asks questions with, as a server would. */
export interface Asking {
  readonly model: ChatModel;
  readonly grounder: Grounder;
  readonly redaction: RedactionInForce;
}

/**
 * The model of the settings, and what is known.
 * @param config as the server has it
 */
export async function createAsking(
  config: Config,
  store: KnowledgeDatabase,
  log: Pick<Logger, "info" | "warn">,
): Promise<Asking> {
  const { Metrics } = await import("./metrics/metrics.ts");
  const { createGrounder } = await import("./knowledge/create-grounder.ts");
  const metrics = new Metrics();
  const spending = new Spending({
    config,
    store,
    metrics,
    log,
    secret: makeSecret(),
    now: Date.now,
  });
  const redaction = createRedactionInForce({ config, metrics });
  const vectors = new KnowledgeVectors({
    store,
    model: createEmbeddingInForce(config, spending),
    redaction,
    loop: { isBehind: false },
    log,
    now: Date.now,
  });
  const searchKnowledge = vectors.fused(store.searchKnowledge.bind(store));
  const searched = { ...store, searchKnowledge };
  return {
    model: spending.metered(await createModel(config.model, log.warn), () => config.model),
    grounder: createGrounder({ config, store: searched, metrics, log }),
    redaction,
  };
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
