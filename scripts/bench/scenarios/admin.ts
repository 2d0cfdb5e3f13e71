import { join, resolve } from "node:path";

import { runCommand, type ServerProcess } from "../../../harness/server-process.ts";
import { askExport, askPage, askThread, type Expected } from "../admin-requests.ts";
import { dashboardCases } from "../dashboard-cases.ts";
import type { Bench, Bound, Metric, Sample, Scenario } from "../scenario.ts";
import { median } from "../statistics.ts";
import { binary, type Target } from "../targets.ts";

/** The numbers of messages in the databases. Each has a tenth as many conversations. */
const SIZES = [1000, 100_000, 1_000_000];
const MESSAGES_PER_CONVERSATION = 10;
const SEED = resolve(import.meta.dir, "../../seed.ts");

/** The length of the dashboard's page. */
const FIRST_PAGE_LIMIT = 100;
/** Small enough that the smallest database has a second page. */
const DEEP_PAGE_LIMIT = 50;
const DEEP_PAGE = 1000;

/** Many, because processor time is counted in ticks of 10 ms and a list takes a fraction of a tick. */
const LISTS = 1000;
const SEARCHES = 40;
const THREADS = 300;
const RUNS = 3;
const MB = 1024 * 1024;

/** A word in five messages, one in some, one in most, and two words together (see scripts/seed.ts). */
const SEARCHED = ["zanzibar", "warranty", "the", "refund order"];
const RARE: Expected = { limit: FIRST_PAGE_LIMIT, minTotal: 1, maxTotal: 5 };

const SAME: Bound = { of: "ratio", atMost: 1.5 };
/** The cost of a page must not depend on the number of messages, so the largest is compared with the smallest. */
const METRICS: readonly Metric[] = [
  { key: "firstCpuMs", label: "first page CPU", unit: "ms", digits: 2, bound: SAME },
  { key: "firstMs", label: "wall", unit: "ms", digits: 2 },
  { key: "deepCpuMs", label: "deep page CPU", unit: "ms", digits: 2, bound: SAME },
  { key: "deepMs", label: "wall", unit: "ms", digits: 2 },
  {
    key: "searchMs",
    label: "slowest search",
    unit: "ms",
    digits: 1,
    bound: { of: "value", atMost: 50 },
  },
  { key: "threadMs", label: "thread", unit: "ms", digits: 2 },
  { key: "exportSeconds", label: "export", unit: "s", digits: 2 },
  { key: "exportMbPerSecond", label: "export", unit: "MB/s", digits: 0 },
  {
    key: "exportGrowthMb",
    label: "export memory",
    unit: "MB",
    digits: 1,
    bound: { of: "value", atMost: 16 },
  },
];

export const admin: Scenario = {
  name: "admin",
  summary:
    "lists, searches and the export of 1,000 to 1,000,000 messages; every page of the dashboard",
  async cases(bench, { binaryPath }) {
    const sizes = new Map<Target, number>();
    let path = "";
    for (const messages of SIZES) {
      const name = `${messages.toLocaleString("en")} messages`;
      bench.say(`  making ${name}`);
      path = await makeDatabase(bench, messages);
      sizes.set({ ...binary(binaryPath, { DATABASE_PATH: path }), name }, messages);
    }
    const conversations = (SIZES.at(-1) ?? 0) / MESSAGES_PER_CONVERSATION;
    const targets = [...sizes.keys()];
    return [
      {
        name: "admin",
        metrics: METRICS,
        targets,
        baseline: targets[0]?.name ?? "",
        subject: targets.at(-1)?.name ?? "",
        runs: RUNS,
        measure: (target) =>
          bench.withServer(target, (server) => measure(server, sizes.get(target) ?? 0)),
      },
      ...(await dashboardCases(bench, { path, conversations, binaryPath })),
    ];
  },
};

async function makeDatabase(bench: Bench, messages: number): Promise<string> {
  const folder = bench.folder();
  const path = join(folder, "bench.db");
  const conversations = messages / MESSAGES_PER_CONVERSATION;
  const command = [process.execPath, SEED, path, `${conversations}`, `${messages}`];
  await runCommand("seed", command, folder);
  return path;
}

async function measure(server: ServerProcess, messages: number): Promise<Sample> {
  const { url } = server;
  const conversations = messages / MESSAGES_PER_CONVERSATION;
  const all = { minTotal: conversations, maxTotal: conversations };

  const first = await timed(server, LISTS, () =>
    askPage(url, {}, { ...all, limit: FIRST_PAGE_LIMIT }),
  );
  const cursor = await walkToDeepPage(url, conversations);
  const deep = await timed(server, LISTS, () =>
    askPage(url, { cursor }, { ...all, limit: DEEP_PAGE_LIMIT }),
  );
  const searches: number[] = [];
  for (const q of SEARCHED) {
    const some = { limit: FIRST_PAGE_LIMIT, minTotal: 1, maxTotal: conversations };
    const expected = q === SEARCHED[0] ? RARE : some;
    const { wallMs } = await timed(server, SEARCHES, () => askPage(url, { q }, expected));
    searches.push(wallMs);
  }
  const newest = first.last.conversations[0];
  const thread = await timed(server, THREADS, async () => newest && askThread(url, newest));
  return {
    firstCpuMs: first.cpuMs,
    firstMs: first.wallMs,
    deepCpuMs: deep.cpuMs,
    deepMs: deep.wallMs,
    searchMs: Math.max(...searches),
    threadMs: thread.wallMs,
    ...(await measureExport(server, messages)),
  };
}

/** The cursor of the deep page, or of the last full page when there are fewer pages. */
async function walkToDeepPage(url: string, conversations: number): Promise<string> {
  const all = { limit: DEEP_PAGE_LIMIT, minTotal: conversations, maxTotal: conversations };
  const pages = Math.min(DEEP_PAGE, Math.floor(conversations / DEEP_PAGE_LIMIT));
  let cursor = "";
  for (let page = 1; page < pages; page++) {
    const query: Record<string, string> = cursor === "" ? {} : { cursor };
    cursor = (await askPage(url, query, all)).nextCursor ?? "";
  }
  return cursor;
}

/**
 * The memory is measured during a second export. During the first one the process grows as it would with any
 * work, whatever the size of the export.
 */
async function measureExport(server: ServerProcess, messages: number): Promise<Sample> {
  await askExport(server.url, messages);
  const before = server.memoryBytes();
  server.resetPeak();
  const startedAt = performance.now();
  const bytes = await askExport(server.url, messages);
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    exportSeconds: seconds,
    exportMbPerSecond: bytes / MB / seconds,
    exportGrowthMb: Math.max(0, server.peakMemoryBytes() - before) / MB,
  };
}

interface Timed<T> {
  readonly cpuMs: number;
  /** The median. */
  readonly wallMs: number;
  readonly last: T;
}

/** Asks `times` times, one after the other, after a warm-up with half as many requests. */
async function timed<T>(
  server: ServerProcess,
  times: number,
  ask: () => Promise<T>,
): Promise<Timed<T>> {
  let last = await ask();
  for (let asked = 1; asked < times / 2; asked++) last = await ask();
  const walls: number[] = [];
  const cpuBefore = server.cpuMs();
  for (let asked = 0; asked < times; asked++) {
    const startedAt = performance.now();
    last = await ask();
    walls.push(performance.now() - startedAt);
  }
  return { cpuMs: (server.cpuMs() - cpuBefore) / times, wallMs: median(walls), last };
}
