import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import { storeShop } from "../../harness/store-shop.ts";
import { storeExchange } from "../support/stored-turns.ts";
import { createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";
import type { Browser } from "./browser.ts";
import { KINDS } from "./kinds.ts";
import { arrives, isHeading, logIn } from "./owner.ts";
import type { Visitor as Person } from "./visitor.ts";

/**
 * Five tasks of an owner, from the overview to the end with the fewest clicks, in the engines of all browsers. Whoever
 * moves what they need sees here what it costs.
 */

const TIMEOUT_MS = 60_000;
const SHOP = "https://shop.example";
const FORGOTTEN = "https://www.shop.example";

let app: TestApp;
let url: string;

beforeEach(async () => {
  app = createTestApp({ env: { CORS_ORIGIN: "", RATE_LIMIT_MAX_REQUESTS: "1000" } });
  await app.settings.change({ CORS_ORIGIN: SHOP }, { by: "the owner" });
  await storeShop(app.store, app.clock.now());
  url = app.listen();
});
afterEach(() => app.close());

const nav = (name: string) => `nav[aria-label=Dashboard] a[href$="/${name}"]`;

/** An expression: the words of the rows of the list. */
const ROWS = `$$(".list .first strong").map((row) => row.textContent)`;

describe.each(KINDS.map((kind) => [kind.name, kind] as const))(
  "in %s, the owner",
  (_name, kind) => {
    let browser: Browser;

    beforeAll(async () => {
      if (kind.missing === "") browser = await kind.start();
    }, TIMEOUT_MS);
    afterAll(() => browser?.close());

    /** @param clicks how many the task takes */
    function task(name: string, clicks: number, run: (owner: Person) => Promise<void>): void {
      test.skipIf(kind.missing !== "")(
        `${name} with ${clicks} clicks`,
        async () => {
          const owner = await logIn(browser, url);
          let clicked = 0;
          const click = (selector: string) => {
            clicked += 1;
            return owner.click(selector);
          };
          await run({ ...owner, click });
          expect(clicked).toBe(clicks);
        },
        TIMEOUT_MS,
      );
    }

    task("finds a conversation about a word from last week", 4, async (owner) => {
      await owner.click(nav("conversations"));
      await arrives(owner, isHeading("Conversations"));
      await owner.press("/");
      await owner.type("parcel");
      await owner.click("#dates summary");
      await owner.click(".dates .chips button:nth-child(2)");
      await arrives(owner, `$("#dates summary").textContent === "Last week"`);
      expect(await owner.evaluate<string[]>(ROWS)).toEqual([
        "My parcel says delivered but it is not here",
      ]);
      await owner.click(".list li a");
      await arrives(owner, isHeading("My parcel says delivered but it is not here"));
      expect(await owner.evaluate("$('.thread mark').textContent")).toBe("parcel");
    });

    task("learns why an answer failed, and comes to what he can do about it", 3, async (owner) => {
      await owner.click(".need.bad a");
      await arrives(owner, isHeading("Conversations"));
      await owner.click(".list li a");
      await arrives(owner, "$('.failure')");
      expect(await owner.evaluate("$('.failure').textContent")).toContain(
        "The model took too long",
      );
      await owner.click(".failure a");
      await arrives(owner, isHeading("Settings"));
    });

    task("exports March", 4, async (owner) => {
      await storeExchange(app.store, {
        question: "In March?",
        at: Date.parse("2026-03-31T23:59Z"),
      });
      await owner.click(nav("conversations"));
      await arrives(owner, isHeading("Conversations"));
      await owner.click("#dates summary");
      await owner.click(`.dates .chips button[value^="2026-03-01"]`);
      await arrives(
        owner,
        `$(".hint > p").textContent === "1 conversation last active in March 2026"`,
      );
      // The browser's own window for a download is not part of the page.
      await owner.evaluate(
        `addEventListener("click", (event) => {
          event.preventDefault();
          fetch(event.target.href).then((answer) => answer.text()).then((text) => { window.exported = text; });
        })`,
      );
      await owner.click(`.actions a[href*="csv"]`);
      await owner.sees("window.exported");
      const file = await owner.evaluate<string>("exported");
      expect(file.trim().split("\n")).toHaveLength(3);
      expect(file).toContain("In March?");
    });

    task("allows a website that was refused", 2, async (owner) => {
      const ask = () =>
        app.fetch("/v1/chat", {
          method: "POST",
          headers: { origin: FORGOTTEN, "x-api-key": WIDGET_KEY },
        });
      expect((await ask()).status).toBe(403);
      await owner.reload();
      await arrives(owner, `$(".need .who")?.textContent === "${FORGOTTEN}"`);
      await owner.click(`.need a[href$="/websites"]`);
      await arrives(owner, isHeading("Settings"));
      await owner.click(`button[aria-label="Allow: ${FORGOTTEN}"]`);
      await arrives(owner, `$(".notice.good")?.textContent.includes("may now use the chat")`);
      expect((await ask()).status).not.toBe(403);
    });

    task("changes the greeting, and sees it before it is saved", 4, async (owner) => {
      await owner.click(nav("settings"));
      await arrives(owner, isHeading("Settings"));
      await owner.click(`nav a[href$="/settings/widget"]`);
      await arrives(owner, `$("chat-porch")?.shadowRoot?.textContent.includes("How can I help")`);
      await owner.click("[name=WIDGET_GREETING]");
      await owner.type("Welcome to the shop!");
      await owner.sees(`$("chat-porch").shadowRoot.textContent.includes("Welcome to the shop!")`);
      expect(app.config.widget.greeting).toBeUndefined();
      await owner.click("#widget-form .primary");
      await arrives(owner, `$(".notice.good")?.textContent.includes("It is in use now")`);
      expect(app.config.widget.greeting).toBe("Welcome to the shop!");
    });
  },
);
