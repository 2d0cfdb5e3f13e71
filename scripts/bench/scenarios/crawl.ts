import { Database } from "bun:sqlite";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { databaseIn } from "../../../harness/chat-requests.ts";
import { documentationFolder, DocumentationSite } from "../../../harness/documentation-site.ts";
import { parseExposition } from "../../../harness/exposition.ts";
import { type Bucket, bucketsOf, countedSince } from "../../../harness/histogram.ts";
import { BenchError, type ServerProcess } from "../../../harness/server-process.ts";
import { createSafeFetch } from "../../../src/crawl/safe-fetch.ts";
import { LearningProgress } from "../../../src/knowledge/learning-progress.ts";
import { readSource } from "../../../src/knowledge/read-source.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { Crowd } from "../crowd.ts";
import type { Bench, Metric, Sample, Scenario } from "../scenario.ts";
import { quantile } from "../statistics.ts";
import { binary, type Target } from "../targets.ts";

/** A server reads a documentation package while visitors chat: how long does it take, and who notices? */

const VISITORS = 200;
const ARRIVAL_MS = 1000;
const TOKENS = 100;
const TOKEN_PAUSE_MS = 50;
/** How long the visitors of a server that reads nothing are watched. */
const QUIET_MS = 30_000;
const MAX_READING_MS = 10 * 60_000;
const LOOK_EVERY_MS = 100;
const METRICS_KEY = "bench-metrics-key-of-32-character";
const MB = 1024 * 1024;

const METRICS: readonly Metric[] = [
  { key: "seconds", label: "time", unit: "s", digits: 1 },
  { key: "pages", label: "pages", unit: "", digits: 0 },
  { key: "sections", label: "sections", unit: "", digits: 0 },
  { key: "cpuShare", label: "CPU", unit: "%", digits: 0 },
  { key: "lateness", label: "token lateness p50", unit: "ms", digits: 1 },
  { key: "latenessMost", label: "p99", unit: "ms", digits: 1 },
  { key: "lag", label: "event loop lag p99 ≤", unit: "ms", digits: 0 },
  { key: "peakMb", label: "peak memory", unit: "MB", digits: 0 },
];

/** What the server has to read: nothing, everything, nothing new, everything anew. */
type Reading = "none" | "first" | "unchanged" | "changed";

export const crawl: Scenario = {
  name: "crawl",
  summary: `${VISITORS} visitors chat while the server reads a documentation package`,
  async cases(bench: Bench, { binaryPath }) {
    const folder = documentationFolder();
    if (folder === undefined)
      throw new BenchError("There is no documentation: install postgresql-doc.");
    const site = new DocumentationSite(folder);
    // The pause between two pages is the shortest that a site can ask for.
    site.respond("/robots.txt", () => new Response("User-agent: *\nCrawl-delay: 0\n"));
    const readDatabase = join(bench.folder(), "read.db");
    await readOnce(site, readDatabase);
    const settings = { KNOWLEDGE_ALLOW_PRIVATE: "127.0.0.1", METRICS_KEY };
    const plain = binary(binaryPath, settings);
    const readings: readonly (readonly [string, Reading])[] = [
      ["reads nothing", "none"],
      ["reads it the first time", "first"],
      ["again, nothing has changed", "unchanged"],
      ["again, every page has changed", "changed"],
    ];
    /** The database of the server that runs. */
    let path = "";
    const byTarget = new Map<Target, Reading>();
    for (const [name, reading] of readings) byTarget.set({ ...plain, name }, reading);
    return [
      {
        name: "crawl",
        metrics: METRICS,
        targets: [...byTarget.keys()].map((target) =>
          prepared(target, byTarget.get(target) ?? "none"),
        ),
        baseline: "reads nothing",
        subject: "reads it the first time",
        runs: 1,
        measure: (target, runBench) =>
          runBench.withServer(target, (server) => measure(server, target, path)),
      },
    ];

    /** Puts the database in place before the server starts. */
    function prepared(target: Target, reading: Reading): Target {
      return {
        ...target,
        async start(options) {
          path = databaseIn(options.folder);
          mkdirSync(dirname(path), { recursive: true });
          changePages(site, reading === "changed");
          if (reading === "first") await addSource(site, path);
          if (reading === "unchanged" || reading === "changed") copyFileSync(readDatabase, path);
          return target.start(options);
        },
      };
    }
  },
};

function changePages(site: DocumentationSite, isChanged: boolean): void {
  for (const name of site.pages) {
    // Another line on each page: what most pages share counts as their frame.
    const mark = `<p>The page ${name} has changed.</p></body>`;
    const text = site.text(name).replace(mark, "</body>");
    site.change(name, isChanged ? text.replace("</body>", mark) : text);
  }
}

