import { createApp } from "../../src/app.ts";
import type { Config } from "../../src/config/config.ts";
import type { OpenAiSettings } from "../../src/config/model.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { createSources, type SettingSources } from "../../src/config/sources.ts";
import { IDLE_TIMEOUT_SECONDS } from "../../src/http/connection.ts";
import { createFixedWindowLimiter } from "../../src/http/fixed-window-limiter.ts";
import { createGrounder } from "../../src/knowledge/create-grounder.ts";
import { Learner, type LearnerDeps } from "../../src/knowledge/learner.ts";
import { Metrics } from "../../src/metrics/metrics.ts";
import { createDemoModel } from "../../src/model/demo.ts";
import type { ModelLifetime } from "../../src/model/lifetime.ts";
import type { ModelInForce } from "../../src/model/model-in-force.ts";
import type { ChatModel } from "../../src/model/model.ts";
import { createOpenAiModel } from "../../src/model/openai.ts";
import { createOutbox } from "../../src/parts.ts";
import { ALONE } from "../../src/peers/alone.ts";
import type { Peers } from "../../src/peers/peers.ts";
import { createRedactionInForce } from "../../src/redaction/redaction.ts";
import type { LoopWatch } from "../../src/runtime/event-loop-watch.ts";
import { createLogger } from "../../src/runtime/logger.ts";
import { OwnerSettings } from "../../src/settings/owner-settings.ts";
import { Spending } from "../../src/spending/spending.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import type { Grounder } from "../../src/turns/grounder.ts";
import { FakeClock } from "./fake-clock.ts";

export const WIDGET_KEY = "widget-key-for-tests-0123456789";
export const OTHER_WIDGET_KEY = "second-widget-key-for-tests-0123";
export const ADMIN_KEY = "admin-key-for-tests-01234567890";
export const OTHER_ADMIN_KEY = "second-admin-key-for-tests-01234";
export const METRICS_KEY = "metrics-key-for-tests-0123456789";
export const OTHER_METRICS_KEY = "second-metrics-key-for-tests-012";
export const ALLOWED_ORIGIN = "https://www.example.com";
export const DASHBOARD_PASSWORD = "dashboard-password-for-tests";
export const SESSION_SECRET = "session-secret-for-tests-never-shown";
export const PEER = "192.0.2.10";

const ENV: Env = {
  NODE_ENV: "test",
  WIDGET_API_KEY: `${WIDGET_KEY},${OTHER_WIDGET_KEY}`,
  ADMIN_API_KEY: `${ADMIN_KEY}, ${OTHER_ADMIN_KEY}`,
  METRICS_KEY: `${METRICS_KEY},${OTHER_METRICS_KEY}`,
  DASHBOARD_PASSWORD,
  CORS_ORIGIN: ALLOWED_ORIGIN,
  RATE_LIMIT_MAX_REQUESTS: "10000",
  MAX_STREAMS_PER_ADDRESS: "10000",
};

type Overrides = {
  readonly [Group in Exclude<keyof Config, "model">]?: Partial<Config[Group]>;
} & { readonly model?: Partial<Omit<Config["model"], "kind">> };

interface TestAppOptions {
  /** Settings in the environment's form, which override those above. */
  readonly env?: Env;
  /** Settings that have no name in the environment, such as the heartbeat's interval. */
  readonly config?: Overrides;
  /** The base URL of a scripted model server; without one the demo model answers, at once. */
  readonly modelUrl?: string;
  readonly model?: ChatModel;
  /** The model of the settings in force, in place of one that stays. */
  readonly modelOf?: (settings: () => Config["model"]) => ModelInForce;
  readonly store?: Store;
  /** Gives questions what the owner's pages say; by default what the store has. */
  readonly grounder?: Grounder;
  /** Reads a source; by default a reading goes on until the app is closed. */
  readonly readSource?: LearnerDeps["readSource"];
  /** The other replicas; without any, the app is alone. */
  readonly peers?: Peers;
  /** Whether the event loop is behind; by default it never is, however busy the machine is. */
  readonly loop?: LoopWatch;
  /** A clock that runs, in place of one that the test controls. */
  readonly now?: () => number;
  /** When the model's provider retires it. */
  readonly modelEndsAt?: ModelLifetime;
  /** Where Telegram's Bot API is played. */
  readonly telegramApi?: string;
  /** The address that a request comes from. */
  readonly peerAddress?: (request: Request) => string | undefined;
}

export type TestApp = ReturnType<typeof createTestApp>;

