import { explainQuestion } from "../knowledge/explain-question.ts";
import type { ExplainedSection } from "../knowledge/retrieval.ts";
import type { Span } from "../text/words.ts";
import { withKnowledge } from "./knowledge-database.ts";
import { parseWords } from "./parse-words.ts";
import { readQuestions, type RecallFigures, tryQuestions } from "./recall-test.ts";
import { harmless, print } from "./terminal.ts";
import { UsageProblem } from "./usage-problem.ts";

interface RecallOptions {
  /** Empty with a file of questions. */
  readonly question: string;
  /** A file of questions and the addresses that answer them. */
  readonly test: string | undefined;
  /** The least recall that is good enough, from 0 to 1. */
  readonly floor: number | undefined;
}

/**
 * Shows which sections the model would be given with a question. No model is asked.
 * @throws UsageProblem
 */
export async function recall(words: readonly string[]): Promise<number> {
  const { question, test, floor } = readOptions(words);
  if (test !== undefined) return recallTest(test, floor);
  return withKnowledge(async (store, { knowledge }) => {
    const sections = await explainQuestion(store, { question }, knowledge.words);
    const isMarked = process.stdout.isTTY === true;
    const shown = sections.slice(0, MAX_SHOWN).map((section) => shownSection(section, isMarked));
    await print(shown.join("\n") || "Nothing that is known fits this question.\n");
    return 0;
  });
}

const OPTIONS = { test: { type: "string" }, floor: { type: "string" } } as const;

function readOptions(words: readonly string[]): RecallOptions {
  const { values, positionals } = parseWords(words, OPTIONS);
  const { test, floor } = values;
  const least = floor === undefined ? undefined : Number(floor);
  if (least !== undefined && !(test !== undefined && least >= 0 && least <= 1)) {
    throw new UsageProblem("takes --floor beside --test, and from 0 to 1.");
  }
  const question = positionals.join(" ").trim();
  if ((question === "") === (test === undefined)) {
    throw new UsageProblem("takes a question, or --test and a file of questions.");
  }
  return { question, test, floor: least };
}

async function recallTest(file: string, floor: number | undefined): Promise<number> {
  const questions = await readQuestions(file);
  const figures = await withKnowledge((store) => tryQuestions(store, questions));
  await print(harmless(report(figures)));
  return floor !== undefined && figures.recall < floor ? 1 : 0;
}

function report({ questions, recall: share, mrr, missed, unknown }: RecallFigures): string {
  return [
    `${questions} questions: recall@5 ${share.toFixed(3)}, MRR@10 ${mrr.toFixed(3)}`,
    ...(unknown.length > 0 ? ["Addresses that are not known:"] : []),
    ...unknown.map((url) => `  ${url}`),
    ...(missed.length > 0 ? ["Questions whose answer is not among the first five:"] : []),
    ...missed.map((question) => `  ${question}`),
    "",
  ].join("\n");
}

/** How many sections are shown, and how many characters of each. */
const MAX_SHOWN = 10;
const MAX_TEXT = 400;
const BOLD = "\u001b[1m";
const PLAIN = "\u001b[0m";

function shownSection(section: ExplainedSection, isMarked: boolean): string {
  const { score, isGiven, uri, anchor, matches } = section;
  const title = harmless(section.title);
  const heading = harmless(section.heading);
  const text = harmless(section.text);
  const place = harmless(anchor === "" ? uri : `${uri}#${anchor}`);
  const mark = (of: string, spans: readonly Span[]) => (isMarked ? marked(of, spans) : of);
  const name = [
    mark(title, matches.title),
    ...(heading === "" ? [] : [mark(heading, matches.heading)]),
  ];
  const cut = text.length > MAX_TEXT;
  const passage = mark(
    text.slice(0, MAX_TEXT),
    matches.text.filter(({ end }) => end <= MAX_TEXT),
  );
  return [
    `${score.toFixed(2)}${isGiven ? "" : " (not given: others are better)"}  ${name.join(" › ")}`,
    `  ${place}`,
    `  words: ${harmless(wordsIn(section).join(", "))}`,
    ...`${passage}${cut ? " …" : ""}`.split("\n").map((line) => `  ${line}`),
    "",
  ].join("\n");
}

/** The words of the question that stand in the section, each once. */
function wordsIn({ title, heading, text, matches }: ExplainedSection): string[] {
  const pick = (of: string, spans: readonly Span[]) =>
    spans.map(({ start, end }) => of.slice(start, end).toLowerCase());
  return [
    ...new Set([
      ...pick(title, matches.title),
      ...pick(heading, matches.heading),
      ...pick(text, matches.text),
    ]),
  ];
}

function marked(text: string, spans: readonly Span[]): string {
  let at = 0;
  let result = "";
  for (const { start, end } of spans) {
    result += `${text.slice(at, start)}${BOLD}${text.slice(start, end)}${PLAIN}`;
    at = end;
  }
  return result + text.slice(at);
}