async function addSource(site: DocumentationSite, path: string): Promise<void> {
  const store = openSqliteStore(path);
  await store.addSource(sourceOf(site));
  await store.close();
}

function sourceOf(site: DocumentationSite) {
  const uri = `${site.origin}/`;
  const when = { createdAt: Date.now(), nextAt: Date.now(), everyHours: 24 };
  return { kind: "site", uri, only: undefined, ignoresRobots: false, ...when } as const;
}

/** Makes a database in which the site has been read, and is due again. */
async function readOnce(site: DocumentationSite, path: string): Promise<void> {
  const store = openSqliteStore(path);
  const { source } = await store.addSource(sourceOf(site));
  const fetch = createSafeFetch({
    lookUp: () => Promise.resolve([[127, 0, 0, 1]]),
    allowed: { hosts: ["127.0.0.1"], cidrs: [] },
    userAgent: "chatporch/bench",
    own: new URL(site.origin),
  });
  const isFree = () => Promise.resolve();
  const hasRoom = () => Promise.resolve(true);
  const deps = { store, fetch, progress: new LearningProgress(), isFree, hasRoom, now: Date.now };
  await readSource(source, { ...deps, pauseMs: 0 }, new AbortController().signal);
  await store.close();
}

async function measure(server: ServerProcess, target: Target, path: string): Promise<Sample> {
  const crowd = new Crowd({ target, url: server.url, tokens: TOKENS, pauseMs: TOKEN_PAUSE_MS });
  return Promise.race([crowd.failed, watch(crowd, server, path)]);
}

async function watch(crowd: Crowd, server: ServerProcess, path: string): Promise<Sample> {
  await crowd.grow(VISITORS, ARRIVAL_MS);
  const before = await lagBuckets(server.url);
  const cpuBefore = server.cpuMs();
  server.resetPeak();
  crowd.observe();
  const seconds = await untilRead(path);
  const { latenessMs, seconds: watched } = crowd.observe();
  const after = await lagBuckets(server.url);
  const cpuShare = (server.cpuMs() - cpuBefore) / (10 * watched);
  const peakMb = server.peakMemoryBytes() / MB;
  crowd.close();
  await crowd.gone();
  return {
    seconds,
    ...countsIn(path),
    cpuShare,
    lateness: quantile(latenessMs, 0.5),
    latenessMost: quantile(latenessMs, 0.99),
    lag: leastBoundMs(countedSince(before, after), 0.99),
    peakMb,
  };
}

/** Resolves with the seconds that the reading took, or with 0 after a while when nothing is to be read. */
async function untilRead(path: string): Promise<number> {
  const deadline = performance.now() + MAX_READING_MS;
  const quietUntil = performance.now() + QUIET_MS;
  for (;;) {
    const [source] = rows<SourceTimes>(path, "SELECT started_at, ended_at FROM knowledge_sources");
    if (source === undefined && performance.now() > quietUntil) return 0;
    const { started_at: from, ended_at: to } = source ?? { started_at: null, ended_at: null };
    if (from !== null && to !== null && to >= from) return (to - from) / 1000;
    if (performance.now() > deadline) throw new BenchError("The reading does not end.");
    await Bun.sleep(LOOK_EVERY_MS);
  }
}

interface SourceTimes {
  readonly started_at: number | null;
  readonly ended_at: number | null;
}

function countsIn(path: string): { readonly pages: number; readonly sections: number } {
  const [totals] = rows<{ documents: number; sections: number }>(
    path,
    "SELECT * FROM knowledge_totals",
  );
  return { pages: totals?.documents ?? 0, sections: totals?.sections ?? 0 };
}

function rows<Row>(path: string, query: string): readonly Row[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.query<Row, []>(query).all();
  } finally {
    db.close();
  }
}

/** How many beats of the event loop were how late, in seconds. */
async function lagBuckets(url: string): Promise<readonly Bucket[]> {
  const headers = { authorization: `Bearer ${METRICS_KEY}` };
  const response = await fetch(`${url}/metrics`, { headers });
  return bucketsOf(parseExposition(await response.text()), "chatporch_event_loop_lag_seconds");
}

/** The least bound below which the given part of the beats lies, in milliseconds. */
function leastBoundMs(buckets: readonly Bucket[], part: number): number {
  const all = buckets.at(-1)?.count ?? 0;
  const { upTo } = buckets.find(({ count }) => count >= part * all) ?? { upTo: 0 };
  return upTo * 1000;
}
