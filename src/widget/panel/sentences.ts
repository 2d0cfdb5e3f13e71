import { type Attributes, textsOf } from "../settings.ts";
import type { EN } from "./languages/en.ts";

/** Everything the panel says, in one language. */
export type Sentences = Readonly<Record<keyof typeof EN, string>>;

/** The names of the attributes, as in `dataset`, that replace a sentence: `textGoOn` for `goOn`. */
export const OWN_TEXT = /^text(?=[A-Z])/;

/** The sentences, each with what the attributes say in its place. */
export function withOwnTexts(sentences: Sentences, data: Attributes): Sentences {
  const text = textsOf(data);
  return Object.fromEntries(
    Object.entries(sentences).map(([key, own]) => [key, text(ownTextName(key)) ?? own]),
  ) as Sentences;
}

function ownTextName(key: string): string {
  return key.replace(/^./, (first) => `text${first.toUpperCase()}`);
}
