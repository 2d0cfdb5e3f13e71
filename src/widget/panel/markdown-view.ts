import { element } from "../element.ts";
import { type MarkdownElement, type MarkdownNode, parseMarkdown } from "./markdown.ts";
import type { Sentences } from "./sentences.ts";
import { markSources } from "./source-marks.ts";
import { createMark } from "./source-view.ts";
import type { Sources } from "./sources.ts";

/** A node of the text and what shows it. */
interface Shown {
  node: MarkdownNode;
  readonly dom: Node;
  readonly children: Shown[];
}

type ShowText = (text: string, sources: Sources) => void;
type Make = (node: MarkdownElement) => Element;

/**
 * Shows a growing Markdown text in an element. What stays the same is not touched, and text that grows stays the same
 * node, so that selections, the focus and the places of scrolled code survive.
 */
export function createMarkdownView(container: Element, t: Sentences): ShowText {
  const shown: Shown[] = [];
  return (text, sources) => {
    const make = (node: MarkdownElement) => {
      const source = sources.get(node.source ?? 0);
      return source ? createMark(source, t) : makeElement(node);
    };
    update(container, shown, markSources(parseMarkdown(text), sources), make);
  };
}

function update(parent: Node, shown: Shown[], nodes: readonly MarkdownNode[], make: Make): void {
  for (const { dom } of shown.splice(nodes.length)) dom.parentNode?.removeChild(dom);
  nodes.forEach((node, at) => {
    const old = shown[at];
    if (old && growsInto(old, node, make)) return;
    const made: Shown = {
      node,
      dom: typeof node === "string" ? new Text(node) : make(node),
      children: [],
    };
    if (typeof node !== "string") update(made.dom, made.children, node.children, make);
    if (old) parent.replaceChild(made.dom, old.dom);
    else parent.appendChild(made.dom);
    shown[at] = made;
  });
}

/** Changes what is shown so that it shows the new node. False if that has to be made anew. */
function growsInto(old: Shown, node: MarkdownNode, make: Make): boolean {
  const { dom } = old;
  if (old.node === node) return true;
  if (typeof node === "string") {
    if (typeof old.node !== "string" || !(dom instanceof Text)) return false;
    const same = commonLength(old.node, node);
    // Only what differs is replaced: a selection of the rest survives.
    dom.replaceData(same, old.node.length - same, node.slice(same));
  } else {
    if (typeof old.node === "string" || !isAlike(old.node, node)) return false;
    update(dom, old.children, node.children, make);
  }
  old.node = node;
  return true;
}

function isAlike(a: MarkdownElement, b: MarkdownElement): boolean {
  return a.tag === b.tag && a.href === b.href && a.start === b.start && a.source === b.source;
}

/** How many characters two texts have in common at their beginning. */
function commonLength(a: string, b: string): number {
  if (b.startsWith(a)) return a.length;
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function makeElement({ tag, href, start }: MarkdownElement): Element {
  const link = href && { href, rel: "noopener nofollow", target: "_blank", title: href };
  const made = element(tag, { ...link, ...(start && { start }) });
  // Each part takes the direction of its own text; code always runs from left to right.
  if (/^(?:p|li|blockquote)$/.test(tag)) made.dir = "auto";
  // Code that is wider than the bubble scrolls, also by keyboard.
  if (tag === "pre") {
    made.tabIndex = 0;
    made.dir = "ltr";
  }
  return made;
}
