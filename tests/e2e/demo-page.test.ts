import { afterAll, afterEach, describe, expect, test } from "bun:test";

import { KEYS } from "../../harness/chat-requests.ts";
import { cleanUp, startChatporch } from "../../harness/process.ts";
import { closePages, hasBrowser, openPage } from "../support/browser.ts";

/** The first page that a developer sees, in a real browser. */

describe.skipIf(!hasBrowser)("the page to try the widget on", () => {
  afterAll(() => cleanUp());
  afterEach(() => closePages());

  test("is at the address that the start prints, has its steps beside the open panel, a tag that works, and answers with a list, a table and code", async () => {
    const server = await startChatporch(KEYS);
    const page = await openPage({ width: 1280, height: 800 });
    const [, address = ""] = await server.stderr.until(/try it at +(\S+)/);
    await page.goto(address);
    const tag = await page.evaluate<string>(`$("pre").textContent`);
    expect(tag).toContain(`src="${server.url}/widget/chat-widget.js"`);
    expect(tag).toContain(`data-api-key="${KEYS.WIDGET_API_KEY}"`);
    await page.waitFor("window.Chatporch");
    await page.evaluate("Chatporch.open()");
    const gap = `$("[role=dialog]").getBoundingClientRect().left - $("main").getBoundingClientRect().right`;
    await page.waitFor(`$("[role=dialog]") && ${gap} > 0`);
    for (const [question, element] of [
      ["Hello", "ol > li"],
      ["Show me a table", "th"],
      ["Show me some code", "pre"],
    ]) {
      await page.evaluate(`Chatporch.send(${JSON.stringify(question)})`);
      await page.waitFor(`$("[role=dialog]").querySelector(".log ${element}")`);
    }
  }, 60_000);
});
