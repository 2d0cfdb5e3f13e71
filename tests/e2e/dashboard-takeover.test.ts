import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";

import { ADMIN_KEY, ask, mintSession } from "../../harness/chat-requests.ts";
import { cleanUp, type RunningServer } from "../../harness/process.ts";
import { type BrowserPage, closePages, hasBrowser } from "../support/browser.ts";
import {
  axeViolations,
  mishaps,
  openAsOwner,
  startFilled,
  WHOLE,
} from "../support/owner-browser.ts";
import { mintedId, storeExchange } from "../support/stored-turns.ts";

/** The owner answers in a thread in place of the model, in a real browser. */

/** A browser and a server take long on a busy machine. */
const TIMEOUT_MS = 60_000;
const LIST = "/dashboard/conversations";
const COMPOSER = `$("form.composer")`;
const WORDS = `$("#words")`;
const isShown = (expression: string) => `${expression}?.getClientRects().length > 0`;
const lastContent = `$$(".thread .content").at(-1)?.textContent`;

describe.skipIf(!hasBrowser)("the owner in a thread", () => {
  let server: RunningServer;
  const ids = new Map<string, string>();

  beforeAll(async () => {
    server = await startFilled(async (store) => {
      for (const name of ["draft", "failing", "outdated", "deleted"]) {
        const exchange = { sessionId: mintedId(name), at: Date.now() };
        ids.set(name, (await storeExchange(store, exchange)).conversationId);
      }
    });
  }, TIMEOUT_MS);
  afterAll(cleanUp);
  afterEach(() => closePages());

  const openThread = (name: string) =>
    openAsOwner(server.url, `${LIST}/${ids.get(name)}`, { width: 1000, height: 700 });

  async function takeOver(page: BrowserPage): Promise<void> {
    await page.click("#takeover button");
    await page.waitFor(isShown(COMPOSER));
    await page.waitFor(isShown(`$(".here")`));
    // The script is there. Without it the page works, too, but keeps no draft.
    await page.waitFor(isShown(`$("#words-keys")`));
  }

  test(
    "takes over, writes with Enter, sees what the visitor asks, and gives back",
    async () => {
      const visitor = await mintSession(server.url);
      const begun = await ask(server.url, "Do you ship?", { ...visitor, path: "/v1/chat" });
      ids.set("live", ((await begun.json()) as { conversationId: string }).conversationId);
      const page = await openThread("live");
      await page.waitFor(isShown(`$("#takeover button")`));
      expect(await page.evaluate(isShown(COMPOSER))).toBe(false);
      await takeOver(page);
      await page.waitFor(`document.activeElement === ${WORDS}`);
      await page.type("One line");
      await page.press("Enter", "Shift");
      await page.type("and another.");
      await page.press("Enter");
      await page.waitFor(`${lastContent} === "One line\\nand another."`);
      expect(await page.evaluate(`${WORDS}.value`)).toBe("");
      expect(await page.evaluate(`document.activeElement === ${WORDS}`)).toBe(true);

      await page.type("A draft");
      await (await ask(server.url, "Are you real?", visitor)).text();
      await page.waitFor(`${lastContent} === "Are you real?"`);
      // What is written is not lost while the thread is fetched again.
      expect(await page.evaluate(`${WORDS}.value`)).toBe("A draft");
      expect(await axeViolations(page)).toEqual([]);

      await page.click("#takeover button");
      await page.waitFor(`${WHOLE} && !(${isShown(COMPOSER)})`);
      await (await ask(server.url, "And you?", visitor)).text();
      await page.waitFor(`$$(".message").at(-1)?.matches(".assistant:not(.owner)")`);
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "finds a draft again after a reload",
    async () => {
      const page = await openThread("draft");
      await takeOver(page);
      await page.click("#words");
      await page.type("Half a sentence");
      await page.goto(`${server.url}${LIST}`);
      await page.goto(`${server.url}${LIST}/${ids.get("draft")}`);
      await page.waitFor(`${WORDS}?.value === "Half a sentence"`);
    },
    TIMEOUT_MS,
  );

  test(
    "keeps a text that could not be sent, and sends it once when he tries again",
    async () => {
      const page = await openThread("failing");
      await takeOver(page);
      // The message is stored, and its answer is lost.
      await page.evaluate(`(() => {
        const send = window.fetch;
        window.fetch = async (address, options) => {
          await send(address, options);
          if (!String(address).endsWith("/messages")) return;
          window.fetch = send;
          throw new TypeError("lost");
        };
      })()`);
      await page.click("#words");
      await page.type("Only once.");
      await page.press("Enter");
      await page.waitFor(isShown(`$("#words-problem")`));
      expect(await page.evaluate(`${WORDS}.value`)).toBe("Only once.");
      await page.click("form.composer button");
      await page.waitFor(`${WORDS}.value === ""`);
      await page.waitFor(`!(${isShown(`$("#words-problem")`)})`);
      await page.waitFor(`${lastContent} === "Only once."`);
      const texts = `$$(".owner .content").map((each) => each.textContent)`;
      expect(await page.evaluate(texts)).toEqual(["Only once."]);
    },
    TIMEOUT_MS,
  );

  test(
    "is told to reload a page that is from an earlier login, and finds his text there",
    async () => {
      const page = await openThread("outdated");
      await takeOver(page);
      await page.evaluate(`void ($("form.composer [name=formToken]").value = "an older one")`);
      await page.click("#words");
      await page.type("Good morning.");
      await page.press("Enter");
      await page.waitFor(`$("#words-problem").textContent.includes("Reload it")`);
      await page.goto(`${server.url}${LIST}/${ids.get("outdated")}`);
      await page.waitFor(`${WORDS}?.value === "Good morning."`);
    },
    TIMEOUT_MS,
  );

  test(
    "can neither write nor delete where the conversation was deleted in another tab",
    async () => {
      const page = await openThread("deleted");
      await takeOver(page);
      await page.waitFor(isShown(`$(".danger summary")`));
      const response = await fetch(`${server.url}/v1/admin/conversations/${ids.get("deleted")}`, {
        method: "DELETE",
        headers: { "x-admin-api-key": ADMIN_KEY },
      });
      expect(response.status).toBe(204);
      await page.waitFor(`$(".gone")?.textContent === "This conversation has been deleted."`);
      expect(await page.evaluate(isShown(COMPOSER))).toBe(false);
      expect(await page.evaluate(isShown(`$(".danger summary")`))).toBe(false);
    },
    TIMEOUT_MS,
  );
});
