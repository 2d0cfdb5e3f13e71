import type { AnswerSource, Outcome } from "../conversation/records.ts";
import type { AnswerTest } from "../store/answer-test-store.ts";
import { sourceName } from "./ground-question.ts";
import { type ShortDiff, shortDiff } from "./short-diff.ts";
import type { AnsweredQuestion } from "./written-answers.ts";

/**
 * How the question of a written answer is answered now. `failed`: not at all, or cut off. `not_found`: the model was not given
 * what the owner has written. `unknown`: it says that it does not know. `not_named`: it was given it and does not name it.
 */
export const VERDICTS = ["good", "not_named", "unknown", "not_found", "failed"] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface JudgedAnswer {
  readonly id: number;
  readonly question: string;
  readonly verdict: Verdict;
  /** Whether visitors are worse off. `not_named` is a loss only if the last test had it named: some models name nothing. */
  readonly isLoss: boolean;
  readonly answer: string;
  /** Why it failed: a public error code, or how it ended. */
  readonly reason?: string;
  /** What the answer of the last test named and the model was not given any more. */
  readonly lostSources: readonly string[];
  /** What has changed since the last test. Missing: nothing, or there was none. */
  readonly diff?: ShortDiff;
}

/** @param before the last test without a loss. Undefined: there was none */
export function judgeAnswer(
  written: AnsweredQuestion,
  outcome: Outcome,
  before: AnswerTest | undefined,
): JudgedAnswer {
  const { sources = [], content } = outcome;
  const verdict = verdictOn(written, outcome);
  const own = ownSource(written, before?.sources ?? []);
  const wasNamed = own?.isCited === true;
  const given = new Set(sources.map(nameOf));
  const diff = before && shortDiff(before.answer, content);
  return {
    id: written.id,
    question: written.question,
    verdict,
    isLoss: verdict === "not_named" ? wasNamed : verdict !== "good",
    answer: content,
    ...(verdict === "failed" ? { reason: outcome.errorCode ?? outcome.status } : {}),
    lostSources: (before?.sources ?? [])
      .filter((source) => source.isCited && !given.has(nameOf(source)))
      .map(nameOf),
    ...(diff === undefined ? {} : { diff }),
  };
}

function verdictOn(
  written: AnsweredQuestion,
  { status, grounding, sources = [] }: Outcome,
): Verdict {
  if (status !== "complete") return "failed";
  const own = ownSource(written, sources);
  if (own === undefined) return "not_found";
  if (grounding === "none") return "unknown";
  return own.isCited ? "good" : "not_named";
}

/** Written answers have no address, and their question is their title. */
function ownSource(
  { question }: AnsweredQuestion,
  sources: readonly AnswerSource[],
): AnswerSource | undefined {
  const title = sourceName(question);
  return sources.find((source) => source.url === undefined && source.title === title);
}

function nameOf({ title, heading, url }: AnswerSource): string {
  const name = heading === "" ? title : `${title} › ${heading}`;
  return url === undefined ? name : `${name} (${url})`;
}
