import { type Exposition, parseExposition } from "../../harness/exposition.ts";
import { answerInWords } from "../../harness/question.ts";
import { askPage } from "../bench/admin-requests.ts";
import { expectOk } from "./answer.ts";
import type { Tally } from "./tally.ts";

/** The requests of the owner's programs: an open dashboard and a Prometheus. */

export const METRICS_KEY = "soak-metrics-key-of-32-characters";

const LIST_EVERY_MS = 2000;
/** One list in this many is a search. */
const SEARCH_EVERY = 5;
const PAGE = { limit: 50, minTotal: 0, maxTotal: Number.POSITIVE_INFINITY };

/** Lists and searches conversations until the signal aborts. */
export async function watchConversations(
  url: string,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  for (let asked = 1; !signal.aborted; asked++) {
    const isSearch = asked % SEARCH_EVERY === 0;
    try {
      await askPage(url, isSearch ? { q: aWord(asked) } : {}, PAGE);
      tally.done("pages");
    } catch (error) {
      tally.failed(isSearch ? "search" : "list", error);
    }
    await Bun.sleep(LIST_EVERY_MS);
  }
}

/** A word from the answers, which may be frequent or rare. */
function aWord(number: number): string {
  return answerInWords({ number, tokens: 2, pauseMs: 0 }).split(" ")[1] ?? "";
}

/**
 * Reads the metrics strictly.
 * @throws when Prometheus could not read them
 */
export async function scrape(url: string): Promise<Exposition> {
  const response = await fetch(`${url}/metrics`, {
    headers: { authorization: `Bearer ${METRICS_KEY}` },
  });
  await expectOk(response);
  return parseExposition(await response.text());
}
