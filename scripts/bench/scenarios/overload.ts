import { startProcessorMeter } from "../../../harness/processor-meter.ts";
import type { ServerProcess } from "../../../harness/server-process.ts";
import { askStream, RefusedError } from "../client.ts";
import { Crowd, type Observation } from "../crowd.ts";
import { takeNumbers } from "../load.ts";
import type { Bench, Metric, Sample, Scenario } from "../scenario.ts";
import { quantile } from "../statistics.ts";
import type { Target } from "../targets.ts";

/** More visitors than the machine can answer: what happens to those whom it does answer? */

const TOKENS = 64;
const PAUSE_MS = 100;
const MB = 1024 * 1024;

const STEP_VISITORS = 250;
const STEP_MS = 1000;
/** The most visitors. If nothing is refused or late before that, the machine can do more than the bench. */
const MAX_VISITORS = 8000;
/** When a token is a whole pause late, the reader sees the answer stop. */
const LATE_MS = PAUSE_MS;
/** Longer than an answer takes, so that complete answers fall into this time. */
const FULL_MS = 10_000;
const OVERLOAD_MS = 30_000;
const OVERLOAD_ARRIVAL_MS = 5000;

const PROBE_EVERY_MS = 50;
const MAX_RECOVERY_MS = 20_000;

const METRICS: readonly Metric[] = [
  { key: "capacity", label: "capacity", unit: "", digits: 0 },
  { key: "fullLateness", label: "lateness p99, full", unit: "ms", digits: 0 },
  { key: "lateness", label: "overloaded", unit: "ms", digits: 0 },
  { key: "accepted", label: "answers/s", unit: "", digits: 0 },
  { key: "refused", label: "refusals/s", unit: "", digits: 0 },
  { key: "fullMb", label: "peak memory, full", unit: "MB", digits: 0 },
  { key: "peakMb", label: "overloaded", unit: "MB", digits: 0 },
  {
    key: "memoryRatio",
    label: "ratio",
    unit: "",
    digits: 2,
    bound: { of: "value", atMost: 2 },
  },
  {
    key: "recoverySeconds",
    label: "recovery",
    unit: "s",
    digits: 2,
    bound: { of: "value", atMost: 5 },
  },
  { key: "serverCpu", label: "CPU of the server", unit: "%", digits: 0 },
  { key: "clientCpu", label: "of the visitors", unit: "%", digits: 0 },
];

export const overload: Scenario = {
  name: "overload",
  summary: "twice the visitors that the machine can answer, for 30 s",
  cases: (_bench, { binary }) => [
    {
      name: "overload",
      metrics: METRICS,
      // The other targets refuse nobody and would grow until something breaks.
      targets: [binary],
      runs: 1,
      measure: (target, bench) =>
        bench.withServer(target, (server) => measure(server, target, bench)),
    },
  ],
};

async function measure(server: ServerProcess, target: Target, bench: Bench): Promise<Sample> {
  const crowd = new Crowd({ target, url: server.url, tokens: TOKENS, pauseMs: PAUSE_MS });
  return Promise.race([crowd.failed, overloadWith(crowd, server, target, bench)]);
}

async function overloadWith(
  crowd: Crowd,
  server: ServerProcess,
  target: Target,
  bench: Bench,
): Promise<Sample> {
  const capacity = await fill(crowd, bench);
  const full = await watch(crowd, server, FULL_MS);
  const fullBytes = server.peakMemoryBytes();
  bench.say(`  full with ${capacity}: ${summary(full.observation)}`);

  server.resetPeak();
  await crowd.grow(capacity, OVERLOAD_ARRIVAL_MS);
  const overloaded = await watch(crowd, server, OVERLOAD_MS);
  const peakBytes = server.peakMemoryBytes();
  bench.say(`  overloaded with ${crowd.size}: ${summary(overloaded.observation)}`);

  crowd.close();
  const recovery = await untilPrompt(target, server.url);
  bench.say(
    `  recovered in ${recovery.ms.toFixed(0)} ms: ${recovery.refused} refused, ${recovery.late} late`,
  );
  await crowd.gone();
  const { seconds, answered, refused, latenessMs } = overloaded.observation;
  return {
    capacity,
    fullLateness: quantile(full.observation.latenessMs, 0.99),
    lateness: quantile(latenessMs, 0.99),
    accepted: answered / seconds,
    refused: refused / seconds,
    fullMb: fullBytes / MB,
    peakMb: peakBytes / MB,
    memoryRatio: peakBytes / fullBytes,
    recoverySeconds: recovery.ms / 1000,
    serverCpu: overloaded.serverCpu,
    clientCpu: overloaded.clientCpu,
  };
}

/** Adds visitors until some are refused or tokens come late. Resolves with the number of visitors. */
async function fill(crowd: Crowd, bench: Bench): Promise<number> {
  // One bad second can come from anything else on the machine.
  for (let badSteps = 0; badSteps < 2 && crowd.size < MAX_VISITORS;) {
    await crowd.grow(STEP_VISITORS, STEP_MS);
    const observation = crowd.observe();
    bench.say(`  ${crowd.size}: ${summary(observation)}`);
    const isBad = observation.refused > 0 || quantile(observation.latenessMs, 0.99) > LATE_MS;
    badSteps = isBad ? badSteps + 1 : 0;
  }
  return crowd.size;
}

interface Watched {
  readonly observation: Observation;
  readonly serverCpu: number;
  readonly clientCpu: number;
}

/** What happens in the given time, and how many percent of a processor server and visitors use. */
async function watch(crowd: Crowd, server: ServerProcess, ms: number): Promise<Watched> {
  crowd.observe();
  const serverBefore = server.cpuMs();
  const clientMs = startProcessorMeter();
  await Bun.sleep(ms);
  const observation = crowd.observe();
  const wallMs = observation.seconds * 1000;
  return {
    observation,
    serverCpu: ((server.cpuMs() - serverBefore) / wallMs) * 100,
    clientCpu: (clientMs() / wallMs) * 100,
  };
}

interface Recovery {
  readonly ms: number;
  /** The questions before the one that was accepted and answered in time. */
  readonly refused: number;
  readonly late: number;
}

/** Asks until a question is accepted and its answer begins in time. */
async function untilPrompt(target: Target, url: string): Promise<Recovery> {
  const startedAt = performance.now();
  let refused = 0;
  let late = 0;
  for (;;) {
    const recovery = { ms: performance.now() - startedAt, refused, late };
    if (recovery.ms > MAX_RECOVERY_MS) return recovery;
    const question = { number: takeNumbers(1), tokens: 1, pauseMs: PAUSE_MS };
    try {
      const { firstTokenMs } = await askStream(target, url, question);
      // The model's first token is due a pause after the question.
      if (firstTokenMs - PAUSE_MS <= LATE_MS) return recovery;
      late += 1;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      refused += 1;
    }
    await Bun.sleep(PROBE_EVERY_MS);
  }
}

function summary({ seconds, answered, refused, latenessMs }: Observation): string {
  const perSecond = (count: number) => (count / seconds).toFixed(0);
  const late = quantile(latenessMs, 0.99).toFixed(0);
  return `${perSecond(answered)} answers/s, ${perSecond(refused)} refusals/s, p99 ${late} ms late`;
}
