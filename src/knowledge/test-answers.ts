import type { Outcome } from "../conversation/records.ts";
import type { AnswerTestStore } from "../store/answer-test-store.ts";
import type { KnowledgeStore } from "../store/knowledge-store.ts";
import { judgeAnswer, type JudgedAnswer } from "./judge-answer.ts";
import { type AnsweredQuestion, listAnswered } from "./written-answers.ts";

export interface TestAnswersDeps {
  readonly store: KnowledgeStore & AnswerTestStore;
  /** Answers a question as a visitor's first one. Never throws. */
  readonly ask: (question: string) => Promise<Outcome>;
  /** Whether later tests are compared with this one, where it has lost nothing. */
  readonly isKept: boolean;
  /** Called with each answer, and how many there are in all. */
  readonly onTested: (answer: JudgedAnswer, of: number) => void;
}

/** How many questions are asked at a time: a provider's limit for a minute is for visitors, too. */
const AT_ONCE = 3;

/**
 * Asks the questions of all written answers again, a few at a time.
 * @returns what became of them in the order of the answers. Of a stopped test, what there was until then
 */
export async function testAnswers(
  deps: TestAnswersDeps,
  signal: AbortSignal,
): Promise<readonly JudgedAnswer[]> {
  const { store, ask, isKept, onTested } = deps;
  const written = await listAnswered(store);
  const before = new Map((await store.listAnswerTests()).map((test) => [test.documentId, test]));
  const judged = new Map<number, JudgedAnswer>();
  const waiting = written.values();

  async function test(answer: AnsweredQuestion): Promise<void> {
    const outcome = await ask(answer.question);
    if (signal.aborted) return;
    const result = judgeAnswer(answer, outcome, before.get(answer.id));
    judged.set(answer.id, result);
    onTested(result, written.length);
    if (!isKept || result.isLoss) return;
    const { content, grounding, sources = [], at } = outcome;
    await store.saveAnswerTest({ documentId: answer.id, at, answer: content, grounding, sources });
  }

  async function testWaiting(): Promise<void> {
    for (const answer of waiting) {
      if (signal.aborted) return;
      await test(answer);
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, testWaiting));
  return written.flatMap(({ id }) => judged.get(id) ?? []);
}
