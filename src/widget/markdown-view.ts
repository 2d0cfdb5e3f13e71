import { element } from "./element.ts";
import { type MarkdownBlock, type MarkdownNode, parseMarkdown } from "./markdown.ts";

/** Shows a growing Markdown text in an element; blocks that did not change are left alone. */
export function createMarkdownView(container: HTMLElement): (text: string) => void {
  let shown: readonly MarkdownBlock[] = [];
  return (text) => {
    const blocks = parseMarkdown(text);
    let same = 0;
    while (same < blocks.length && blocks[same]?.source === shown[same]?.source) same++;
    while (container.childNodes.length > same) container.lastChild?.remove();
    container.append(...blocks.slice(same).map(toNode));
    shown = blocks;
  };
}

function toNode(node: MarkdownNode): Node {
  if (typeof node === "string") return document.createTextNode(node);
  const { tag, children, href, start } = node;
  const made = element(tag, {}, ...children.map(toNode));
  if (href !== undefined) {
    const link = { href, rel: "noopener nofollow", target: "_blank", title: href };
    Object.assign(made, link);
  }
  if (start !== undefined) Object.assign(made, { start });
  if (/^(?:p|li|pre|blockquote|table)$/.test(tag)) made.dir = "auto";
  // Code is written from left to right, also in Arabic.
  if (tag === "pre") made.dir = "ltr";
  if (tag !== "pre" && tag !== "table") return made;
  // What is wider than the bubble scrolls, also by keyboard.
  return element("div", { className: "wide", tabIndex: 0 }, made);
}
