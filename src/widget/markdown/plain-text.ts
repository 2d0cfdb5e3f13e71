import type { MarkdownNode } from "./tree.ts";

/** Elements within a line. Any other one has lines of its own. */
const INLINE = /^(?:part|token|strong|em|del|code|a|cite)$/;

/** What a text says without its marks, a block a line: to be read out, or shown where there is room for a line only. */
export function plainText(nodes: readonly MarkdownNode[]): string {
  return write(nodes)
    .replaceAll(/\s*\n\s*/g, "\n")
    .trim();
}

function write(nodes: readonly MarkdownNode[]): string {
  return nodes
    .map((node) => {
      if (typeof node === "string") return node;
      const text = write(node.children);
      if (INLINE.test(node.tag)) return text;
      return /^t[hd]$/.test(node.tag) ? `${text} ` : `\n${text}\n`;
    })
    .join("");
}
