import type { MarkdownNode } from "./markdown.ts";

/** Elements that begin a line of their own. */
const BLOCK = /^(?:p|pre|ul|ol|li|blockquote|hr|br)$/;

/** What a text says without its marks, a block a line: to be read out. */
export function plainText(nodes: readonly MarkdownNode[]): string {
  return write(nodes)
    .replaceAll(/\n{2,}/g, "\n")
    .trim();
}

function write(nodes: readonly MarkdownNode[]): string {
  return nodes
    .map((node) => {
      if (typeof node === "string") return node;
      const text = write(node.children);
      return BLOCK.test(node.tag) ? `\n${text}\n` : text;
    })
    .join("");
}
