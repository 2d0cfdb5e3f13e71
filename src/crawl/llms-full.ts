import { turnOfItsOwn } from "../runtime/event-loop-turn.ts";

export interface LlmsPage {
  readonly address: string;
  /** Markdown. */
  readonly text: string;
}

const SOURCE = /^(?:source|url)\s*:\s*<?(https?:\/\/[^\s>]+)>?\s*$/i;
const HEADING = /^#{1,2}\s/;
const FENCE = /^\s*(?:```|~~~)/;
/** Empty lines may stand between the title of a page and its address. */
const MAX_LINES_BELOW_TITLE = 3;
/** Lines between two turns of the event loop: about a millisecond. */
const LINES_A_TURN = 5000;
const PAGES_A_TURN = 1000;

/**
 * Splits an `llms-full.txt`, in which a site has the text of all its pages one after the other as Markdown. Each begins
 * with its title and `Source: <address>`. Empty when no page has an address: a link under an answer must lead to one.
 */
export async function splitLlmsFull(text: string): Promise<LlmsPage[]> {
  const whole = text.replaceAll(/\r\n?/g, "\n");
  const begins = await findBegins(whole);
  const pages: LlmsPage[] = [];
  for (const [index, { from, sourceFrom, sourceTo, address }] of begins.entries()) {
    if (index % PAGES_A_TURN === PAGES_A_TURN - 1) await turnOfItsOwn();
    const to = begins[index + 1]?.from ?? whole.length;
    const own = whole.slice(from, sourceFrom) + whole.slice(sourceTo, to);
    pages.push({ address, text: own.trim() });
  }
  return pages;
}

/** Where a page begins, and where the line with its address stands. */
interface Begin {
  readonly from: number;
  readonly sourceFrom: number;
  readonly sourceTo: number;
  readonly address: string;
}

async function findBegins(text: string): Promise<Begin[]> {
  const begins: Begin[] = [];
  let isCode = false;
  let heading = { from: 0, line: -Infinity };
  let next = 0;
  // Millions of lines are not made at once, because nothing could interrupt that.
  for (let line = 0, from = 0; from < text.length; line++, from = next) {
    if (line % LINES_A_TURN === LINES_A_TURN - 1) await turnOfItsOwn();
    const end = text.indexOf("\n", from);
    next = end === -1 ? text.length : end + 1;
    const own = text.slice(from, end === -1 ? undefined : end);
    if (FENCE.test(own)) isCode = !isCode;
    if (isCode) continue;
    if (HEADING.test(own)) heading = { from, line };
    const address = SOURCE.exec(own)?.[1];
    if (address === undefined) continue;
    const isBelowTitle = line - heading.line <= MAX_LINES_BELOW_TITLE;
    begins.push({
      from: isBelowTitle ? heading.from : from,
      sourceFrom: from,
      sourceTo: next,
      address,
    });
  }
  return begins;
}
