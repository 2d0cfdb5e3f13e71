import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import { type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { storeExchange } from "../support/stored-turns.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";
import type { Browser } from "./browser.ts";
import { KINDS } from "./kinds.ts";
import { arrives, isHeading, logIn } from "./owner.ts";

/** What the owner does in the dashboard, in the engines of all browsers. */

const LIST = "/dashboard/conversations";
const TIMEOUT_MS = 60_000;

let model: ModelServer;
let app: TestApp;
let url: string;

beforeEach(() => {
  model = startModelServer(silence);
  app = createTestApp({ modelUrl: model.url });
  url = app.listen();
});
afterEach(async () => {
  await app.close();
  await model.stop();
});

describe.each(KINDS.map((kind) => [kind.name, kind] as const))(
  "in %s, the owner",
  (_name, kind) => {
    let browser: Browser;

    const it = test.skipIf(kind.missing !== "");

    beforeAll(async () => {
      if (kind.missing === "") browser = await kind.start();
    }, TIMEOUT_MS);
    afterAll(() => browser?.close());

    it(
      "sees an answer while it is being written",
      async () => {
        const owner = await logIn(browser, url);
        const question = { sessionId: "live", message: "When do you open?" };
        const asked = app.fetch("/v1/chat/stream", chatRequest(question));
        const call = await model.call(0);
        call.token("At");
        const reader = (await asked).text();
        const { conversations } = await app.store.listConversations({ limit: 1 });
        await owner.goto(`${url}${LIST}/${conversations[0]?.id}`);
        call.token(" **nine**.\n\n- Mon");
        await owner.sees("$('.written strong')?.textContent === 'nine'");
        await owner.sees("$('.written li')?.textContent === 'Mon'");
        call.token("day");
        call.finish();
        await owner.sees("$('.facts') && $('.written li').textContent === 'Monday'");
        expect(await owner.evaluate("$$('.badge').length")).toBe(0);
        await reader;
      },
      TIMEOUT_MS,
    );

    it(
      "goes through a search by keys, deletes a conversation, and takes it back",
      async () => {
        for (const colour of ["red", "green", "blue"]) {
          await storeExchange(app.store, { sessionId: colour, question: `A ${colour} lamp?` });
        }
        const owner = await logIn(browser, url);
        await owner.goto(`${url}${LIST}?q=lamp`);
        await owner.click(".list li:nth-child(2) a");
        await arrives(owner, isHeading("A green lamp?"));
        await owner.press("j");
        await arrives(owner, isHeading("A red lamp?"));
        await owner.press("k");
        await arrives(owner, isHeading("A green lamp?"));
        expect(await owner.evaluate("$('mark').textContent")).toBe("lamp");
        await owner.click(".danger summary");
        await owner.click(".destructive");
        await arrives(owner, "document.activeElement?.textContent.includes('was deleted')");
        expect(await owner.evaluate("$$('.list li').length")).toBe(2);
        await owner.click(".notice button");
        await arrives(owner, "$('.notice')?.textContent.includes('is back')");
        expect(await owner.evaluate("$$('.list li').length")).toBe(3);
      },
      TIMEOUT_MS,
    );

    it(
      "finds the instructions again that he has left without sending them, with Back",
      async () => {
        const owner = await logIn(browser, url);
        const field = "textarea[name=SYSTEM_PROMPT]";
        await owner.goto(`${url}/dashboard/settings/instructions`);
        await owner.click(field);
        await owner.type("Lamps only.");
        await owner.click("nav a[href$='/dashboard/knowledge']");
        await arrives(owner, isHeading("Knowledge"));
        // Once this is evaluated: the page is left.
        await owner.evaluate("setTimeout(() => history.back(), 0) > 0");
        await arrives(owner, `$("${field}")?.value.includes("Lamps only.")`);
      },
      TIMEOUT_MS,
    );
  },
);
