import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";

import { ask } from "../../harness/chat-requests.ts";
import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, type RunningServer } from "../../harness/process.ts";
import { closePages, hasBrowser } from "../support/browser.ts";
import { heading, mishaps, openAsOwner, startFilled, WHOLE } from "../support/owner-browser.ts";
import { storeExchange } from "../support/stored-turns.ts";

/** The list of conversations in a real browser. */

/** A browser and a server take long on a busy machine. */
const TIMEOUT_MS = 60_000;
const LIST = "/dashboard/conversations";
const MINUTE_MS = 60_000;

describe.skipIf(!hasBrowser)("the list of conversations in a browser", () => {
  let model: ModelServer;
  let server: RunningServer;

  beforeAll(async () => {
    model = startModelServer(answer("Tomorrow at nine."));
    server = await startFilled(
      async (store) => {
        for (let i = 60; i > 0; i--) {
          const question = `Question ${i}?`;
          const at = Date.now() - i * MINUTE_MS;
          await storeExchange(store, { sessionId: `v${i}`, question, at });
        }
      },
      { OPENAI_BASE_URL: model.url },
    );
  }, TIMEOUT_MS);
  afterAll(async () => {
    await cleanUp();
    await model.stop();
  });
  afterEach(() => closePages());

  const openList = () => openAsOwner(server.url, LIST, { width: 1000, height: 600 });

  async function write(sessionId: string): Promise<void> {
    await (await ask(server.url, "Hello?", { sessionId, path: "/v1/chat" })).text();
  }

  /** An expression: the words of the link to what is new. */
  const NEWS = `($("[data-news]:not([hidden])")?.textContent ?? "")`;
  /** Without a number where it happened before the page's stream was open. */
  const HAS_NEWS = `/^(?:New messages in 1 conversation|There are new messages) ↑$/.test(${NEWS})`;
  const FIRST = `$(".list .who")?.textContent`;

  test(
    "rows do not move under the mouse, and what came meanwhile is shown once it has left",
    async () => {
      const page = await openList();
      const mouse = (x: number, y: number) =>
        page.cdp("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
      const place = `$(".list li:nth-child(2)").getBoundingClientRect().top`;
      const top = await page.evaluate<number>(place);
      const second = await page.evaluate<string>(`$(".list li:nth-child(2) a").id`);
      await mouse(400, top + 20);
      await page.waitFor(`$("[data-live]").matches(":hover")`);
      await write("mouse");
      await page.waitFor(`${HAS_NEWS}`);
      expect(await page.evaluate(`$(".list li:nth-child(2) a").id`)).toBe(second);
      expect(await page.evaluate(place)).toBe(top);
      await mouse(400, 10);
      await page.waitFor(`${FIRST} === "mouse" && ${NEWS} === ""`);
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "whoever reads further down is told of what is new, and goes up to it",
    async () => {
      const page = await openList();
      await page.evaluate("scrollTo(0, 1500)");
      await page.waitFor("scrollY === 1500");
      const first = await page.evaluate<string>(FIRST);
      await write("further-down");
      await page.waitFor(`${HAS_NEWS}`);
      expect(await page.evaluate(FIRST)).toBe(first);
      await page.click("[data-news]");
      await page.waitFor(`scrollY === 0 && ${FIRST} === "further-down"`);

      await page.click(".pager [rel=next]");
      await page.waitFor(`location.search.includes("cursor") && $(".pager [rel=prev]")`);
      const shown = await page.evaluate<string>(FIRST);
      await write("older-page");
      await page.waitFor(`${HAS_NEWS}`);
      expect(await page.evaluate(FIRST)).toBe(shown);
      await page.click("[data-news]");
      await page.waitFor(`location.search === "" && ${FIRST} === "older-page"`);
    },
    TIMEOUT_MS,
  );

  test(
    "the keys lead to the search, from row to row, into a conversation, and back",
    async () => {
      const page = await openList();
      await page.press("/");
      await page.waitFor(`document.activeElement.name === "q"`);
      await page.type("question 1");
      await page.press("Enter");
      await page.waitFor(
        `${WHOLE} && location.search.startsWith("?q=question+1") && $$(".found mark").length > 2`,
      );
      await page.press("j");
      await page.press("j");
      const id = await page.evaluate<string>(`$(".list li:nth-child(2) a").id`);
      expect(await page.evaluate("document.activeElement.id")).toBe(id);
      await page.press("k");
      await page.press("j");
      await page.press("Enter");
      await page.waitFor(
        `${WHOLE} && location.pathname.endsWith("${id}") && $(".message:target mark")`,
      );
      await page.press("Escape");
      await page.waitFor(heading("Conversations"));
      expect(await page.evaluate("location.search")).toBe("?q=question+1");
      // He goes on where he was.
      await page.waitFor(`${WHOLE} && document.activeElement.id === "${id}"`);
      await page.press("j");
      await page.waitFor(`document.activeElement === $(".list li:nth-child(3) a")`);

      await page.press("?");
      await page.waitFor(`$("#keys").getClientRects().length > 0`);
      await page.press("Escape");
      await page.waitFor(`$("#keys").getClientRects().length === 0`);
    },
    TIMEOUT_MS,
  );

  test(
    "a wide window has the list beside a conversation, with its row marked and in sight",
    async () => {
      const page = await openList();
      await page.resize({ width: 1280, height: 700 });
      await page.evaluate(`void $$(".list a")[40].click()`);
      const open = `(${WHOLE} && $(".pane [aria-current]")?.id)`;
      await page.waitFor(`$("#conversation") && ${open} === location.pathname.split("/").at(-1)`);
      const inSight = `((box) => box.top > 0 && box.bottom < innerHeight)($(".pane [aria-current=true]").getBoundingClientRect())`;
      await page.waitFor(inSight);
      const first = await page.evaluate<string>(open);
      await page.press("j");
      await page.waitFor(`${open} && ${open} !== "${first}"`);
      for (let i = 0; i < 9; i++) {
        const before = await page.evaluate<string>(open);
        await page.press("j");
        await page.waitFor(`${open} && ${open} !== "${before}"`);
      }
      // The list has turned the page.
      await page.waitFor(`location.search.includes("cursor") && ${open} === $(".list a").id`);
      await page.resize({ width: 1000, height: 700 });
      expect(await page.evaluate(`getComputedStyle($(".pane")).display`)).toBe("none");
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "three presses of Tab after the skip link lead to the first conversation",
    async () => {
      const page = await openList();
      await page.press("Tab");
      await page.press("Enter");
      await page.waitFor(`document.activeElement.id === "conversations"`);
      for (let i = 0; i < 3; i++) await page.press("Tab");
      expect(await page.evaluate("document.activeElement.id")).toStartWith("c_");
    },
    TIMEOUT_MS,
  );
});
