import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import {
  answer,
  failure,
  type ModelServer,
  silence,
  startModelServer,
} from "../../harness/model-server.ts";
import { TcpProxy } from "../../harness/tcp-proxy.ts";
import { widgetFiles } from "../../src/assets/widget-files.ts";
import { isSolution, parseProof } from "../../src/proof/solution.ts";
import { askAsOwner, readList, readThread } from "../support/admin-requests.ts";
import { STANDS_STILL } from "../support/in-page.ts";
import { ADMIN_KEY, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";
import { startWebsite, type Website } from "../support/website.ts";
import { widgetTag } from "../support/widget-tag.ts";
import type { Browser } from "./browser.ts";
import { KINDS } from "./kinds.ts";
import { type Visitor, visitorIn } from "./visitor.ts";

/** What visitors do with the widget, in the engines of all browsers. With REQUIRE_BROWSERS=1 none may be missing. */

const OPEN = "$('.panel') && !$('.panel').hidden";
const WRITING = (text: string) => `$(".log .pending .bubble")?.textContent === "${text}"`;
const FINISHED = (text: string) =>
  `$$(".log .assistant:not(.pending) .bubble").at(-1)?.textContent === "${text}"`;
const NOTICE = "$('.notice:not([hidden])')";

let website: Website;
let model: ModelServer;
let app: TestApp;
let proxy: TcpProxy;

beforeEach(async () => {
  website = startWebsite();
  model = startModelServer(answer("Hello there"));
  app = createTestApp({
    modelUrl: model.url,
    env: { CORS_ORIGIN: website.origin, PERSON: "always" },
    config: { turns: { abandonedTurnGraceMs: 20_000 } },
  });
  proxy = await TcpProxy.start(Number(new URL(app.listen()).port));
});
afterEach(async () => {
  proxy.stop();
  await app.close();
  await model.stop();
  await website.stop();
});

describe.each(KINDS.map((kind) => [kind.name, kind] as const))(
  "in %s, a visitor",
  (_name, kind) => {
    let browser: Browser;

    const it = test.skipIf(kind.missing !== "");

    beforeAll(async () => {
      if (!kind.missing) browser = await kind.start();
    });
    afterAll(async () => {
      if (!kind.missing) await browser.close();
    });

    /** Opens a page with the widget in a tab of its own. */
    async function visit(attributes = "", html = ""): Promise<Visitor> {
      website.show(html + widgetTag(proxy.url, attributes));
      const visitor = visitorIn(await browser.openTab());
      await visitor.comesBack();
      await visitor.goto(website.origin);
      await visitor.sees("window.Chatporch");
      return visitor;
    }

    async function visitOpen(attributes = ""): Promise<Visitor> {
      const visitor = await visit(attributes);
      await visitor.click(".launcher");
      await visitor.sees(OPEN);
      return visitor;
    }

    /** Asks. The first word of the answer has come, and the test has the rest of it. */
    async function visitAnswer() {
      model.script = silence;
      const visitor = await visitOpen();
      await visitor.asks("Count");
      const call = await model.call(0);
      call.token("one ");
      await visitor.sees(WRITING("one"));
      return { visitor, call };
    }

    it("asks, sees the words arrive, and asks again", async () => {
      model.script = silence;
      const visitor = await visitOpen();
      await visitor.asks("Do you ship?");
      const call = await model.call(0);
      call.token("Yes, ");
      await visitor.sees(WRITING("Yes,"));
      call.token("**everywhere**.");
      call.finish();
      await visitor.sees(FINISHED("Yes, everywhere."));
      model.script = answer("Two days.");
      await visitor.asks("How long?");
      await visitor.sees(FINISHED("Two days."));
    });

    it("reads above while the answer is written, and is not pulled back", async () => {
      model.script = silence;
      const visitor = await visitOpen();
      await visitor.asks("Everything");
      const call = await model.call(0);
      call.token("A line.\n\n".repeat(60));
      await visitor.sees("$('.scroll').scrollTop > 400");
      await visitor.evaluate("$('.scroll').focus()");
      await visitor.press("ArrowUp", 12);
      await visitor.sees("$('.end') && !$('.end').hidden");
      await visitor.sees(STANDS_STILL);
      const top = await visitor.evaluate<number>("$('.scroll').scrollTop");
      call.token("More.\n\n".repeat(40));
      call.finish();
      await visitor.sees("$$('.log .assistant:not(.pending) .copy').length === 1");
      expect(
        Math.abs((await visitor.evaluate<number>("$('.scroll').scrollTop")) - top),
      ).toBeLessThan(2);
      await visitor.click(".end");
      await visitor.sees(
        "$('.scroll').scrollHeight - $('.scroll').scrollTop - $('.scroll').clientHeight < 2",
      );
    });

    it("stops an answer and keeps its words", async () => {
      const { visitor, call } = await visitAnswer();
      await visitor.click(".send");
      await visitor.sees("$('.log .assistant .meta')?.textContent.includes('Stopped')");
      await call.left;
    });

    it("proves work in a Worker, and on a page that allows none, where the server wants it", async () => {
      const challenge = { token: "v1.dGVzdA.AAAA", algorithm: "SHA-256", parts: 16, bits: 10 };
      for (const Place of ["Worker", "undefined"]) {
        const visitor = await visitOpen();
        await visitor.evaluate(
          `void (window.proofs = [], window.workers = 0,
          window.Worker = ${Place} && class extends ${Place} { constructor(url) { super(url); workers++; } },
          window.fetch = ((fetch) => async (url, init) => {
            if (init?.method !== "POST" || !url.endsWith("/stream")) return fetch(url, init);
            const { "x-proof": proof, ...headers } = init.headers;
            if (proof) proofs.push(proof);
            if (proof) return fetch(url, { ...init, headers });
            return new Response('${JSON.stringify({ code: "proof_required", challenge })}', { status: 401 });
          })(fetch))`,
        );
        await visitor.asks("Hi");
        await visitor.sees("proofs.length === 1");
        await visitor.sees(FINISHED("Hello there"));
        const [proof = ""] = await visitor.evaluate<string[]>("proofs");
        const sent = parseProof(proof);
        expect(sent && isSolution(sent, challenge)).toBe(true);
        expect(await visitor.evaluate("workers")).toBe(Place === "Worker" ? 1 : 0);
      }
    });

    it("tries again after a failure, and the question is there once", async () => {
      model.script = () => failure(400);
      const visitor = await visitOpen();
      await visitor.asks("Hello?");
      await visitor.sees(NOTICE);
      model.script = answer("Here I am");
      await visitor.click(".retry");
      await visitor.sees(FINISHED("Here I am"));
      expect(await visitor.evaluate("$$('.user').length")).toBe(1);
    });

    it("reloads in the middle of an answer, and reads on", async () => {
      const { visitor, call } = await visitAnswer();
      await visitor.reload();
      await visitor.sees(WRITING("one"));
      call.token("two");
      call.finish();
      await visitor.sees(FINISHED("one two"));
      expect(model.calls).toHaveLength(1);
    });

    it("loses the connection in the middle of an answer, and has all of it when it is back", async () => {
      const { visitor, call } = await visitAnswer();
      proxy.refuse();
      await visitor.sees(`${NOTICE}?.textContent.includes("Reconnecting")`);
      call.token("two");
      call.finish();
      await proxy.heal();
      await visitor.sees(FINISHED("one two"));
      expect(await visitor.evaluate("$('.notice').hidden")).toBe(true);
    });

    it("says what was wrong with an answer, asks for a person, and reads what that one writes", async () => {
      const visitor = await visitOpen();
      await visitor.asks("How much?");
      await visitor.click(".rate.down");
      await visitor.sees(`$(".why") && ${STANDS_STILL}`);
      await visitor.click(".chip");
      await visitor.sees("$('.chip').ariaPressed === 'true'");
      await visitor.click(".why textarea");
      await visitor.type("No price.");
      await visitor.click(".why .do");
      await visitor.sees("$('.below')?.textContent === 'Thank you!'");
      await visitor.click(".reach");
      await visitor.sees("$('#contact')?.matches(':focus')");
      await visitor.type("anna@example.com");
      await visitor.press("Enter");
      await visitor.sees(
        "$('.asked').textContent.startsWith('A person will write to a…@example.com')",
      );
      const [conversation] = (await readList(app)).conversations;
      const { messages } = await readThread(app, conversation?.id ?? "");
      expect(messages.at(-1)?.rating).toMatchObject({ reasons: ["wrong"], comment: "No price." });
      const headers = { "x-admin-api-key": ADMIN_KEY, "content-type": "application/json" };
      const body = JSON.stringify({ text: "Twelve euros.", name: "Anna" });
      await askAsOwner(app, `/${conversation?.id}/messages`, { method: "POST", headers, body });
      await visitor.sees(`${FINISHED("Twelve euros.")} && $(".by").textContent === "Anna"`);
    });

    it("has the conversation in a second tab, too", async () => {
      const first = await visitOpen();
      await first.asks("In the first tab");
      await first.sees(FINISHED("Hello there"));
      const second = await visitOpen();
      await second.sees("$$('.user .bubble').length === 1");
      model.script = answer("Once more");
      await second.asks("In the second tab");
      await second.sees(FINISHED("Once more"));
      const { total } = await app.store.listConversations({ limit: 10 });
      expect(total).toBe(1);
    });

    it("needs nothing but the keyboard", async () => {
      const visitor = await visit();
      await visitor.evaluate("$('main button').focus()");
      await visitor.press("Tab");
      await visitor.press("Enter");
      await visitor.sees(
        `${OPEN} && $('chatporch-widget').shadowRoot.activeElement?.matches('textarea')`,
      );
      await visitor.type("Hi");
      await visitor.press("Enter");
      await visitor.sees(FINISHED("Hello there"));
      await visitor.press("Escape");
      await visitor.sees(
        "$('.panel').hidden && $('chatporch-widget').shadowRoot.activeElement?.matches('.launcher')",
      );
    });

    it("reads from right to left, with the widget on the left", async () => {
      const visitor = await visit(
        "data-lang=ar",
        "<script>document.documentElement.dir = 'rtl'</script>",
      );
      await visitor.click(".launcher");
      await visitor.sees(OPEN);
      await visitor.asks("مرحبا");
      await visitor.sees(FINISHED("Hello there"));
      const places =
        "(({ panel, button, field }) => [panel.left < innerWidth / 2, button.right < field.left + 8])({ panel: $('.panel').getBoundingClientRect(), button: $('.send').getBoundingClientRect(), field: $('textarea').getBoundingClientRect() })";
      expect(await visitor.evaluate(places)).toEqual([true, true]);
    });

    it("has the whole of a small screen, and the page again with Back", async () => {
      const visitor = await visit();
      await visitor.resize(420, 700);
      await visitor.sees("innerWidth <= 520");
      await visitor.click(".launcher");
      await visitor.sees(`${OPEN} && $('.panel').getBoundingClientRect().width === innerWidth`);
      await visitor.asks("Hi");
      await visitor.sees(FINISHED("Hello there"));
      await visitor.evaluate("history.back()");
      await visitor.sees("$('.panel').hidden");
      expect(await visitor.evaluate("document.body.inert || location.pathname")).toBe("/");
      await visitor.resize(1024, 730);
    });

    it("chats in a part of the page that is moved and gets other colours", async () => {
      model.script = silence;
      website.show(
        `<div id="one" style="width:320px;height:420px"><chat-porch api-key="${WIDGET_KEY}" style="height:100%"></chat-porch></div><div id="two"></div><script type="module" src="${proxy.url}${widgetFiles.element.path}"></script>`,
      );
      const visitor = visitorIn(await browser.openTab());
      await visitor.comesBack();
      await visitor.goto(website.origin);
      await visitor.sees("$('textarea') && $('.panel').getBoundingClientRect().height === 420");
      await visitor.asks("Count");
      const call = await model.call(0);
      call.token("one ");
      await visitor.sees(WRITING("one"));
      await visitor.type("A draft");
      await visitor.evaluate(`void (() => {
        $("#two").append($("chat-porch"));
        $("chat-porch").setAttribute("theme", "dark");
      })()`);
      await visitor.sees("$('.root').classList.contains('dark')");
      call.token("two");
      call.finish();
      await visitor.sees(FINISHED("one two"));
      expect(await visitor.evaluate("$('textarea').value")).toBe("A draft");
      expect(model.calls).toHaveLength(1);
    });

    it("sees a chat whose colours, corner and icon are right over a page that does its worst", async () => {
      const visitor = await visit(
        "data-accent-color=gold",
        "<style>body { transform: translateX(0); filter: grayscale(1); opacity: 0 } * { color: red !important; all: unset }</style>",
      );
      await visitor.click(".launcher");
      await visitor.sees(OPEN);
      const facts = await visitor.evaluate(`[
      getComputedStyle($(".launcher")).backgroundColor,
      getComputedStyle($(".panel")).color,
      Math.round(innerHeight - $(".launcher").getBoundingClientRect().bottom),
    ]`);
      expect(facts).toEqual(["rgb(255, 215, 0)", "rgb(24, 27, 32)", 24]);
    });
  },
);
