import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";

import { cleanUp, type RunningServer } from "../../harness/process.ts";
import type { Store } from "../../src/store/store.ts";
import { closePages, hasBrowser } from "../support/browser.ts";
import { mishaps, openAsOwner, startFilled, WHOLE } from "../support/owner-browser.ts";
import { storeExchange } from "../support/stored-turns.ts";

/** What the list of conversations says, in a real browser. */

/** A browser, a server and thousands of messages take long on a busy machine. */
const TIMEOUT_MS = 60_000;
const LIST = "/dashboard/conversations";
/** More messages than a search looks through. */
const CONVERSATIONS = 2600;

async function fill(store: Store): Promise<void> {
  const begin = Date.now() - CONVERSATIONS * 1000;
  for (let i = 0; i < CONVERSATIONS; i++) {
    await storeExchange(store, {
      sessionId: `v${i}`,
      question: `Where is the parcel ${i}?`,
      answer: "By the door.",
      at: begin + i * 1000,
    });
  }
  // Both are written as models write.
  const question = "Do you ship to **Zanzibar**?";
  const answer = "## Yes\n\nWe ship to [the *island*](https://shop.example/zanzibar).";
  await storeExchange(store, { sessionId: "islander", question, answer, at: Date.now() - 2 });
  await storeExchange(store, {
    sessionId: "unlucky",
    question: "Why is the lamp broken?",
    answer: "",
    status: "failed",
    at: Date.now() - 1,
  });
}

describe.skipIf(!hasBrowser)("the rows of the list in a browser", () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await startFilled(fill);
  }, TIMEOUT_MS);
  afterAll(() => cleanUp());
  afterEach(() => closePages());

  const text = (selector: string) =>
    `$(${JSON.stringify(selector)})?.textContent.replace(/\\s+/g, " ").trim()`;

  test(
    "say what was asked, the answer without Markdown, and what failed, and each page says which they are",
    async () => {
      const page = await openAsOwner(server.url, LIST);
      expect(await page.evaluate(text(".list li:nth-child(1) strong"))).toBe(
        "Why is the lamp broken?",
      );
      expect(await page.evaluate(text(".list li:nth-child(1) .badge"))).toBe("failed");
      const question = `$(".list li:nth-child(2) strong")`;
      expect(await page.evaluate(`${question}.textContent`)).toBe("Do you ship to **Zanzibar**?");
      expect(Number(await page.evaluate(`getComputedStyle(${question}).fontWeight`))).toBe(600);
      expect(await page.evaluate(text(".list li:nth-child(2) .answer"))).toBe(
        "Yes We ship to the island.",
      );
      expect(await page.evaluate(`$$(".list .badge").length`)).toBe(1);

      const place = text(".pager span");
      expect(await page.evaluate(place)).toBe("1–50 of 2,602");
      await page.click(".pager [rel=next]");
      await page.waitFor(`${place} === "51–100 of 2,602"`);
      await page.click(".pager [rel=next]");
      await page.waitFor(`${place} === "101–150 of 2,602"`);
      await page.click(".pager [rel=prev]");
      await page.waitFor(`${place} === "51–100 of 2,602"`);
      await page.click(".pager [rel=prev]");
      await page.waitFor(`location.search === "" && ${place} === "1–50 of 2,602"`);
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "of a search show its words, among how many messages they were found, and are exported alone",
    async () => {
      const page = await openAsOwner(server.url, `${LIST}?q=the`);
      expect(await page.evaluate(text(".results .heading p"))).toMatch(
        /^[\d,]+ conversations among the newest 5,000 matching messages\. Choose an earlier last day/,
      );
      const marked = `$$(".list li").every((row) => /^the/i.test(row.querySelector("mark")?.textContent))`;
      expect(await page.evaluate(marked)).toBe(true);

      await page.fill("[name=q]", "zanzibar");
      await page.press("Enter");
      await page.waitFor(
        `${WHOLE} && location.search.includes("zanzibar") && $$(".list li").length === 1`,
      );
      const fetched = (link: string) =>
        page.evaluate<string>(`fetch(${link}).then((answer) => answer.text())`);
      const found = await fetched(`$(".results [download][href*=ndjson]").href`);
      expect(found.trim().split("\n")).toHaveLength(2);
      await page.click(".list a");
      await page.waitFor(`${WHOLE} && $(".thread")`);
      const thread = await fetched(`$(".exports [href*=ndjson]").href`);
      expect(thread).toBe(found);
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
