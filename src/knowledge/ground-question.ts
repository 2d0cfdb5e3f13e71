import type { AnswerSource, HistoryMessage } from "../conversation/records.ts";
import type { StoredSection } from "../store/knowledge-store.ts";
import { GroundedAnswer } from "./grounded-answer.ts";
import type { GroundQuestion } from "./grounder.ts";
import { groundedMessage } from "./prompt.ts";
import { unknownAnswer } from "./unknown-answer.ts";
import { unsourcedQuestion } from "./unsourced-question.ts";

/** Finds the passages for the newest question of a history, the best first, of at most so many words. */
export type FindPassages = (
  history: readonly HistoryMessage[],
  words: number,
) => Promise<readonly Passage[]>;

export type Passage = Pick<StoredSection, "uri" | "title" | "heading" | "anchor" | "text">;

/** The longest title and heading of a source, in characters. */
const MAX_NAME_LENGTH = 200;

/** Gives a question the passages that fit it. */
export function createGroundQuestion(find: FindPassages): GroundQuestion {
  return async (asked, { mode, words }) => {
    const { history, languages } = asked;
    const question = history.at(-1);
    if (question === undefined || mode === "off") return undefined;
    const passages = await find(history, words);
    if (passages.length === 0) return unsourcedQuestion(asked, { isMissed: true });
    const sources = passages.map(toSource);
    const texts = sources.map((source, index) => ({
      ...source,
      text: passages[index]?.text ?? "",
    }));
    const content = groundedMessage(question.content, texts, { mode });
    return {
      history: [...history.slice(0, -1), { ...question, content }],
      sources,
      passages: passages.map(({ text }) => text),
      filter: new GroundedAnswer(sources, unknownAnswer(languages), "uncited"),
    };
  };
}

function toSource({ uri, title, heading, anchor }: Passage, index: number): AnswerSource {
  return {
    number: index + 1,
    title: sourceName(title === "" ? uri : title),
    heading: sourceName(heading),
    url: linkTo(uri, anchor),
    isCited: false,
  };
}

/** Visitors can open pages. Files and notes have no address. */
function linkTo(uri: string, anchor: string): string | undefined {
  const url = URL.parse(uri);
  if (url?.protocol !== "https:" && url?.protocol !== "http:") return undefined;
  if (anchor !== "") url.hash = anchor;
  return url.href;
}

/** A title or a heading as it stands in a source. */
export function sourceName(name: string): string {
  return name.length > MAX_NAME_LENGTH
    ? `${name.slice(0, MAX_NAME_LENGTH - 1).toWellFormed()}…`
    : name;
}
