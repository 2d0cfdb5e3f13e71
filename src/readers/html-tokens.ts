import { decodeEntities } from "./html-entities.ts";

/*
 * The tokens of an HTML text (HTML standard, 13.2.5), as far as reading needs them. Bun's HTMLRewriter is not used:
 * an end tag that closes nothing makes it look through every open element, so that a page with 20,000 open elements
 * and 20,000 such tags takes 0.7 seconds, and one of 5 MB many minutes. Here every character is looked at a bounded
 * number of times.
 */

/** Receives the tokens. Names are in lower case, and `text` has its entities decoded. */
export interface TokenSink {
  start(name: string, attributes: Attributes): void;
  end(name: string): void;
  text(text: string): void;
}

export type Attributes = ReadonlyMap<string, string>;

/** Elements whose content is text up to their end tag. Those of `true` have entities. */
const TEXT_ELEMENTS: ReadonlyMap<string, boolean> = new Map([
  ["script", false],
  ["style", false],
  ["xmp", false],
  ["iframe", false],
  ["noembed", false],
  ["noframes", false],
  ["textarea", true],
  ["title", true],
]);

const NAME = /[a-zA-Z][^\s/>]*/y;
const ATTRIBUTE = /[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>][^\s>]*)))?/y;
const TAG_END = /[\s/]*>/y;
const COMMENT_END = /--!?>/g;
/** The others are looked at and dropped. */
const MAX_ATTRIBUTES = 60;
const NONE: Attributes = new Map();

/** Characters between two steps: a millisecond or two. */
const STEP_LENGTH = 32_768;

/**
 * Sends the tokens of `html` to `sink`, in steps of a millisecond or two. What is cut off at the end is dropped, as
 * browsers do.
 */
export function* readTokens(html: string, sink: TokenSink): Generator<undefined> {
  let at = 0;
  let nextStep = STEP_LENGTH;
  for (;;) {
    const open = html.indexOf("<", at);
    if (open === -1) {
      if (at < html.length) sink.text(decodeEntities(html.slice(at)));
      return;
    }
    if (open > at) sink.text(decodeEntities(html.slice(at, open)));
    at = readMarkup(html, open, sink);
    if (at < nextStep) continue;
    nextStep = at + STEP_LENGTH;
    yield;
  }
}

/** Reads what begins with the `<` at `open`. @returns where the next token begins */
function readMarkup(html: string, open: number, sink: TokenSink): number {
  const next = html[open + 1];
  if (next === "!" || next === "?") return endOfDeclaration(html, open);
  const isEnd = next === "/";
  NAME.lastIndex = open + (isEnd ? 2 : 1);
  const name = NAME.exec(html)?.[0].toLowerCase();
  if (name === undefined) {
    if (isEnd && open + 2 < html.length) return after(html, ">", open);
    sink.text("<");
    return open + 1;
  }
  const { attributes, end } = readAttributes(html, NAME.lastIndex);
  if (end === -1) return html.length;
  if (isEnd) {
    sink.end(name);
    return end;
  }
  sink.start(name, attributes);
  return TEXT_ELEMENTS.has(name) ? readTextElement(html, end, name, sink) : end;
}

/** @returns the attributes, and where the tag has ended, or -1 when the text ends before it */
function readAttributes(html: string, from: number): { attributes: Attributes; end: number } {
  if (html[from] === ">") return { attributes: NONE, end: from + 1 };
  const attributes = new Map<string, string>();
  let at = from;
  while (at < html.length) {
    TAG_END.lastIndex = at;
    if (TAG_END.test(html)) return { attributes, end: TAG_END.lastIndex };
    ATTRIBUTE.lastIndex = at;
    const found = ATTRIBUTE.exec(html);
    if (found === null) return { attributes, end: -1 };
    const [, name = "", double, single, bare] = found;
    const key = name.toLowerCase();
    if (attributes.size < MAX_ATTRIBUTES && !attributes.has(key)) {
      attributes.set(key, decodeEntities(double ?? single ?? bare ?? ""));
    }
    at = ATTRIBUTE.lastIndex;
  }
  return { attributes, end: -1 };
}

function readTextElement(html: string, from: number, name: string, sink: TokenSink): number {
  const closing = new RegExp(`</${name}(?=[\\s/>])`, "gi");
  closing.lastIndex = from;
  const end = closing.exec(html)?.index ?? html.length;
  const text = html.slice(from, end);
  if (text !== "") sink.text(TEXT_ELEMENTS.get(name) === true ? decodeEntities(text) : text);
  return end;
}

/** Comments, doctypes, processing instructions, and the CDATA that pages of XML have. */
function endOfDeclaration(html: string, open: number): number {
  if (!html.startsWith("<!--", open)) return after(html, ">", open);
  const short = /^<!--(?:-?>)/.exec(html.slice(open, open + 6));
  if (short !== null) return open + short[0].length;
  COMMENT_END.lastIndex = open + 4;
  return COMMENT_END.exec(html) === null ? html.length : COMMENT_END.lastIndex;
}

function after(html: string, sign: string, from: number): number {
  const at = html.indexOf(sign, from);
  return at === -1 ? html.length : at + 1;
}
