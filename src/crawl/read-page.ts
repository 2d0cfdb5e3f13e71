import { decodeBytes } from "../readers/decode-bytes.ts";
import { readHtmlInSteps } from "../readers/read-html.ts";
import { readMarkdownInSteps } from "../readers/read-markdown.ts";
import { readText } from "../readers/read-text.ts";
import type { Reading } from "../readers/reading.ts";
import { inTurns, turnOfItsOwn } from "../runtime/event-loop-turn.ts";
import { readPageRules } from "./robots.ts";
import { type FetchedPage, mediaTypeOf } from "./safe-fetch.ts";
import { AGENT } from "./site-files.ts";

/** What a page has for a crawl. */
export interface CrawledPage {
  readonly reading: Reading;
  readonly canonical: string | undefined;
  /** Absolute addresses to follow. Empty when the page does not want that. */
  readonly links: readonly string[];
  /** The page, or the server for it, says that it is not to be found. */
  readonly isHidden: boolean;
}

const HTML = /^(?:text\/html|application\/xhtml\+xml)?$/;
const MARKDOWN = /^text\/(?:x-)?markdown$/;
const PLAIN = /^text\/plain$/;
const MARKDOWN_NAME = /(?:\.(?:md|mdx|markdown)|\/llms(?:-full)?\.txt)$/i;

const ADVICE: readonly (readonly [type: RegExp, advice: string])[] = [
  [/^application\/pdf$/, "It is a PDF. The command “chatporch learn FILE” reads it."],
  [/wordprocessingml|msword/, "It is a Word file. The command “chatporch learn FILE” reads DOCX."],
];

/** @returns why a page of this content type is not read, or undefined when it is */
export function refuseType(type: string): string | undefined {
  if (HTML.test(type) || MARKDOWN.test(type) || PLAIN.test(type)) return undefined;
  const advice = ADVICE.find(([pattern]) => pattern.test(type))?.[1];
  return advice ?? `It is not a page of text (${type.slice(0, 100)}).`;
}

/** Reads the text of a page, and what it says about itself, with turns of the event loop between its steps. */
export async function readPage(fetched: FetchedPage): Promise<CrawledPage> {
  const { bytes, contentType, url, robotsTag } = fetched;
  await turnOfItsOwn();
  const text = decodeBytes(bytes, contentType);
  const rules = readPageRules(robotsTag, AGENT);
  const type = mediaTypeOf(contentType);
  if (!HTML.test(type)) {
    const isMarkdown = MARKDOWN.test(type) || MARKDOWN_NAME.test(url.pathname);
    const reading = isMarkdown ? await inTurns(readMarkdownInSteps(text)) : readText(text);
    return { reading, canonical: undefined, links: [], isHidden: rules.isHidden };
  }
  const page = await inTurns(readHtmlInSteps(text, url.href));
  return {
    reading: page.reading,
    canonical: page.canonical,
    links: rules.hidesLinks || !page.areLinksFollowed ? [] : page.links,
    isHidden: rules.isHidden || !page.isIndexable,
  };
}
