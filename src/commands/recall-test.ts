import { explainQuestion } from "../knowledge/explain-question.ts";
import { decodeBytes } from "../readers/decode-bytes.ts";
import { OpenQuotationError, parseCsv } from "../readers/parse-csv.ts";
import type { KnowledgeStore } from "../store/knowledge-store.ts";

/** A question, and the documents of which each answers it. */
export interface TestQuestion {
  readonly question: string;
  readonly uris: ReadonlySet<string>;
}

export interface RecallFigures {
  readonly questions: number;
  /** How much of what answers a question is among the first five documents, on average, from 0 to 1. */
  readonly recall: number;
  /** The mean of 1 divided by the place of the first document that answers, within the first ten. */
  readonly mrr: number;
  /** Questions of which no answer is among the first five. */
  readonly missed: readonly string[];
  /** Documents that are not there at all. */
  readonly unknown: readonly string[];
}

const RECALL_AT = 5;
const MRR_AT = 10;
const MAX_BYTES = 16 * 1024 * 1024;
const NAMES = { question: /^(?:question|q|frage)$/i, url: /^(?:url|uri|link|document)$/i };

/**
 * Reads a table of questions and addresses. A question with several answers has a line for each.
 * @throws an error that says what is wrong with it
 */
export async function readQuestions(path: string): Promise<TestQuestion[]> {
  const file = Bun.file(path);
  if (!(await file.exists())) throw new Error(`There is no file ${path}.`);
  if (file.size > MAX_BYTES) throw new Error(`${path} is too large for a list of questions.`);
  try {
    return questionsIn(decodeBytes(await file.bytes()));
  } catch (error) {
    if (!(error instanceof OpenQuotationError)) throw error;
    throw new Error(`${path} is no table. ${error.message}`, { cause: error });
  }
}

function questionsIn(text: string): TestQuestion[] {
  const [header = [], ...rows] = parseCsv(text);
  const column = (name: RegExp) => header.findIndex((each) => name.test(each.trim()));
  const [question, url] = [column(NAMES.question), column(NAMES.url)];
  if (question === -1 || url === -1) {
    throw new Error("The questions need a first line with the columns question and url.");
  }
  const found = new Map<string, Set<string>>();
  for (const row of rows) {
    const [asked, uri] = [row[question]?.trim() ?? "", withoutFragment(row[url]?.trim() ?? "")];
    if (asked === "" || uri === "") continue;
    const uris = found.get(asked) ?? new Set();
    found.set(asked, uris.add(uri));
  }
  if (found.size === 0) throw new Error("There are no questions in the file.");
  return Array.from(found, ([asked, uris]) => ({ question: asked, uris }));
}

/** Addresses are documents without their fragment. Entries of a table have names such as `faq.csv#why`. */
function withoutFragment(uri: string): string {
  if (!/^https?:/i.test(uri)) return uri;
  const url = URL.parse(uri);
  if (url === null) return uri;
  url.hash = "";
  return url.href;
}

/** Searches for each question, and counts whether what answers it is found. */
export async function tryQuestions(
  store: Pick<KnowledgeStore, "searchKnowledge" | "readSections" | "findDocument">,
  questions: readonly TestQuestion[],
): Promise<RecallFigures> {
  const missed: string[] = [];
  const unknown = new Set<string>();
  let recall = 0;
  let mrr = 0;
  for (const { question, uris } of questions) {
    for (const uri of uris) {
      if ((await store.findDocument(uri)) === undefined) unknown.add(uri);
    }
    const sections = await explainQuestion(store, { question }, 0);
    const ranked = [...new Set(sections.map(({ uri }) => withoutFragment(uri)))];
    const found = ranked.slice(0, RECALL_AT).filter((uri) => uris.has(uri)).length;
    recall += found / Math.min(RECALL_AT, uris.size);
    if (found === 0) missed.push(question);
    const first = ranked.slice(0, MRR_AT).findIndex((uri) => uris.has(uri));
    mrr += first === -1 ? 0 : 1 / (first + 1);
  }
  const count = questions.length;
  return {
    questions: count,
    recall: recall / count,
    mrr: mrr / count,
    missed,
    unknown: [...unknown],
  };
}
