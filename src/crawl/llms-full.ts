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
  // Several times as fast as a split by all three line ends, which nothing can interrupt.
  const lines = text.replaceAll(/\r\n?/g, "\n").split("\n");
  const begins: { readonly at: number; readonly sourceAt: number; readonly address: string }[] = [];
  let isCode = false;
  let headingAt = -Infinity;
  for (const [index, line] of lines.entries()) {
    if (index % LINES_A_TURN === LINES_A_TURN - 1) await turnOfItsOwn();
    if (FENCE.test(line)) isCode = !isCode;
    if (isCode) continue;
    if (HEADING.test(line)) headingAt = index;
    const address = SOURCE.exec(line)?.[1];
    if (address === undefined) continue;
    const at = index - headingAt <= MAX_LINES_BELOW_TITLE ? headingAt : index;
    begins.push({ at, sourceAt: index, address });
  }
  const pages: LlmsPage[] = [];
  for (const [index, { at, sourceAt, address }] of begins.entries()) {
    if (index % PAGES_A_TURN === PAGES_A_TURN - 1) await turnOfItsOwn();
    const end = begins[index + 1]?.at ?? lines.length;
    const own = [...lines.slice(at, sourceAt), ...lines.slice(sourceAt + 1, end)];
    pages.push({ address, text: own.join("\n").trim() });
  }
  return pages;
}
