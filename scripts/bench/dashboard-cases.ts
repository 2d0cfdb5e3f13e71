import { hasPostgres, startPostgres } from "../../harness/postgres.ts";
import { familyCpuMs } from "../../harness/proc.ts";
import { BenchError, runCommand, type ServerProcess } from "../../harness/server-process.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { type DashboardPage, findPages, PAGE_NAMES } from "./dashboard-pages.ts";
import { logIn, PASSWORD } from "./dashboard-requests.ts";
import type { Bench, Bound, Case, Metric, Sample } from "./scenario.ts";
import { median } from "./statistics.ts";
import { binary, type Settings } from "./targets.ts";

const ASKED = 20;
const WARM_UP = 5;
const RUNS = 1;

const QUICK: Bound = { of: "every value", atMost: 50 };
/** A search ends after a second, and then its page is made. */
const IN_TIME: Bound = { of: "every value", atMost: 1100 };
/** On a busy machine, the processor time and the least say more than the median. */
const METRICS: readonly Metric[] = [
  { key: "medianMs", label: "median", unit: "ms", digits: 1, bound: QUICK },
  { key: "cutMs", label: "filtered search", unit: "ms", digits: 1, bound: IN_TIME },
  { key: "leastMs", label: "least", unit: "ms", digits: 1 },
  { key: "cpuMs", label: "CPU", unit: "ms", digits: 1 },
  { key: "kilobytes", label: "size", unit: "KB", digits: 0 },
];

interface Database {
  readonly name: string;
  readonly settings: Settings;
  /** The processor time of a database server so far. */
  readonly cpuMs: () => number;
}

interface Seeded {
  /** Made by scripts/seed.ts. */
  readonly path: string;
  readonly conversations: number;
  readonly binaryPath: string;
}

/** Every page of the dashboard, on SQLite and on PostgreSQL. */
export async function dashboardCases(bench: Bench, seeded: Seeded): Promise<readonly Case[]> {
  const sqlite: Database = {
    name: "SQLite",
    settings: { DATABASE_PATH: seeded.path },
    cpuMs: () => 0,
  };
  const cases = [await pagesOf(bench, seeded, sqlite)];
  if (!hasPostgres) return cases;
  bench.say("  moving them to PostgreSQL");
  return [...cases, await pagesOf(bench, seeded, await moveToPostgres(bench, seeded))];
}

async function moveToPostgres(bench: Bench, { path, binaryPath }: Seeded): Promise<Database> {
  const postgres = await startPostgres({ max_connections: 100 });
  const url = await postgres.createDatabase();
  const settings = { DATABASE_URL: url };
  const variables = Object.entries({ ...settings, DATABASE_PATH: path });
  const command = ["env", ...variables.map(([name, value]) => `${name}=${value}`), binaryPath];
  await runCommand("migrate", [...command, "migrate"], bench.folder());
  await fillMarks(url);
  // As autovacuum does within minutes.
  const sql = new Bun.SQL(url, { max: 1 });
  await sql.unsafe("VACUUM ANALYZE");
  await sql.close();
  return { name: "PostgreSQL", settings, cpuMs: () => familyCpuMs(postgres.pid) };
}

/** Does at once what a server does in the background when it starts with moved conversations. */
async function fillMarks(url: string): Promise<void> {
  const { store } = await openPostgresStore(url);
  while (!(await store.fillMarks()));
  await store.close();
}

async function pagesOf(bench: Bench, seeded: Seeded, database: Database): Promise<Case> {
  const settings = { ...database.settings, DASHBOARD_PASSWORD: PASSWORD };
  const server = binary(seeded.binaryPath, settings);
  const pages = await bench.withServer(server, async ({ url }) =>
    findPages({ url, cookie: await logIn(url) }, seeded.conversations),
  );
  return {
    name: `dashboard, ${database.name}`,
    metrics: METRICS,
    targets: PAGE_NAMES.map((name) => ({ ...server, name })),
    baseline: "",
    runs: RUNS,
    measure: ({ name }) => {
      const page = pages.values().find((each) => each.name === name);
      if (page === undefined) throw new BenchError(`There is no page "${name}".`);
      return bench.withServer(server, (running) => measurePage(running, page, database));
    },
  };
}

async function measurePage(
  server: ServerProcess,
  { path, has, read, isCutByTime }: DashboardPage,
  database: Database,
): Promise<Sample> {
  const { url } = server;
  const cookie = await logIn(url);
  const cpuMs = () => server.familyCpuMs() + database.cpuMs();
  for (let asked = 0; asked < WARM_UP; asked++) await read(url, path, cookie);
  const cpuBefore = cpuMs();
  const walls: number[] = [];
  let page = "";
  for (let asked = 0; asked < ASKED; asked++) {
    const startedAt = performance.now();
    page = await read(url, path, cookie);
    walls.push(performance.now() - startedAt);
  }
  const used = cpuMs() - cpuBefore;
  if (!page.includes(has)) throw new BenchError(`The page ${path} is not what it should be.`);
  return {
    [isCutByTime ? "cutMs" : "medianMs"]: median(walls),
    leastMs: Math.min(...walls),
    cpuMs: used / ASKED,
    kilobytes: page.length / 1024,
  };
}
