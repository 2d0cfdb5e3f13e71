import type { JudgedAnswer } from "../knowledge/judge-answer.ts";
import { judgedCounts, judgedLines } from "../knowledge/judged-text.ts";
import { testAnswers } from "../knowledge/test-answers.ts";
import { createAsking } from "../parts.ts";
import { askOnce } from "../turns/ask-once.ts";
import { withKnowledge } from "./knowledge-database.ts";
import { parseWords } from "./parse-words.ts";
import { startProgress } from "./progress.ts";
import { abortAtSignal, EXIT_OF_SIGNAL } from "./stop-signal.ts";
import { harmless, print, warn } from "./terminal.ts";
import { UsageProblem } from "./usage-problem.ts";

/** Answers are worse than they were. */
const EXIT_LOSS = 1;
/** Not one question could be asked. */
const EXIT_UNTESTED = 2;

/**
 * Asks the questions of all answers that the owner has written, with the present instructions, model and knowledge, and shows
 * what has changed. A server may be running. No conversation is stored, and no visitor's limit counts it.
 * @throws UsageProblem
 */
export async function test(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { json: { type: "boolean" } });
  if (positionals.length > 0)
    throw new UsageProblem("takes no questions: it asks those you have answered.");
  const { signal, stopped } = abortAtSignal();
  const tested = await testAll(signal);
  if (signal.aborted) {
    warn("stopped");
    return EXIT_OF_SIGNAL[await stopped];
  }
  if (tested === undefined) {
    warn("no model is set up, so nothing can be asked");
    return EXIT_UNTESTED;
  }
  const lost = tested.filter(({ isLoss }) => isLoss).length;
  const all = { tested: tested.length, lost, answers: tested };
  await print(values.json === true ? `${JSON.stringify(all)}\n` : harmless(report(tested)));
  const isUntested = tested.length > 0 && tested.every(({ verdict }) => verdict === "failed");
  if (isUntested) return EXIT_UNTESTED;
  return lost > 0 ? EXIT_LOSS : 0;
}

/** Undefined: there is no model. */
function testAll(signal: AbortSignal): Promise<readonly JudgedAnswer[] | undefined> {
  return withKnowledge(async (store, config) => {
    const { model: timeouts, assistant } = config;
    if (timeouts.kind === "none") return undefined;
    const { model, grounder, redaction } = await createAsking(config, store, {
      info: () => {},
      warn,
    });
    const progress = startProgress();
    let done = 0;
    const judged = await testAnswers(
      {
        store,
        isKept: true,
        async ask(question) {
          const asked = { ...assistant, question };
          const deps = { model, grounder, redaction, timeouts, now: Date.now };
          return (await askOnce(asked, deps, signal)).outcome;
        },
        onTested: (_, of) => progress.report("asking", (done += 1), of),
      },
      signal,
    );
    progress.end();
    return judged;
  });
}

function report(tested: readonly JudgedAnswer[]): string {
  if (tested.length === 0) {
    return "There is nothing to test: no answer is written yet. Write some in the dashboard, Knowledge, Questions.\n";
  }
  return [...tested.flatMap(judgedLines), judgedCounts(tested), ""].join("\n");
}
