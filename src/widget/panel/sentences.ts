import { attributeOf, type Attributes, textsOf } from "../settings.ts";
import type { EN } from "./languages/en.ts";

/** Everything the panel says, in one language. */
export type Sentences = Readonly<Record<keyof typeof EN, string>>;

interface OwnTexts {
  readonly sentences: Sentences;
  /** Attributes that replace no sentence, for the owner of the page. */
  readonly problems: readonly string[];
}

/** Puts what the page's attributes say in the place of sentences: `data-text-go-on` in that of `goOn`. */
export function withOwnTexts(sentences: Sentences, data: Attributes): OwnTexts {
  const text = textsOf(data);
  const own: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of Object.keys(data)) {
    const key = /^text([A-Z].*)/.exec(name)?.[1]?.replace(/^./, (first) => first.toLowerCase());
    const said = text(name);
    if (!key || !said) continue;
    if (Object.hasOwn(sentences, key)) own[key] = said;
    else problems.push(attributeOf(name));
  }
  return { sentences: { ...sentences, ...own }, problems };
}
