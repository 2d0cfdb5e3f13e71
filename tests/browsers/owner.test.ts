import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import { type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { storeExchange } from "../support/stored-turns.ts";
import {
  chatRequest,
  createTestApp,
  DASHBOARD_PASSWORD,
  type TestApp,
} from "../support/test-app.ts";
import type { Browser } from "./browser.ts";
import { KINDS } from "./kinds.ts";
import { type Visitor as Person, visitorIn } from "./visitor.ts";

/** What the owner does in the dashboard, in the engines of all browsers. */

const LIST = "/dashboard/conversations";
const TIMEOUT_MS = 60_000;
const WAIT_MS = 20_000;

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

const isHeading = (text: string) => `$("h1")?.textContent === ${JSON.stringify(text)}`;

/** Waits for what another page shows. While the browser leaves the old one, nothing can be evaluated. */
async function arrives(owner: Person, expression: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  const isThere = `document.readyState === "complete" && !!(${expression})`;
  for (let problem: unknown; ;) {
    const found = await owner.evaluate<boolean>(isThere).catch((error) => {
      problem = error;
      return false;
    });
    if (found) return;
    if (Date.now() > deadline) throw new Error(`No page with ${expression}`, { cause: problem });
    await Bun.sleep(20);
  }
}

describe.each(KINDS.map((kind) => [kind.name, kind] as const))(
  "in %s, the owner",
  (_name, kind) => {
    let browser: Browser;

    const it = test.skipIf(kind.missing !== "");

    beforeAll(async () => {
      if (kind.missing === "") browser = await kind.start();
    }, TIMEOUT_MS);
    afterAll(() => browser?.close());

    async function logIn(): Promise<Person> {
      const owner = visitorIn(await browser.openTab());
      await owner.goto(`${url}/dashboard/login`);
      await owner.sees("document.activeElement?.name === 'password'");
      await owner.type(DASHBOARD_PASSWORD);
      await owner.press("Enter");
      await arrives(owner, isHeading("Overview"));
      return owner;
    }

    it(
      "sees an answer while it is being written",
      async () => {
        const owner = await logIn();
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
        const owner = await logIn();
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
  },
);