/** The whole app on a database in memory, with a clock that the test controls. */
export function createTestApp(options: TestAppOptions = {}) {
  const sources = testSources(options);
  const clock = new FakeClock();
  const { now = clock.now } = options;
  const lines: string[] = [];
  const metrics = new Metrics();
  const onCommit = (durationMs: number) => metrics.databaseWrite.observe(durationMs / 1000);
  const store = options.store ?? openSqliteStore(":memory:", { onCommit });
  const model =
    options.model ?? (options.modelUrl ? openAiModel(options.modelUrl) : createDemoModel(0));
  const log = createLogger({
    level: "debug",
    format: "json",
    secrets: () => [],
    write: (line) => lines.push(line),
    now,
  });
  const deps = { store, sources, log, now };
  const settings = new OwnerSettings(deps, { version: 0, values: {}, keys: [] });
  const peers = options.peers ?? ALONE;
  settings.onStored((version) => peers.announceVersion("settings", version));
  peers.onVersion("settings", (version) => void settings.notice(version));
  const { config } = settings;
  const loop = options.loop ?? { isBehind: false };
  const { readSource = readsOn } = options;
  const learner = new Learner({
    store,
    readSource,
    knowledge: () => config.knowledge,
    loop,
    log,
    now,
  });
  const { telegramApi } = options;
  const outbox = createOutbox({ store, config, peers, loop, metrics, log, now, telegramApi });
  const spending = new Spending({
    config,
    store,
    metrics,
    log,
    secret: SESSION_SECRET,
    now,
  });
  const { app, chat } = createApp({
    store,
    spending,
    learner,
    outbox,
    settings,
    model: options.modelOf?.(() => config.model) ?? (() => model),
    grounder: options.grounder ?? createGrounder({ config, store, metrics, log }),
    redaction: createRedactionInForce({ config, metrics }),
    createModel: async (wanted, notify) =>
      wanted.kind === "openai" ? createOpenAiModel(wanted, notify) : createDemoModel(0),
    peers,
    limiter: createFixedWindowLimiter({ now, seed: 7n, setCount: 64 }),
    loop,
    metrics,
    log,
    advice: sources.load({}).advice,
    sessionSecret: SESSION_SECRET,
    now,
    modelEndsAt: options.modelEndsAt,
    peerAddress: options.peerAddress ?? (() => PEER),
  });

  return {
    app,
    chat,
    store,
    metrics,
    spending,
    clock,
    config,
    settings,
    learner,
    outbox,
    log,
    /** The log's lines, each in JSON. */
    lines,
    /** Sends a request in process, without a socket. */
    fetch: (path: string, init?: RequestInit) =>
      app.handle(new Request(`http://localhost${path}`, init)),
    /** Listens on a socket, for tests that depend on one: aborts, time-outs, sizes. `close` stops it. */
    listen() {
      app.listen({
        hostname: "127.0.0.1",
        port: 0,
        reusePort: false,
        development: false,
        maxRequestBodySize: Number.MAX_SAFE_INTEGER,
        idleTimeout: IDLE_TIMEOUT_SECONDS,
      });
      return `http://127.0.0.1:${app.server?.port}`;
    },
    async close() {
      await Promise.all([chat.drain(0), learner.stop(), outbox.stop()]);
      await app.server?.stop(true);
      await store.close();
    },
  };
}

/** Reads nothing, and is not done before it is stopped. */
const readsOn: LearnerDeps["readSource"] = (_source, _deps, signal) =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });

/** The settings of the options, in place of the environment. */
function testSources(options: Pick<TestAppOptions, "env" | "config">): SettingSources {
  const sources = createSources({ ...ENV, ...options.env }, () => "");
  return {
    ...sources,
    load(stored) {
      const loaded = sources.load(stored);
      return { ...loaded, config: override(loaded.config, options.config) };
    },
  };
}

/** Settings of some groups, which override those of the environment. */
function override(config: Config, over: Overrides = {}): Config {
  return {
    server: { ...config.server, ...over.server },
    database: { ...config.database, ...over.database },
    replicas: { ...config.replicas, ...over.replicas },
    model: { ...config.model, ...over.model },
    assistant: { ...config.assistant, ...over.assistant },
    knowledge: { ...config.knowledge, ...over.knowledge },
    turns: { ...config.turns, ...over.turns },
    keys: { ...config.keys, ...over.keys },
    origins: { ...config.origins, ...over.origins },
    limits: { ...config.limits, ...over.limits },
    spending: { ...config.spending, ...over.spending },
    proof: { ...config.proof, ...over.proof },
    redaction: { ...config.redaction, ...over.redaction },
    widget: { ...config.widget, ...over.widget },
    people: { ...config.people, ...over.people },
    notices: { ...config.notices, ...over.notices },
    calendar: { ...config.calendar, ...over.calendar },
    log: { ...config.log, ...over.log },
  };
}

export function openAiModel(baseUrl: string, more: Partial<OpenAiSettings> = {}): ChatModel {
  return createOpenAiModel({ ...openAiSettings(baseUrl), ...more });
}

export function openAiSettings(baseUrl: string): OpenAiSettings {
  return {
    kind: "openai",
    name: "test-model",
    isNameSet: true,
    apiKey: "sk-upstream",
    baseUrl,
    headers: {},
    reasoningEffort: undefined,
    secrets: [],
  };
}

/** A chat request as the widget sends it. */
export function chatRequest(
  body: unknown,
  headers: Record<string, string> = {},
): RequestInit & { headers: Record<string, string> } {
  return {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": WIDGET_KEY, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}
