import { createMarkdownReader } from "../markdown/parse.ts";
import type { MarkdownElement, MarkdownNode } from "../markdown/tree.ts";
import type { Colours } from "./colours.ts";
import type { CreateCopyButton } from "./copy-button.ts";
import { createElement } from "./markdown-elements.ts";
import type { Sentences } from "./sentences.ts";
import { createMark } from "./source-view.ts";
import type { Sources } from "./sources.ts";

/** A node of the text and what shows it. */
interface Shown {
  node: MarkdownNode;
  readonly dom: Node;
  /** Holds the children's nodes. */
  readonly inner: Node;
  readonly children: Shown[];
}

/** Shows the text, of which more is to come or not. */
type ShowText = (text: string, sources: Sources, isGrowing: boolean) => void;
type Make = (node: MarkdownElement) => { readonly outer: Node; readonly inner: Node };

/**
 * Shows a growing Markdown text in an element. What stays the same is not touched, and text that grows stays the same
 * node, so that selections, the focus and the places of scrolled code survive.
 */
export function createMarkdownView(
  container: Element,
  t: Sentences,
  createCopyButton: CreateCopyButton,
  colours: Colours,
): ShowText {
  const shown: Shown[] = [];
  const read = createMarkdownReader();
  return (text, sources, isGrowing) => {
    const make = (node: MarkdownElement) => {
      const source = sources.get(node.source ?? 0);
      if (!source) return createElement(node, t, createCopyButton);
      const mark = createMark(source, t);
      return { outer: mark, inner: mark };
    };
    update(container, shown, read(text, { sources, isGrowing, highlight: colours() }), make);
  };
}

function update(parent: Node, shown: Shown[], nodes: readonly MarkdownNode[], make: Make): void {
  for (const { dom } of shown.splice(nodes.length)) parent.removeChild(dom);
  nodes.forEach((node, at) => {
    const old = shown[at];
    if (old && growsInto(old, node, make)) return;
    const made = show(node, make);
    if (old) parent.replaceChild(made.dom, old.dom);
    else parent.appendChild(made.dom);
    shown[at] = made;
  });
}

function show(node: MarkdownNode, make: Make): Shown {
  if (typeof node === "string") {
    const text = new Text(node);
    return { node, dom: text, inner: text, children: [] };
  }
  const { outer, inner } = make(node);
  const children: Shown[] = [];
  update(inner, children, node.children, make);
  return { node, dom: outer, inner, children };
}

/** Changes what is shown so that it shows the new node. False if that has to be made anew. */
function growsInto(old: Shown, node: MarkdownNode, make: Make): boolean {
  const { inner } = old;
  if (old.node === node) return true;
  if (typeof node === "string") {
    if (typeof old.node !== "string" || !(inner instanceof Text)) return false;
    const same = commonLength(old.node, node);
    // Only what differs is replaced: a selection of the rest survives.
    inner.replaceData(same, old.node.length - same, node.slice(same));
  } else {
    if (typeof old.node === "string" || !isAlike(old.node, node)) return false;
    update(inner, old.children, node.children, make);
  }
  old.node = node;
  return true;
}

const FIELDS = [
  "tag",
  "href",
  "start",
  "isRest",
  "isChecked",
  "language",
  "kind",
  "align",
  "source",
] as const satisfies readonly (keyof MarkdownElement)[];

/** Whether two elements differ in their children only. */
function isAlike(a: MarkdownElement, b: MarkdownElement): boolean {
  return FIELDS.every((field) => a[field] === b[field]);
}

/** How many characters two texts have in common at their beginning. */
function commonLength(a: string, b: string): number {
  if (b.startsWith(a)) return a.length;
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
