import type { JudgedAnswer, Verdict } from "./judge-answer.ts";

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  good: "",
  not_named: "it does not name your answer",
  unknown: "it does not know the answer any more",
  not_found: "your answer is not found any more",
  failed: "the model has failed",
};

/** What has become of an answer, as lines for the owner: `LOST  Do you ship to Norway? – …`, and what has changed. */
export function judgedLines(judged: JudgedAnswer): string[] {
  const { question, verdict, isLoss, reason, lostSources, diff } = judged;
  const says = [VERDICT_WORDS[verdict], reason && `(${reason})`].filter(Boolean).join(" ");
  return [
    `${isLoss ? "LOST" : "ok  "}  ${question}${says === "" ? "" : ` – ${says}`}`,
    ...lostSources.map((name) => `      no longer given: ${name}`),
    ...(diff === undefined
      ? []
      : [`      ${diff.before} [-${diff.removed}-] {+${diff.added}+} ${diff.behind}`]),
  ];
}

/** `5 asked, 1 lost` */
export function judgedCounts(judged: readonly JudgedAnswer[]): string {
  return `${judged.length} asked, ${judged.filter(({ isLoss }) => isLoss).length} lost`;
}
