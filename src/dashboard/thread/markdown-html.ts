import { highlight } from "../../widget/markdown/highlight.ts";
import { parseMarkdown } from "../../widget/markdown/parse.ts";
import { type Html, html } from "../html.ts";
import { type Tag, tagsOf } from "../markdown-tags.ts";
import type { MarkWords } from "./found-words.ts";

interface MarkdownHtmlOptions {
  /** The numbers that the text may name as sources, and where the page shows each. */
  readonly sources: ReadonlySet<number>;
  readonly sourceAddress: (number: number) => string;
  /** Whether more of the text is to come. */
  readonly isGrowing: boolean;
  /** Makes the parts of a text, such as words that are marked. */
  readonly text?: MarkWords;
}

/** Elements as the text of a page. */
export function tagsHtml(tags: readonly (Tag | string)[]): Html[] {
  return tags.map(write);
}

/** Markdown as visitors see it. What the model wrote stays text: neither its HTML nor its images are shown. */
export function markdownHtml(markdown: string, options: MarkdownHtmlOptions): Html[] {
  const { sources, isGrowing } = options;
  return tagsHtml(tagsOf(parseMarkdown(markdown, { sources, isGrowing, highlight }), options));
}

const VOID = new Set(["br", "hr"]);

function write(tag: Tag | string): Html {
  if (typeof tag === "string") return html`${tag}`;
  const { name, attributes, children } = tag;
  const list = Object.entries(attributes).map(([key, value]) => html` ${key}="${value}"`);
  if (VOID.has(name)) return html`<${name}${list} />`;
  return html`<${name}${list}>${children.map(write)}</${name}>`;
}
