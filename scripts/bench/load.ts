import type { Question } from "../../harness/question.ts";
import type { ServerProcess } from "../../harness/server-process.ts";
import { type AnswerTiming, askJson, askStream } from "./client.ts";
import type { Target } from "./targets.ts";

/** A closed-loop load: a fixed number of visitors at once, each of whom asks one question after another. */
export interface Load {
  readonly kind: "stream" | "json";
  readonly visitorsAtOnce: number;
  readonly questionsEach: number;
  readonly tokens: number;
  readonly pauseMs: number;
  /** The visitors arrive over this time, so that thousands do not connect in one millisecond. */
  readonly arrivalMs?: number;
}

/** What a load cost the server, and how long the visitors waited. */
export interface LoadResult {
  readonly answers: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** The memory before the load, and the most during it. */
  readonly idleBytes: number;
  readonly peakBytes: number;
  readonly timings: readonly AnswerTiming[];
}

/** Enough for the runtime to compile the hot code before the measurement. */
const WARM_UP: Load = {
  kind: "stream",
  visitorsAtOnce: 16,
  questionsEach: 150,
  tokens: 64,
  pauseMs: 0,
};

/** Question numbers never repeat within a process, so that two visitors never look like one. */
let nextNumber = 0;
/** This many consecutive numbers belong to one visitor, who may not ask again before the answer has come. */
const NUMBERS_PER_VISITOR = 3;

export async function warmUp(
  server: ServerProcess,
  target: Target,
  kind: Load["kind"],
): Promise<void> {
  await putUnderLoad(server, target, { ...WARM_UP, kind });
}

/**
 * Puts the server under the load and checks every answer.
 * @throws WrongAnswerError for a wrong answer, or the error of a broken connection
 */
export async function putUnderLoad(
  server: ServerProcess,
  target: Target,
  load: Load,
): Promise<LoadResult> {
  const idleBytes = server.memoryBytes();
  server.resetPeak();
  const cpuBefore = server.cpuMs();
  const startedAt = performance.now();
  const timings: AnswerTiming[] = [];
  const visitors = Array.from({ length: load.visitorsAtOnce }, async (_, index) => {
    const firstNumber = takeNumbers(load.questionsEach);
    if (load.arrivalMs) await Bun.sleep((load.arrivalMs * index) / load.visitorsAtOnce);
    for (let asked = 0; asked < load.questionsEach; asked++) {
      const { tokens, pauseMs } = load;
      const question: Question = { number: firstNumber + asked, tokens, pauseMs };
      if (load.kind === "json") await askJson(target, server.url, question);
      else timings.push(await askStream(target, server.url, question));
    }
  });
  await Promise.all(visitors);
  return {
    answers: load.visitorsAtOnce * load.questionsEach,
    wallMs: performance.now() - startedAt,
    cpuMs: server.cpuMs() - cpuBefore,
    idleBytes,
    peakBytes: server.peakMemoryBytes(),
    timings,
  };
}

/** Reserves this many consecutive numbers and returns the first. Nobody else gets numbers of their visitors. */
export function takeNumbers(count: number): number {
  const first = nextNumber;
  nextNumber += Math.ceil(count / NUMBERS_PER_VISITOR) * NUMBERS_PER_VISITOR;
  return first;
}
