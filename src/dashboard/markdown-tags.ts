import type { MarkdownElement, MarkdownNode } from "../widget/markdown/tree.ts";

/** An element of a page. What it contains is text or further elements. */
export interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Tag | string)[];
}

interface TagOptions {
  /** Where the page shows the source with a number, for marks such as [1]. */
  readonly sourceAddress: (number: number) => string;
  /** Makes the parts of a text. */
  readonly text?: (text: string) => readonly (Tag | string)[];
}

/**
 * The elements that show the text of an answer: those of the widget, in the dashboard's own look. The server writes them
 * into the page, and the dashboard's script while an answer is being written. No attribute can hold code or style.
 */
export function tagsOf(
  nodes: readonly MarkdownNode[],
  { sourceAddress, text = (plain) => [plain] }: TagOptions,
): (Tag | string)[] {
  const write = (all: readonly MarkdownNode[]): (Tag | string)[] =>
    all.flatMap((node) =>
      typeof node === "string" ? text(node) : [tagOf(node, write(node.children), sourceAddress)],
    );
  return write(nodes);
}

function tagOf(
  node: MarkdownElement,
  children: readonly (Tag | string)[],
  sourceAddress: TagOptions["sourceAddress"],
): Tag {
  const { tag, start, isRest, align, isChecked, language, source, href } = node;
  switch (tag) {
    case "pre": {
      const code = make("pre", { tabindex: "0", dir: "ltr" }, children);
      const bar = make("p", { class: "language" }, [language ?? ""]);
      return make("div", { class: "code" }, language === undefined ? [code] : [bar, code]);
    }
    case "table": {
      const box = { class: "table", tabindex: "0", role: "group", "aria-label": "Table" };
      return make("div", box, [make("table", { dir: "auto" }, children)]);
    }
    case "cite":
      return make("a", { class: "cite", href: sourceAddress(source ?? 0) }, [`[${source}]`]);
    case "part":
      return make(children.some(isBlock) ? "div" : "span", { class: "part" }, children);
    case "token":
      return make("span", { class: `code-${node.kind}` }, children);
    case "a":
      return link(href ?? "", children);
    case "th":
      return make("th", { scope: "col", ...(align && { class: align }) }, children);
    case "td":
      return make("td", align ? { class: align } : {}, children);
    case "li":
      if (isChecked === undefined) return make("li", {}, children);
      return make("li", { class: "task" }, [isChecked ? "☑ " : "☐ ", ...children]);
    case "ol":
    case "ul":
      return make(
        tag,
        {
          dir: "auto",
          ...(start !== undefined && { start: String(start) }),
          ...(isRest && { class: "rest" }),
        },
        children,
      );
    case "blockquote":
      return make(tag, { dir: "auto" }, children);
    default:
      // An answer's headings are below those of its message, whatever the model made of them.
      return /^h\d$/.test(tag) ? make("h3", { class: tag }, children) : make(tag, {}, children);
  }
}

/** On the website, a relative address leads within it. The dashboard does not know which page that was. */
function link(href: string, children: Tag["children"]): Tag {
  const isWhole = /^(?:https?|mailto|tel):/i.test(href) && URL.canParse(href);
  if (!isWhole) return make("span", { class: "relative", title: href }, children);
  return make("a", { href, rel: "noopener noreferrer", target: "_blank" }, children);
}

const INLINE = /^(?:strong|em|del|code|a|br|span)$/;

function isBlock(child: Tag | string): boolean {
  return typeof child !== "string" && !INLINE.test(child.name);
}

function make(name: string, attributes: Tag["attributes"], children: Tag["children"]): Tag {
  return { name, attributes, children };
}
