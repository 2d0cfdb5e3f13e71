import { hasPostgres, sharedPostgres } from "../../harness/postgres.ts";
import type { Send } from "../../harness/spending/visitors.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { NO_BUS } from "../../src/peers/bus.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import type { Store } from "../../src/store/store.ts";
import { startReplica, type TestReplica } from "./peers/replicas.ts";
import { chatRequest, createTestApp, WIDGET_KEY } from "./test-app.ts";

/** Servers in this process that share one ledger. */
export interface SpendingServers {
  readonly servers: readonly [InProcess, ...InProcess[]];
  readonly store: Store;
  close(): Promise<void>;
}

interface InProcess {
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  /** Of several servers, those that can be cut off from the others. */
  readonly replica?: TestReplica;
}

interface OpenOptions {
  readonly modelUrl: string;
  readonly env: Env;
}

/** Visitors who leave do not come back. */
const ABANDONED_MS = 30;

/** The arrangements of servers, each with a function that starts it on an empty database. */
export const ARRANGEMENTS: readonly (readonly [
  name: string,
  open: (options: OpenOptions) => Promise<SpendingServers>,
])[] = [
  ["one server on SQLite", openAlone],
  ...(hasPostgres
    ? ([
        ["one server on PostgreSQL", (options: OpenOptions) => openReplicas(1, options)],
        ["three servers on PostgreSQL", (options: OpenOptions) => openReplicas(3, options)],
      ] as const)
    : []),
];

async function openAlone({ modelUrl, env }: OpenOptions): Promise<SpendingServers> {
  const config = { turns: { abandonedTurnGraceMs: ABANDONED_MS } };
  const app = createTestApp({ modelUrl, env: { OPENAI_BASE_URL: modelUrl, ...env }, config });
  return { servers: [app], store: app.store, close: () => app.close() };
}

async function openReplicas(
  count: number,
  { modelUrl, env }: OpenOptions,
): Promise<SpendingServers> {
  const url = await (await sharedPostgres()).createDatabase();
  const start = async () => {
    const database = await openPostgresStore(url);
    const options = {
      database,
      bus: NO_BUS,
      modelUrl,
      env: { OPENAI_BASE_URL: modelUrl, ...env },
      abandonedTurnGraceMs: ABANDONED_MS,
    };
    const replica = await startReplica(options);
    return { fetch: replica.fetch, replica, store: database.store };
  };
  const first = await start();
  const others: (typeof first)[] = [];
  while (others.length + 1 < count) others.push(await start());
  const servers = [first, ...others] as const;
  return {
    servers,
    store: first.store,
    async close() {
      await Promise.all(servers.map(({ replica }) => replica.close()));
      await Promise.all(servers.map(({ store }) => store.close()));
    },
  };
}

/** How visitors reach a server in this process. */
export function sendTo({ fetch }: Pick<InProcess, "fetch">): Send {
  return async (path, { body, signal }) => {
    const headers = { "x-api-key": WIDGET_KEY };
    const init = body === undefined ? { method: "POST", headers } : chatRequest(body);
    return fetch(path, { ...init, ...(signal ? { signal } : {}) });
  };
}
