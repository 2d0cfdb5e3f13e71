import type { Attributes } from "./html-tokens.ts";

/** What the elements of HTML mean for a reader. Names are in lower case. */

export const VOID_ELEMENTS: ReadonlySet<string> = new Set(
  "area base br col embed frame hr img input link meta param source track wbr".split(" "),
);

/** Elements that begin and end a line. */
export const BLOCKS: ReadonlySet<string> = new Set(
  `address article aside blockquote caption center dd details dialog dir div dl dt fieldset figcaption figure footer
  form header hgroup hr legend li main menu nav ol option p pre search section summary table tbody tfoot thead tr
  ul`.split(/\s+/),
);

/** Blocks with an empty line around them. */
export const SPACED_BLOCKS: ReadonlySet<string> = new Set(
  "blockquote details dl figure ol p pre table ul".split(" "),
);

/** Open elements that a beginning element ends, if they are nearer than the elements that it can stand in. */
interface ImpliedEnd {
  readonly ends: readonly string[];
  readonly within: ReadonlySet<string>;
}

const LISTS: ReadonlySet<string> = new Set(["ul", "ol", "menu", "dir"]);
const ROWS: ReadonlySet<string> = new Set(["tr", "table"]);
const TABLE: ReadonlySet<string> = new Set(["table"]);
const DEFINITIONS: ReadonlySet<string> = new Set(["dl"]);
const TABLE_PARTS = ["tbody", "thead", "tfoot"];

/** The end tags that may be left out (HTML standard, 13.1.2.4). */
export const IMPLIED_ENDS: ReadonlyMap<string, ImpliedEnd> = new Map([
  ["li", { ends: ["li"], within: LISTS }],
  ["dt", { ends: ["dt", "dd"], within: DEFINITIONS }],
  ["dd", { ends: ["dt", "dd"], within: DEFINITIONS }],
  ["td", { ends: ["td", "th"], within: ROWS }],
  ["th", { ends: ["td", "th"], within: ROWS }],
  ["tr", { ends: ["tr"], within: TABLE }],
  ["tbody", { ends: TABLE_PARTS, within: TABLE }],
  ["tfoot", { ends: TABLE_PARTS, within: TABLE }],
]);
/** What every block does to an open paragraph. */
export const ENDS_PARAGRAPH: ImpliedEnd = {
  ends: ["p"],
  within: new Set(["table", "td", "th", "button", "object", "body"]),
};

/** Nothing in it is text of the page, however the page is built. */
const NEVER_TEXT: ReadonlySet<string> = new Set(
  `audio canvas datalist embed iframe map math noembed noframes noscript object optgroup option script select style
  svg template textarea title video xmp`.split(/\s+/),
);

/** What stands around the text of a page. */
const FRAME_ELEMENTS: ReadonlySet<string> = new Set(["nav", "footer", "aside", "search"]);
const FRAME_ROLES: ReadonlySet<string> = new Set(
  "navigation search banner contentinfo complementary menu menubar".split(" "),
);
const FRAME_CLASSES: ReadonlySet<string> = new Set(
  `breadcrumb breadcrumbs cookie cookies footer linenodiv linenos nav navbar navfooter navheader navigation pagination
  related sidebar skip-link sphinxsidebar toc`.split(/\s+/),
);
/** Text for screen readers about the page, such as "opens in a new tab", and links from a heading to itself. */
const UNSEEN_CLASSES: ReadonlySet<string> = new Set(
  `anchor-link hash-link header-anchor headerlink heading-anchor mw-editsection permalink screen-reader-text sr-only
  visually-hidden`.split(/\s+/),
);
const INVISIBLE_STYLE =
  /(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|font-size:0(?![.\d]*[1-9])|opacity:0(?![.\d]*[1-9]))/;

/** `never`: no text. `hidden`: the page does not show it. `frame`: it stands around the text, on every page. */
export type Omission = "never" | "hidden" | "frame";

/** Why the text in an element is not read, or undefined for one that is read. */
export function omissionOf(name: string, attributes: Attributes): Omission | undefined {
  if (NEVER_TEXT.has(name)) return attributes.has("shadowrootmode") ? undefined : "never";
  if (name === "html" || name === "body") return undefined;
  if (attributes.size === 0 && name !== "dialog") {
    return FRAME_ELEMENTS.has(name) ? "frame" : undefined;
  }
  const classes = attributes.get("class")?.toLowerCase().split(/\s+/, MAX_CLASSES) ?? [];
  if (isInvisible(name, attributes) || classes.some((each) => UNSEEN_CLASSES.has(each))) {
    return "hidden";
  }
  // The number of a footnote could be taken for the number of a source.
  if (name === "sup" && classes.includes("reference")) return "hidden";
  if (placeOf(name, attributes) === "main") return undefined;
  const isFrame =
    FRAME_ELEMENTS.has(name) ||
    FRAME_ROLES.has(attributes.get("role")?.toLowerCase() ?? "") ||
    classes.some((each) => FRAME_CLASSES.has(each));
  return isFrame ? "frame" : undefined;
}

const MAX_CLASSES = 40;

function isInvisible(name: string, attributes: Attributes): boolean {
  const hidden = attributes.get("hidden");
  if (hidden !== undefined && hidden.toLowerCase() !== "until-found") return true;
  if (attributes.get("aria-hidden")?.toLowerCase() === "true") return true;
  if (name === "dialog" && !attributes.has("open")) return true;
  const style = attributes.get("style");
  return style !== undefined && INVISIBLE_STYLE.test(style.replaceAll(/\s+/g, "").toLowerCase());
}

/** Where the text of a page is. `main` is what the page says of itself, `content` what such pages are often built with. */
export type Place = "main" | "content";

const CONTENT_IDS: ReadonlySet<string> = new Set(
  "bodycontent content main main-content maincontent".split(" "),
);
const CONTENT_CLASSES: ReadonlySet<string> = new Set(
  "body content main-content markdown-body".split(" "),
);

export function placeOf(name: string, attributes: Attributes): Place | undefined {
  if (name === "main" || attributes.get("role")?.toLowerCase() === "main") return "main";
  if (name === "article") return "content";
  if (attributes.size === 0 || name === "body" || name === "html") return undefined;
  if (CONTENT_IDS.has(attributes.get("id")?.toLowerCase() ?? "")) return "content";
  const classes = attributes.get("class")?.toLowerCase().split(/\s+/, MAX_CLASSES) ?? [];
  return classes.some((each) => CONTENT_CLASSES.has(each)) ? "content" : undefined;
}
