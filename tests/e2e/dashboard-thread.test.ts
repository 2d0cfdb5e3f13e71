import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";

import { ask } from "../../harness/chat-requests.ts";
import { type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, type RunningServer } from "../../harness/process.ts";
import { closePages, hasBrowser, openPage } from "../support/browser.ts";
import {
  axeViolations,
  heading,
  logIn,
  mishaps,
  openAsOwner,
  startFilled,
} from "../support/owner-browser.ts";
import { newTurn, outcome, storeExchange } from "../support/stored-turns.ts";

/** A conversation in the dashboard, in a real browser: what was said, and what is being said. */

/** A browser and a server take long on a busy machine. */
const TIMEOUT_MS = 60_000;
const LIST = "/dashboard/conversations";
const DELIVERY =
  "We deliver to **all of Europe**, see [prices](https://shop.example/prices).\n\n" +
  "|Country|Days|\n|-|-:|\n|Norway|6|\n\n![a](https://evil.example/a.png)\n\n" +
  "```js\nconst a = 1; // b\nlet c = 'd';\n```\n\n# A\n\n### B\n\n- [x] c\n\n> d [1]\n";
const LATER = Date.now() - 60_000;
const ARABIC = "نعم، نشحن إلى **النرويج**.\n\n- الدفع بالبطاقة\n\n```sh\nnpm install\n```";

