import type { MarkdownNode } from "../../../src/widget/markdown/tree.ts";

/** A tree in the form of the specification's HTML, as far as that can be compared. */
export function toHtml(nodes: readonly MarkdownNode[]): string {
  return nodes.map(write).join("");
}

function write(node: MarkdownNode): string {
  if (typeof node === "string") return escape(node);
  const { tag, children, href, start, isChecked, language, align } = node;
  const inner = toHtml(children);
  if (tag === "part" || tag === "token") return inner;
  if (tag === "br" || tag === "hr") return `<${tag} />`;
  if (tag === "pre") {
    const name = language === undefined ? "" : ` class="language-${escape(language)}"`;
    return `<pre>${inner.replace("<code>", `<code${name}>`)}</pre>`;
  }
  const attributes = [
    href !== undefined && ` href="${address(href)}"`,
    start !== undefined && start !== 1 && ` start="${start}"`,
    align !== undefined && ` align="${align}"`,
  ].filter(Boolean);
  const box =
    isChecked === undefined
      ? ""
      : `<input ${isChecked ? 'checked="" ' : ""}disabled="" type="checkbox">`;
  return `<${tag}${attributes.join("")}>${box}${box && " "}${inner}</${tag}>`;
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Browsers write an address in one way only. */
function address(href: string): string {
  const { href: written } = new URL(href, "https://page.test/");
  return written.replaceAll("[", "%5B").replaceAll("]", "%5D");
}

/**
 * The specification's HTML in the form of `toHtml`: a line end is a line break, images are links, titles of links are not
 * shown, a table has no parts, and white space between blocks has no meaning.
 */
export function normalize(html: string): string {
  return html
    .replaceAll(/\n?(<\/?pre>)\n?/g, "$1")
    .split(/(<pre>[^]*?<\/pre>)/)
    .map((part) =>
      part.startsWith("<pre>") ? part.replace("\n</code>", "</code>") : normalizePart(part),
    )
    .join("");
}

function normalizePart(html: string): string {
  return html
    .replaceAll(/ title="[^"]*"/g, "")
    .replaceAll(/<img src="([^"]*)" alt="([^"]*)" \/>/g, '<a href="$1">$2</a>')
    .replaceAll(/ href="([^"]*)"/g, (_, href: string) => ` href="${address(unescape(href))}"`)
    .replaceAll(/<\/?(?:thead|tbody)>\n?/g, "")
    .replaceAll(
      /\n*(<\/?(?:p|h\d|ul|ol|li|blockquote|pre|table|tr|th|td)(?: [^>]*)?>|<hr \/>)\n*/g,
      "$1",
    )
    .replaceAll(/<br \/>\n/g, "<br />")
    .replaceAll("\n", "<br />");
}

function unescape(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}
