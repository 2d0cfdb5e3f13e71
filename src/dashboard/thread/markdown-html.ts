import { parseMarkdown } from "../../widget/markdown/parse.ts";
import { type Html, html } from "../html.ts";
import { type Tag, tagsOf } from "../markdown-tags.ts";

interface MarkdownHtmlOptions {
  /** The numbers that the text may name as sources, and where the page shows each. */
  readonly sources: ReadonlySet<number>;
  readonly sourceAddress: (number: number) => string;
  /** Whether more of the text is to come. */
  readonly isGrowing: boolean;
}

/** Markdown as visitors see it. What the model wrote stays text: neither its HTML nor its images are shown. */
export function markdownHtml(markdown: string, options: MarkdownHtmlOptions): Html[] {
  const { sources, isGrowing } = options;
  return tagsOf(parseMarkdown(markdown, { sources, isGrowing }), options).map(write);
}

const VOID = new Set(["br", "hr"]);

function write(tag: Tag | string): Html {
  if (typeof tag === "string") return html`${tag}`;
  const { name, attributes, children } = tag;
  const list = Object.entries(attributes).map(([key, value]) => html` ${key}="${value}"`);
  if (VOID.has(name)) return html`<${name}${list} />`;
  return html`<${name}${list}>${children.map(write)}</${name}>`;
}
