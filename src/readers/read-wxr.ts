import { cleanLine } from "./clean-text.ts";
import {
  type FileReading,
  type FoundDocument,
  MAX_FOUND_DOCUMENTS,
  type Unread,
} from "./file-reading.ts";
import { readHtml } from "./read-html.ts";
import { webAddress } from "./web-address.ts";
import { readXml } from "./xml-tokens.ts";

/** Posts, pages, products and what plugins call questions or documentation; not menus, templates and pictures. */
const TYPES = /^(?:post|page|product)$|faq|doc|article|knowledge/;
const FIELDS: ReadonlySet<string> = new Set([
  "title",
  "link",
  "content:encoded",
  "wp:status",
  "wp:post_type",
  "wp:post_id",
  "wp:post_password",
]);
/** What plugins put into texts: names with an underscore, with values, or closed. */
const SHORTCODE =
  /\[\/?[a-z][a-z0-9-]*_[\w-]*(?:\s[^[\]]{0,2000})?\]|\[[a-z][\w-]{0,40}\s[^[\]]{0,2000}=[^[\]]{0,2000}\]|\[\/[a-z][\w-]{0,40}\]|\[(?:gallery|audio|video|playlist|embed|caption)\]/gi;

/** Where an export says that it is one. */
const HEAD = 20_000;

/** Reads the published posts and pages of an export of WordPress (WXR). Never throws. */
export function readWxr(xml: string): FileReading {
  if (!xml.slice(0, HEAD).includes("wordpress.org/export/")) {
    return { kind: "unreadable", reason: "It is XML, and no export of WordPress." };
  }
  const documents: FoundDocument[] = [];
  const unread: Unread[] = [];
  for (const item of itemsOf(xml)) {
    if (documents.length === MAX_FOUND_DOCUMENTS) break;
    if (!isPublic(item)) continue;
    const title = cleanLine(item.get("title") ?? "");
    const name = `#${item.get("wp:post_id")?.trim() || documents.length + unread.length + 1}`;
    const address = webAddress(item.get("link"));
    const { reading } = readHtml(htmlOf(item.get("content:encoded") ?? ""), address ?? "");
    if (reading.kind === "read") {
      documents.push({ name, address, document: { ...reading.document, title } });
    } else unread.push({ name: `${name} ${title}`.trim(), reason: reading.reason });
  }
  if (documents.length === 0) {
    return { kind: "empty", reason: "There is no published post or page with text in it." };
  }
  return { kind: "read", documents, unread };
}

/** The fields of each post. */
function* itemsOf(xml: string): Generator<ReadonlyMap<string, string>> {
  let item: Map<string, string> | undefined;
  let field: string | undefined;
  for (const token of readXml(xml)) {
    if (token.kind === "text") {
      if (item !== undefined && field !== undefined) {
        item.set(field, (item.get(field) ?? "") + token.text);
      }
    } else if (token.name === "item") {
      if (token.kind === "end" && item !== undefined) yield item;
      item = token.kind === "start" ? new Map() : undefined;
    } else if (token.kind === "start") field = FIELDS.has(token.name) ? token.name : undefined;
    else field = undefined;
  }
}

function isPublic(item: ReadonlyMap<string, string>): boolean {
  return (
    item.get("wp:status")?.trim() === "publish" &&
    TYPES.test(item.get("wp:post_type")?.trim() ?? "") &&
    (item.get("wp:post_password")?.trim() ?? "") === ""
  );
}

/** WordPress shows an empty line as the end of a paragraph where the text has no paragraphs of its own. */
function htmlOf(content: string): string {
  const text = content.replaceAll("\r\n", "\n").replaceAll(SHORTCODE, "");
  if (/<p[\s>]/i.test(text)) return text;
  return text.replaceAll(/\n[ \t]*\n\s*/g, "<p>").replaceAll("\n", "<br>");
}
