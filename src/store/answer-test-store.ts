import type { AnswerSource, Grounding } from "../conversation/records.ts";

/** How the model answered a question to which the owner has written the answer, when that was tested last without a loss. */
export interface AnswerTest {
  /** The written answer. */
  readonly documentId: number;
  readonly at: number;
  readonly answer: string;
  readonly grounding: Grounding | undefined;
  readonly sources: readonly AnswerSource[];
}

/** What the next test is compared with. It goes with the written answer. */
export interface AnswerTestStore {
  listAnswerTests(): Promise<readonly AnswerTest[]>;
  /** Stores a test in place of the one before. Nothing is stored when its written answer is gone. */
  saveAnswerTest(test: AnswerTest): Promise<void>;
}

/** As both stores have it. */
export interface AnswerTestRow {
  readonly document_id: number;
  readonly tested_at: number;
  readonly answer: string;
  readonly grounding: Grounding | null;
  readonly sources: string | null;
}
