import { hasPostgres } from "../../../harness/postgres.ts";
import type { Question } from "../../../harness/question.ts";
import { hasRedis } from "../../../harness/redis.ts";
import type { ServerProcess } from "../../../harness/server-process.ts";
import { type AnswerTiming, askStream, followElsewhere, RefusedError } from "../client.ts";
import { type ClusterTarget, clusterTarget, type RunningReplicas } from "../cluster-target.ts";
import { takeNumbers } from "../load.ts";
import type { Bench, Case, Metric, Sample, Scenario } from "../scenario.ts";
import { quantile } from "../statistics.ts";
import type { Target } from "../targets.ts";
import { measureDeath } from "./death.ts";

/**
 * One, two and three replicas on one PostgreSQL and one Redis. Everything runs on this machine: more replicas
 * than it has processors to spare share them. So the processor time counts more than the answers a second.
 */

const MB = 1024 * 1024;
const RUNS = 3;
const COUNTS = [1, 2, 3];

/** Visitors who ask one question after the other, dealt out to the replicas in turn. */
interface ScaleLoad {
  readonly visitors: number;
  readonly questionsEach: number;
  readonly tokens: number;
  readonly pauseMs: number;
  readonly arrivalMs: number;
  /** One answer in this many is read at another replica than the one that generates it. Undefined: none. */
  readonly followedEvery?: number | undefined;
}

/** Enough for each replica's runtime to compile the hot code before the measurement. */
const WARM_UP = { visitors: 48, questionsEach: 100, tokens: 64, pauseMs: 0, arrivalMs: 0 };
const FAST = { visitors: 64, questionsEach: 60, tokens: 64, pauseMs: 0, arrivalMs: 0 };
const HELD = { visitors: 600, questionsEach: 1, tokens: 64, pauseMs: 100, arrivalMs: 1500 };

const EACH: readonly Metric[] = [
  { key: "cpu", label: "CPU of an answer: replicas", unit: "ms", digits: 2 },
  { key: "databaseCpu", label: "PostgreSQL", unit: "ms", digits: 2 },
  { key: "busCpu", label: "Redis", unit: "ms", digits: 2 },
];
const FAST_METRICS: readonly Metric[] = [
  { key: "answersPerSecond", label: "answers/s", unit: "", digits: 0 },
  ...EACH,
  { key: "firstTokenMedian", label: "first token", unit: "ms", digits: 1 },
];
const HELD_METRICS: readonly Metric[] = [
  ...EACH,
  { key: "streamsPerCore", label: "streams held by a core", unit: "", digits: 0 },
  { key: "latenessP99", label: "lateness p99", unit: "ms", digits: 1 },
  { key: "peakMb", label: "peak memory", unit: "MB", digits: 0 },
];
const DEATH_METRICS: readonly Metric[] = [
  { key: "broken", label: "answers broken off", unit: "", digits: 0 },
  { key: "endedMedian", label: "ended after, median", unit: "s", digits: 1 },
  { key: "endedMost", label: "most", unit: "s", digits: 1 },
  { key: "askedMost", label: "next question answered, most", unit: "s", digits: 1 },
  { key: "lost", label: "text lost, most", unit: "s", digits: 2 },
  { key: "latenessP99", label: "lateness of the others p99", unit: "ms", digits: 1 },
];

export const scale: Scenario = {
  name: "scale",
  summary: "one to three replicas on PostgreSQL and Redis, and what a replica's death costs",
  cases(bench, { binary, binaryPath }) {
    if (!hasPostgres || !hasRedis) {
      bench.say(
        "  skipped: it needs PostgreSQL and Redis (apt-get install postgresql redis-server)",
      );
      return [];
    }
    const clusters = COUNTS.map((count) => clusterTarget(nameOf(count), count, binaryPath));
    const file: Target = { ...binary, name: "a file, no replicas" };
    const three = clusters.slice(-1);
    return [
      {
        name: "scale, as fast as it goes",
        metrics: FAST_METRICS,
        targets: [file, ...clusters],
        baseline: nameOf(1),
        subject: nameOf(1),
        runs: RUNS,
        measure: (target) => measure(target, bench, FAST),
      },
      heldCase("0", clusters, undefined),
      heldCase("5 %", clusters.slice(1), 20),
      heldCase("all", clusters.slice(1), 1),
      {
        name: "scale, a replica dies",
        metrics: DEATH_METRICS,
        targets: three,
        baseline: "",
        runs: RUNS,
        measure: (target) =>
          bench.withServer(target, () => measureDeath(target, runningOf(target)?.replicas ?? [])),
      },
    ];
  },
};

