import type { Exposition } from "../../harness/exposition.ts";
import { bucketQuantile, bucketsOf, countedSince } from "../../harness/histogram.ts";
import type { ServerProcess } from "../../harness/server-process.ts";
import { scrape, watchConversations } from "./owner.ts";
import { readUsage, type Shares, sharesBetween } from "./processors.ts";
import { type Failure, Tally } from "./tally.ts";
import { Visitors } from "./visitors.ts";

export interface SoakOptions {
  readonly seconds: number;
  readonly streams: number;
  /** The mean length of an answer. */
  readonly tokens: number;
  readonly pauseMs: number;
}

/** Everything that a soak measured. --json writes it. */
export interface Recording {
  /** When the soak began, in ISO 8601. */
  readonly at: string;
  readonly bun: string;
  readonly options: SoakOptions;
  /** The length of a window. The first window is for warming up; the second is compared with the last. */
  readonly windowSeconds: number;
  /** The server's memory, once a second. */
  readonly memoryBytes: readonly number[];
  readonly progress: readonly Progress[];
  /** Measured after the warm-up. Infinite beyond the last bucket; JSON writes that as null. */
  readonly lagP99Ms: number;
  readonly shares: Shares;
  readonly answers: Readonly<Record<"streamed" | "whole" | "resumed" | "left", number>>;
  readonly pages: number;
  readonly errors: number;
  readonly failures: readonly Failure[];
}

/** The figures since the previous progress. */
export interface Progress extends Shares {
  readonly seconds: number;
  readonly streamsOpen: number;
  readonly answers: number;
  readonly errors: number;
  readonly memoryBytes: number;
  readonly lagP99Ms: number;
}

const WINDOW_SECONDS = 60;
const PROGRESS_SECONDS = 10;
const MAX_ARRIVAL_MS = 10_000;
const LAG = "chatporch_event_loop_lag_seconds";
/** Longer than an answer goes on without its visitor: ABANDONED_TURN_GRACE_MS is 10 s. */
const MAX_REST_MS = 15_000;
const REST_LOOK_MS = 200;

/** The server's counters that must stay at 0 under half of its load. */
const FAILURES = [
  /^chatporch_turns_total\{status="(?:failed|interrupted)"\}$/,
  /^chatporch_model_errors_total\{/,
  /^chatporch_rate_limited_total\{/,
  /^chatporch_overload_refusals_total$/,
  /^chatporch_http_requests_total\{.*status="[45]\d\d"\}$/,
];

/** Puts a server under load for the given time and measures it from outside. */
export async function soak(
  server: ServerProcess,
  model: ServerProcess,
  options: SoakOptions,
  onProgress: (progress: Progress) => void,
): Promise<Recording> {
  const at = new Date().toISOString();
  const { seconds, streams, tokens, pauseMs } = options;
  const { url } = server;
  const windowSeconds = Math.min(WINDOW_SECONDS, Math.floor(seconds / 3));
  const progressSeconds = Math.min(PROGRESS_SECONDS, windowSeconds);
  const read = async () => ({ metrics: await scrape(url), usage: readUsage(server, model) });

  const tally = new Tally();
  const progress: Progress[] = [];
  const memoryBytes: number[] = [];
  const startedAt = performance.now();
  let latest = await read();
  let warm = latest;

  const arrivalMs = Math.min(MAX_ARRIVAL_MS, (windowSeconds * 1000) / 2);
  const visitors = new Visitors({ url, atOnce: streams, tokens, pauseMs, arrivalMs, tally });
  const owner = new AbortController();
  const watching = watchConversations(url, tally, owner.signal);
  for (let second = 1; second <= seconds; second++) {
    await Bun.sleep(startedAt + second * 1000 - performance.now());
    memoryBytes.push(server.memoryBytes());
    if (second % progressSeconds === 0 || second === windowSeconds || second === seconds) {
      const before = latest;
      latest = await read();
      if (second === windowSeconds) warm = latest;
      const current = {
        seconds: second,
        streamsOpen: latest.metrics.values.get("chatporch_streams_open") ?? 0,
        answers: answersOf(tally),
        errors: tally.errors,
        memoryBytes: memoryBytes.at(-1) ?? 0,
        lagP99Ms: lagP99Ms(before.metrics, latest.metrics),
        ...sharesBetween(before.usage, latest.usage),
      };
      progress.push(current);
      onProgress(current);
    }
  }
  owner.abort();
  await Promise.all([visitors.close(), watching]);
  noteServerFailures(tally, await untilAtRest(url));

  return {
    at,
    bun: Bun.version,
    options,
    windowSeconds,
    memoryBytes,
    progress,
    lagP99Ms: lagP99Ms(warm.metrics, latest.metrics),
    shares: sharesBetween(warm.usage, latest.usage),
    answers: {
      streamed: tally.count("answers"),
      whole: tally.count("whole answers"),
      resumed: tally.count("resumed"),
      left: tally.count("left"),
    },
    pages: tally.count("pages"),
    errors: tally.errors,
    failures: tally.failures,
  };
}

/** The number of answers that were received completely. */
function answersOf(tally: Tally): number {
  return tally.count("answers") + tally.count("whole answers");
}

function lagP99Ms(before: Exposition, now: Exposition): number {
  const counted = countedSince(bucketsOf(before, LAG), bucketsOf(now, LAG));
  return bucketQuantile(counted, 0.99) * 1000;
}

/** The metrics once no answer is under way any more. Answers without a visitor go on for a while. */
async function untilAtRest(url: string): Promise<Exposition> {
  const deadline = performance.now() + MAX_REST_MS;
  for (;;) {
    const metrics = await scrape(url);
    const isAtRest = metrics.values.get("chatporch_turns_running") === 0;
    if (isAtRest || performance.now() > deadline) return metrics;
    await Bun.sleep(REST_LOOK_MS);
  }
}

/** Adds the failures that the server has counted, and what it has not released. */
function noteServerFailures(tally: Tally, { values }: Exposition): void {
  // Errors that the visitors have noticed would be counted twice.
  const counters = tally.errors > 0 ? [] : values;
  for (const [sample, count] of counters) {
    if (FAILURES.some((failure) => failure.test(sample))) tally.add(sample, count, COUNTED);
  }
  for (const gauge of ["chatporch_turns_running", "chatporch_streams_open"]) {
    tally.add(gauge, values.get(gauge) ?? 0, "left over after the last visitor");
  }
  const turns = ["complete", "stopped"].map(
    (status) => values.get(`chatporch_turns_total{status="${status}"}`) ?? 0,
  );
  const ended = turns.reduce((sum, count) => sum + count);
  const asked = answersOf(tally) + tally.count("left");
  if (tally.errors > 0 || ended === asked) return;
  tally.add("turns", 1, `the server counted ${ended}, the visitors ${asked}`);
}

const COUNTED = "counted by the server";
