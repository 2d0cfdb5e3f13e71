/**
 * The elements that a text can become. `cite` is a mark such as [1]; `part` some blocks, or
 * some lines of a paragraph or of code, where there is so much that a browser would take too long to lay it out anew with
 * each word. There is no image, no raw HTML and no other attribute than those below.
 */
type MarkdownTag =
  | "p"
  | `h${1 | 2 | 3 | 4 | 5 | 6}`
  | "strong"
  | "em"
  | "del"
  | "code"
  | "pre"
  | "ul"
  | "ol"
  | "li"
  | "blockquote"
  | "hr"
  | "br"
  | "a"
  | "table"
  | "tr"
  | "th"
  | "td"
  | "cite"
  | "part"
  | "token";

/** Text, or an element with its children. */
export type MarkdownNode = string | MarkdownElement;

export type Alignment = "left" | "center" | "right";

export interface MarkdownElement {
  readonly tag: MarkdownTag;
  readonly children: readonly MarkdownNode[];
  /** The address of a link: http, https, mailto or tel, or one that is relative to the page. */
  readonly href?: string;
  /** The first number of a numbered list. */
  readonly start?: number;
  /** Whether a list or a table goes on with the one before it, which would be too long. */
  readonly isRest?: boolean;
  /** Whether an item of a list of tasks is done. Undefined for any other item. */
  readonly isChecked?: boolean;
  /** The language of a block of code, as its author names it. */
  readonly language?: string;
  /** Of a `token`, a piece of code: its colour. */
  readonly kind?: "comment" | "string" | "number" | "keyword";
  /** Of the cells of a table. */
  readonly align?: Alignment;
  /** For `cite`: the number of the source that the text names, as in [1]. */
  readonly source?: number;
}

export function make(tag: MarkdownTag, children: readonly MarkdownNode[]): MarkdownElement {
  return { tag, children };
}
