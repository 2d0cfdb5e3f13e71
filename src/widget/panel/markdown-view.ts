import { element } from "../element.ts";
import { type MarkdownNode, parseMarkdown } from "./markdown.ts";

/** Shows a growing Markdown text in an element. Only blocks that have changed are replaced. */
export function createMarkdownView(container: HTMLElement): (text: string) => void {
  let shown: string[] = [];
  return (text) => {
    const blocks = parseMarkdown(text);
    const now = blocks.map((block) => JSON.stringify(block));
    let same = 0;
    while (same < now.length && now[same] === shown[same]) same++;
    while (container.childNodes.length > same) container.lastChild?.remove();
    container.append(...blocks.slice(same).map(toNode));
    shown = now;
  };
}

function toNode(node: MarkdownNode): Node {
  if (typeof node === "string") return new Text(node);
  const { tag, children, href, start } = node;
  const link = href && { href, rel: "noopener nofollow", target: "_blank", title: href };
  const made = element(tag, { ...link, ...(start && { start }) }, ...children.map(toNode));
  // Each part takes the direction of its own text; code always runs from left to right.
  if (/^(?:p|li|blockquote)$/.test(tag)) made.dir = "auto";
  // Code that is wider than the bubble scrolls, also by keyboard.
  if (tag === "pre") {
    made.tabIndex = 0;
    made.dir = "ltr";
  }
  return made;
}