function nameOf(count: number): string {
  return count === 1 ? "1 replica" : `${count} replicas`;
}

function heldCase(
  followed: string,
  targets: readonly ClusterTarget[],
  followedEvery: number | undefined,
): Case {
  const [first] = targets;
  return {
    name: `scale, ${HELD.visitors} streams held, ${followed} followed elsewhere`,
    metrics: HELD_METRICS,
    targets,
    baseline: first?.name ?? "",
    subject: first?.name ?? "",
    runs: RUNS,
    measure: (target, bench) => measure(target, bench, { ...HELD, followedEvery }),
  };
}

function runningOf(target: Target): RunningReplicas | undefined {
  return "running" in target ? (target as ClusterTarget).running() : undefined;
}

function measure(target: Target, bench: Bench, load: ScaleLoad): Promise<Sample> {
  return bench.withServer(target, async (server) => {
    const { replicas, databaseCpuMs, busCpuMs } = runningOf(target) ?? alone(server);
    await putReplicasUnderLoad(target, replicas, WARM_UP);
    server.resetPeak();
    const before = { cpu: server.cpuMs(), database: databaseCpuMs(), bus: busCpuMs() };
    const startedAt = performance.now();
    const timings = await putReplicasUnderLoad(target, replicas, load);
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = (server.cpuMs() - before.cpu) / timings.length;
    return {
      answersPerSecond: timings.length / seconds,
      cpu,
      databaseCpu: (databaseCpuMs() - before.database) / timings.length,
      busCpu: (busCpuMs() - before.bus) / timings.length,
      // A stream keeps a core busy for the time of an answer, spread over its length.
      streamsPerCore: (load.tokens * load.pauseMs) / cpu,
      firstTokenMedian: quantile(
        timings.map(({ firstTokenMs }) => firstTokenMs),
        0.5,
      ),
      latenessP99: quantile(
        timings.flatMap(({ latenessMs }) => latenessMs),
        0.99,
      ),
      peakMb: server.peakMemoryBytes() / MB,
    };
  });
}

function alone(server: ServerProcess): RunningReplicas {
  return { replicas: [server], databaseCpuMs: () => 0, busCpuMs: () => 0 };
}

async function putReplicasUnderLoad(
  target: Target,
  replicas: readonly ServerProcess[],
  load: ScaleLoad,
): Promise<readonly AnswerTiming[]> {
  const { visitors, questionsEach, tokens, pauseMs, arrivalMs, followedEvery } = load;
  const timings: AnswerTiming[] = [];
  const urls = replicas.map(({ url }) => url);
  await Promise.all(
    Array.from({ length: visitors }, async (_, visitor) => {
      const firstNumber = takeNumbers(questionsEach);
      const url = urls[visitor % urls.length] ?? "";
      const elsewhere = urls[(visitor + 1) % urls.length] ?? "";
      await Bun.sleep((arrivalMs * visitor) / visitors);
      for (let asked = 0; asked < questionsEach; asked++) {
        const question: Question = { number: firstNumber + asked, tokens, pauseMs };
        const isFollowed = followedEvery !== undefined && visitor % followedEvery === 0;
        const ask = isFollowed
          ? () => followElsewhere(target, url, elsewhere, question)
          : () => askStream(target, url, question);
        timings.push(await patiently(ask));
      }
    }),
  );
  return timings;
}

/** Asks again while the server has no room, as on a machine that has other work. */
async function patiently(ask: () => Promise<AnswerTiming>): Promise<AnswerTiming> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      await Bun.sleep(error.retryAfterMs);
    }
  }
}