describe.skipIf(!hasBrowser)("a thread in a browser", () => {
  let model: ModelServer;
  let server: RunningServer;
  let delivery: string;
  /** Its model has a long name. */
  let longNamed: string;

  beforeAll(async () => {
    model = startModelServer(silence);
    server = await startFilled(
      async (store) => {
        const question = "Do you ship to Norway?";
        const stored = await storeExchange(store, { question, answer: DELIVERY, sessionId: "de" });
        delivery = stored.conversationId;
        await storeExchange(store, { question: "هل تشحنون؟", answer: ARABIC, sessionId: "de" });
        await storeExchange(store, { question: "A red lamp?", sessionId: "red", at: LATER });
        await storeExchange(store, { question: "A blue lamp?", sessionId: "blue", at: LATER + 1 });
        const turn = newTurn({ sessionId: "long", model: `org/${"quantised".repeat(20)}` });
        const begun = await store.beginTurn(turn);
        if (begun.kind === "begun") longNamed = begun.conversationId;
        await store.finishTurn(turn.turnId, outcome());
        await storeExchange(store, {
          question: "A lamp in green?",
          sessionId: "green",
          at: LATER + 2,
        });
      },
      { OPENAI_BASE_URL: model.url },
    );
  }, TIMEOUT_MS);
  afterAll(async () => {
    await cleanUp();
    await model.stop();
  });
  afterEach(() => closePages());

  const openThread = (id: string, query = "") =>
    openAsOwner(server.url, `${LIST}/${id}${query}`, { width: 1000, height: 600 });

  /** Asks as a visitor. Resolves with the conversation, and the model's call that answers. */
  async function begin(sessionId: string, question: string) {
    const number = model.calls.length;
    const response = await ask(server.url, question, { sessionId });
    const call = await model.call(number);
    call.token("So: ");
    const reader = response.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    const [, id = ""] = /"conversationId":"([^"]+)"/.exec(new TextDecoder().decode(value)) ?? [];
    return { id, call };
  }

  test(
    "answers are shown as their visitor saw them, in either direction, and load nothing",
    async () => {
      const page = await openThread(delivery);
      const directions = `$$(".written").map((each) => getComputedStyle(each.querySelector("pre")).direction)`;
      expect(await page.evaluate(directions)).toEqual(["ltr", "ltr"]);
      expect(await page.evaluate(`$(".written table td:last-child").textContent`)).toBe("6");
      const list = `getComputedStyle($$(".written")[1].querySelector("ul")).direction`;
      expect(await page.evaluate(list)).toBe("rtl");
      expect(await page.evaluate(`$$(".content img").length`)).toBe(0);
      expect(await page.evaluate(`$$(".badge").length`)).toBe(0);
      await page.evaluate(`void $$("details").forEach((each) => { each.open = true; })`);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.prefer({ colorScheme });
        await page.resize({ width: 360, height: 800 });
        expect(await axeViolations(page)).toEqual([]);
        expect(
          await page.evaluate<number>("document.documentElement.scrollWidth"),
        ).toBeLessThanOrEqual(360);
      }
      expect(await page.evaluate(`$(".written a").rel`)).toBe("noopener noreferrer");
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "an answer is seen while it is being written, and stays when it is complete",
    async () => {
      const { id, call } = await begin("live", "When do you open?");
      const page = await openThread(id);
      await page.evaluate("void (window.isSamePage = true)");
      call.token("we **open** at nine.\n\n- Mon");
      await page.waitFor(`$(".written strong")?.textContent === "open"`);
      await page.waitFor(`$(".written li")?.textContent === "Mon"`);
      await page.evaluate(`void (window.first = $(".written p"))`);
      call.token("day\n- Tuesday");
      await page.waitFor(`$$(".written li")[1]?.textContent === "Tuesday"`);
      // What is complete is not made anew: it can be selected meanwhile.
      expect(await page.evaluate(`window.first === $(".written p")`)).toBe(true);
      expect(await page.evaluate(`$(".badge.streaming").textContent`)).toBe("being written");
      call.finish();
      await page.waitFor(`$$(".badge").length === 0 && $(".facts")`);
      expect(await page.evaluate(`$(".written").textContent`)).toContain("So: we open at nine.");

      const next = await begin("live", "And on Sunday?");
      next.call.token("closed");
      await page.waitFor(`$$(".written")[1]?.textContent === "So: closed"`);
      next.call.finish();
      await page.waitFor(`$$(".facts").length === 2`);
      expect(await page.evaluate("window.isSamePage")).toBe(true);
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "whoever reads further up stays there while an answer is being written, and whoever is at the end follows",
    async () => {
      const { id, call } = await begin("reader", "Tell me a long story.");
      const page = await openThread(id);
      const lines = Array.from({ length: 60 }, (_, n) => `${n}.\n\n`).join("");
      const gap = "document.documentElement.scrollHeight - innerHeight - scrollY";
      call.token(lines);
      await page.waitFor(`$$(".written ol").length > 0`);
      await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)");
      await page.waitFor(`${gap} < 2`);
      call.token(`here${lines}`);
      await page.waitFor(`$(".written").textContent.includes("here") && ${gap} < 2`);
      await page.evaluate("scrollBy(0, -30)");
      await page.waitFor(`${gap} > 20`);
      const before = await page.evaluate<number>("scrollY");
      call.token("**there**");
      await page.waitFor(`$(".written strong")?.textContent === "there"`);
      expect(await page.evaluate<number>("scrollY")).toBe(before);
      call.finish();
      await page.waitFor(`$(".facts")`);
    },
    TIMEOUT_MS,
  );

  test(
    "the details of an answer fit a phone, whatever its model is called",
    async () => {
      const size = { width: 360, height: 740 };
      const page = await openAsOwner(server.url, `${LIST}/${longNamed}`, size);
      await page.click(".facts summary");
      await page.waitFor(`$(".facts p")?.getClientRects().length > 0`);
      expect(await page.evaluate(`$(".facts p").textContent`)).toContain("quantisedquantised");
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
    },
    TIMEOUT_MS,
  );

  test(
    "the keys lead to the conversations beside a thread, and back to the list with its search",
    async () => {
      const page = await openPage();
      await logIn(page, server.url);
      const search = "?q=lamp";
      await page.goto(`${server.url}${LIST}${search}`);
      await page.click(".list li:nth-child(2) a");
      await page.waitFor(heading("A blue lamp?"));
      await page.press("j");
      await page.waitFor(heading("A red lamp?"));
      await page.press("k");
      await page.waitFor(heading("A blue lamp?"));
      expect(await page.evaluate(`$(".user mark").textContent`)).toBe("lamp");
      await page.press("Escape");
      await page.waitFor(heading("Conversations"));
      expect(await page.evaluate("location.search")).toBe(search);
    },
    TIMEOUT_MS,
  );

  test(
    "a key that is held down opens one conversation, and not as many as it repeats",
    async () => {
      const page = await openAsOwner(server.url, `${LIST}?q=lamp`);
      await page.click(".list li:nth-child(2) a");
      await page.waitFor(heading("A blue lamp?"));
      const press = (repeat: boolean) =>
        `document.dispatchEvent(new KeyboardEvent("keydown", { key: "j", repeat: ${repeat} }))`;
      const clicks = await page.evaluate<number>(`(() => {
        let clicks = 0;
        addEventListener("click", (event) => { clicks += 1; event.preventDefault(); });
        ${press(false)};
        for (let i = 0; i < 30; i += 1) ${press(true)};
        return clicks;
      })()`);
      expect(clicks).toBe(1);
    },
    TIMEOUT_MS,
  );

  test(
    "after a deletion the list says so, has the focus there, is still searched, and it can be undone",
    async () => {
      const page = await openAsOwner(server.url, `${LIST}?q=green`);
      await page.click(".list a");
      await page.waitFor(heading("A lamp in green?"));
      await page.click(".danger summary");
      await page.click(".destructive");
      await page.waitFor(heading("Conversations"));
      await page.waitFor(`document.activeElement?.textContent.includes("deleted")`);
      expect(await page.evaluate("$('[name=q]').value")).toBe("green");
      await page.press("Tab");
      await page.press("Enter");
      await page.waitFor(`document.activeElement?.textContent.includes("is back")`);
      expect(await page.evaluate("$('[name=q]').value")).toBe("green");
      expect(await page.evaluate(`$$(".list li").length`)).toBe(1);
    },
    TIMEOUT_MS,
  );

  test(
    "the button copies the address of the thread, without what the list was searched for",
    async () => {
      const page = await openThread(delivery, "?q=norway");
      await page.cdp("Browser.grantPermissions", {
        permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"],
      });
      await page.click("[data-copy-link]");
      await page.waitFor(`$("[data-copy-link]").textContent === "Copied"`);
      const copied = await page.evaluate<string>("navigator.clipboard.readText()");
      expect(copied).toBe(`${server.url}${LIST}/${delivery}`);
    },
    TIMEOUT_MS,
  );
});
