import { element, iconButton, setAria, WRAP_ICON } from "../element.ts";
import type { MarkdownElement } from "../markdown/tree.ts";
import type { CreateCopyButton } from "./copy-button.ts";
import type { Sentences } from "./sentences.ts";

interface Made {
  readonly outer: Element;
  /** Holds the children: the same element, or one in it. */
  readonly inner: Element;
}

/** The headings of the page, the panel and its messages come before those of an answer. */
const HEADINGS_ABOVE = 3;

/** Makes what shows an element of a text, still without its children. */
export function createElement(
  node: MarkdownElement,
  t: Sentences,
  createCopyButton: CreateCopyButton,
): Made {
  const { tag, kind, href, start, isRest, align, isChecked } = node;
  if (tag === "pre") return createCode(node, t, createCopyButton);
  if (tag === "table") return createTable(node, t);
  if (href !== undefined) return only(createLink(href));
  const level = /^h(\d)$/.exec(tag)?.[1];
  // Each part has lines of its own.
  if (tag === "part" || tag === "token") {
    return only(element("span", { className: kind ?? tag }));
  }
  const name = level ? (`h${Math.min(Number(level) + HEADINGS_ABOVE, 6)}` as "h4") : tag;
  const made = element(name, start === undefined ? {} : { start });
  if (level) made.className = `h${level}`;
  if (isRest) made.className = "rest";
  // Numbers of three digits and more need more room than the style sheet gives them.
  if (start && start > 36) made.style.paddingInlineStart = `${`${start + 63}`.length + 1.5}ch`;
  // What has marks at its side takes the direction of its text as a whole. The style sheet does it for each part.
  if (/^(?:ul|ol|blockquote)$/.test(tag)) made.dir = "auto";
  if (tag === "th") made.setAttribute("scope", "col");
  if (align) made.style.textAlign = align;
  if (isChecked === undefined) return only(made);
  const text = element("span");
  made.className = "task";
  made.append(isChecked ? "☑ " : "☐ ", text);
  return { outer: made, inner: text };
}

function only(made: Element): Made {
  return { outer: made, inner: made };
}

/** Links within the website stay in the tab: the panel is there on the next page, too. */
function createLink(href: string): Element {
  const link = element("a", { href, rel: "noopener nofollow" });
  try {
    // What is relative leads where it would lead in the page.
    const { href: address, origin } = new URL(href, document.baseURI);
    link.href = address;
    if (origin !== location.origin) link.target = "_blank";
  } catch {
    // No browser can follow it.
    return element("span");
  }
  return link;
}

/** Code runs from left to right. It scrolls when it is wider than the bubble, also by keyboard, or wraps its lines. */
function createCode(
  { language = "" }: MarkdownElement,
  t: Sentences,
  createCopyButton: CreateCopyButton,
): Made {
  const title = language || t.code;
  const props = { tabIndex: 0, dir: "ltr", role: "group", ariaLabel: title };
  const inner = element("pre", props);
  const copy = createCopyButton(() => `${inner.textContent}`);
  const wrap = iconButton("wrap", t.wrap, WRAP_ICON);
  setAria(wrap, "ariaPressed", false);
  wrap.onclick = () => setAria(wrap, "ariaPressed", inner.classList.toggle("wrapped"));
  const bar = element("div", { className: "bar" }, element("span", {}, title), wrap, copy);
  return { outer: element("div", { className: "code" }, bar, inner), inner };
}

/** So does a table, which then needs a name. */
function createTable({ isRest }: MarkdownElement, t: Sentences): Made {
  const inner = element("table");
  const className = isRest ? "table rest" : "table";
  // The box has the direction of the text, so that it shows the first columns before it is scrolled.
  const props = { className, dir: "auto", tabIndex: 0, role: "group", ariaLabel: t.table };
  return { outer: element("div", props, inner), inner };
}
