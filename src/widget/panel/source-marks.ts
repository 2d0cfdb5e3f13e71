import type { MarkdownElement, MarkdownNode } from "./markdown.ts";

/** Not the text of something that was meant as a link. */
const MARK = /\[([1-9]\d?)\](?!\()/g;
/** A mark that has begun, or that is not known yet to be one. */
const END_OF_MARK = /\[\d{0,2}\]?$/;

/**
 * Finds the marks by which an answer names its sources, such as [1]. Those in code and in links are none, and neither are
 * numbers that no source has.
 */
export function markSources(
  nodes: readonly MarkdownNode[],
  sources: Pick<ReadonlySet<number>, "has">,
): MarkdownNode[] {
  return nodes.flatMap((node) => {
    if (typeof node === "string") return markText(node, sources);
    if (/^(?:a|code)$/.test(node.tag)) return node;
    return { ...node, children: markSources(node.children, sources) };
  });
}

function markText(text: string, sources: Pick<ReadonlySet<number>, "has">): MarkdownNode[] {
  const nodes: MarkdownNode[] = [];
  let end = 0;
  for (const { 0: all, 1: digits, index } of text.matchAll(MARK)) {
    const source = Number(digits);
    if (!sources.has(source)) continue;
    // A mark stays on the line of the word before it.
    nodes.push(text.slice(end, index).replace(/ $/, "\u00a0"), markOf(source));
    end = index + all.length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

function markOf(source: number): MarkdownElement {
  return { tag: "cite", children: [], source };
}

/** The text of an answer that is still being written, without a mark at its end that may be half. */
export function withoutHalfMark(text: string): string {
  return text.replace(END_OF_MARK, "");
}
