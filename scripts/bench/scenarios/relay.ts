import { type Load, type LoadResult, putUnderLoad, warmUp } from "../load.ts";
import {
  allTargets,
  type Bound,
  type Case,
  type Metric,
  type Sample,
  type Scenario,
  type Targets,
} from "../scenario.ts";
import { quantile } from "../statistics.ts";

/** Chats with every target, while the model sends at several speeds. */

const TOKENS = 64;
const MB = 1024 * 1024;

type Bounds = Readonly<Record<string, Bound>>;

/** Every figure that a load gives. A case shows those that matter to it. */
const METRICS: Readonly<Record<string, Omit<Metric, "key" | "bound">>> = {
  wallMs: { label: "wall", unit: "ms", digits: 0 },
  answersPerSecond: { label: "answers/s", unit: "", digits: 0 },
  cpuPerAnswer: { label: "CPU an answer", unit: "ms", digits: 2 },
  cpuPerThousandTokens: { label: "CPU per 1000 tokens", unit: "ms", digits: 1 },
  firstTokenMedian: { label: "first token", unit: "ms", digits: 2 },
  firstTokenP99: { label: "first token p99", unit: "ms", digits: 1 },
  latenessP99: { label: "lateness p99", unit: "ms", digits: 1 },
  peakMb: { label: "peak memory", unit: "MB", digits: 0 },
  kbPerStream: { label: "memory a stream", unit: "KB", digits: 0 },
};

function sampleOf({ visitorsAtOnce, tokens }: Load, result: LoadResult): Sample {
  const { answers, wallMs, cpuMs, idleBytes, peakBytes, timings } = result;
  const firstTokens = timings.map(({ firstTokenMs }) => firstTokenMs);
  const lateness = timings.flatMap(({ latenessMs }) => latenessMs);
  return {
    wallMs,
    answersPerSecond: (answers / wallMs) * 1000,
    cpuPerAnswer: cpuMs / answers,
    cpuPerThousandTokens: (cpuMs / answers / tokens) * 1000,
    firstTokenMedian: quantile(firstTokens, 0.5),
    firstTokenP99: quantile(firstTokens, 0.99),
    latenessP99: quantile(lateness, 0.99),
    peakMb: peakBytes / MB,
    kbPerStream: Math.max(0, peakBytes - idleBytes) / 1024 / visitorsAtOnce,
  };
}

function loadCase(
  name: string,
  load: Load,
  keys: readonly string[],
  bounds: Bounds,
  targets: Targets,
  isWarm = true,
): Case {
  const metrics = keys.map((key) => {
    const metric = METRICS[key];
    if (!metric) throw new Error(`There is no metric ${key}.`);
    return { key, ...metric, ...(bounds[key] ? { bound: bounds[key] } : {}) };
  });
  return {
    name,
    metrics,
    targets: allTargets(targets),
    measure: (target, bench) =>
      bench.withServer(target, async (server) => {
        if (isWarm) await warmUp(server, target, load.kind);
        return sampleOf(load, await putUnderLoad(server, target, load));
      }),
  };
}

export const json: Scenario = {
  name: "json",
  summary: "the whole answer at once, 64 tokens, 16 at once",
  cases: (_bench, targets) => [
    loadCase(
      "json",
      { kind: "json", visitorsAtOnce: 16, questionsEach: 240, tokens: TOKENS, pauseMs: 0 },
      ["wallMs", "answersPerSecond", "cpuPerAnswer", "peakMb"],
      { cpuPerAnswer: { of: "ratio", atMost: 0.9 } },
      targets,
    ),
  ],
};

const STREAM_LOADS = [
  { visitorsAtOnce: 1, questionsEach: 900 },
  { visitorsAtOnce: 16, questionsEach: 240 },
  { visitorsAtOnce: 64, questionsEach: 75 },
  { visitorsAtOnce: 256, questionsEach: 21 },
];

export const stream: Scenario = {
  name: "stream",
  summary: "64 tokens without delay, at 1, 16, 64 and 256 at once",
  cases: (_bench, targets) =>
    STREAM_LOADS.map((load) =>
      loadCase(
        `stream, ${load.visitorsAtOnce} at once`,
        { kind: "stream", ...load, tokens: TOKENS, pauseMs: 0 },
        ["wallMs", "answersPerSecond", "cpuPerAnswer", "firstTokenMedian", "peakMb"],
        streamBounds(load.visitorsAtOnce),
        targets,
      ),
    ),
};

function streamBounds(visitorsAtOnce: number): Bounds {
  if (visitorsAtOnce === 1) return { firstTokenMedian: { of: "difference", atMost: 1 } };
  if (visitorsAtOnce === 64) return { answersPerSecond: { of: "ratio", atLeast: 0.8 } };
  return {};
}

export const paced: Scenario = {
  name: "paced",
  summary: "100 at once, 64 tokens at 10 ms, each its own chunk",
  cases: (_bench, targets) => [
    loadCase(
      "paced",
      { kind: "stream", visitorsAtOnce: 100, questionsEach: 18, tokens: TOKENS, pauseMs: 10 },
      ["wallMs", "cpuPerThousandTokens", "firstTokenMedian", "latenessP99", "peakMb"],
      { cpuPerThousandTokens: { of: "ratio", atMost: 1.25 } },
      targets,
    ),
  ],
};

export const slow: Scenario = {
  name: "slow",
  summary: "2000 streams at once, 64 tokens at 100 ms",
  cases: (_bench, targets) => [
    loadCase(
      "slow",
      {
        kind: "stream",
        visitorsAtOnce: 2000,
        questionsEach: 1,
        tokens: TOKENS,
        pauseMs: 100,
        arrivalMs: 2000,
      },
      ["wallMs", "cpuPerThousandTokens", "firstTokenP99", "latenessP99", "kbPerStream", "peakMb"],
      {
        kbPerStream: { of: "ratio", atMost: 1.3 },
        latenessP99: { of: "ratio", atMost: 1.5 },
      },
      targets,
      // A warm process would use memory that it already has, which would hide the streams' memory.
      false,
    ),
  ],
};
