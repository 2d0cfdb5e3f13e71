import { element } from "../element.ts";
import { type MarkdownNode, parseMarkdown } from "./markdown.ts";
import type { Sentences } from "./sentences.ts";
import { markSources } from "./source-marks.ts";
import { createMark } from "./source-view.ts";
import type { Sources } from "./sources.ts";

type ShowText = (text: string, sources: Sources) => void;

/** Shows a growing Markdown text in an element. Only blocks that have changed are replaced. */
export function createMarkdownView(container: HTMLElement, t: Sentences): ShowText {
  let shown: string[] = [];
  return (text, sources) => {
    const blocks = markSources(parseMarkdown(text), sources);
    const now = blocks.map((block) => JSON.stringify(block));
    let same = 0;
    while (same < now.length && now[same] === shown[same]) same++;
    while (container.childNodes.length > same) container.lastChild?.remove();
    container.append(...blocks.slice(same).map((block) => toNode(block, sources, t)));
    shown = now;
  };
}

function toNode(node: MarkdownNode, sources: Sources, t: Sentences): Node {
  if (typeof node === "string") return new Text(node);
  const { tag, children, href, start } = node;
  const source = sources.get(node.source ?? 0);
  if (source) return createMark(source, t);
  const link = href && { href, rel: "noopener nofollow", target: "_blank", title: href };
  const made = element(
    tag,
    { ...link, ...(start && { start }) },
    ...children.map((child) => toNode(child, sources, t)),
  );
  // Each part takes the direction of its own text; code always runs from left to right.
  if (/^(?:p|li|blockquote)$/.test(tag)) made.dir = "auto";
  // Code that is wider than the bubble scrolls, also by keyboard.
  if (tag === "pre") {
    made.tabIndex = 0;
    made.dir = "ltr";
  }
  return made;
}
