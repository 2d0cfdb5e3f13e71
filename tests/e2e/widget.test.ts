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
import type { Env } from "../../src/config/setting-reader.ts";
import { accessibleElement } from "../support/accessibility.ts";
import { type BrowserPage, closePages, hasBrowser, openPage } from "../support/browser.ts";
import { ask } from "../support/panel-page.ts";
import { createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";
import { startWebsite, type Website } from "../support/website.ts";
import { widgetTag } from "../support/widget-tag.ts";

let website: Website;
let model: ModelServer;
let app: TestApp;
let base: string;

function start(env: Env = {}): void {
  app = createTestApp({
    modelUrl: model.url,
    env: { CORS_ORIGIN: website.origin, ...env },
    config: { turns: { abandonedTurnGraceMs: 10_000 } },
  });
  base = app.listen();
}

function tag(attributes = "", key = WIDGET_KEY): string {
  return widgetTag(base, attributes, key);
}

/** Opens a page of the website with the widget on it. */
async function visit(attributes = "data-open", options: Parameters<typeof openPage>[0] = {}) {
  website.show(tag(attributes));
  const page = await openPage(options);
  await page.goto(website.origin);
  await page.waitFor(attributes.includes("data-open") ? "$('.panel')" : "window.Chatporch");
  return page;
}

const finished = (text: string) =>
  `$$(".log .assistant:not(.pending) .bubble").at(-1)?.textContent === "${text}"`;
const writing = (text: string) => `$(".log .pending .bubble")?.textContent === "${text}"`;
const notice = (text: string) => `$(".notice:not([hidden])")?.textContent.includes("${text}")`;

/** What a screen reader says of the input after its name. */
async function descriptionOfInput(page: BrowserPage): Promise<string> {
  const input = await accessibleElement(page, "textarea");
  return input?.description?.value ?? "";
}

/** Whether the input and the line under it are whole within the panel, which does not scroll sideways. */
const FITS = `(() => {
  const panel = $(".panel").getBoundingClientRect();
  const within = ["textarea", ".send", ".panel > p"].every((selector) => {
    const { left, right, top, bottom } = $(selector).getBoundingClientRect();
    return left >= panel.left && right <= panel.right && top >= panel.top && bottom <= panel.bottom && bottom > top;
  });
  return within && $(".panel").scrollWidth <= $(".panel").clientWidth;
})()`;

/** All messages of all conversations. */
async function stored() {
  const { conversations } = await app.store.listConversations({ limit: 10 });
  const threads = await Promise.all(conversations.map(({ id }) => app.store.listMessages(id, 100)));
  return threads.flat().map(({ role, content, status }) => `${role} ${status}: ${content}`);
}

describe.skipIf(!hasBrowser)("the widget", () => {
  beforeAll(() => {
    website = startWebsite();
  });
  beforeEach(() => {
    model = startModelServer();
    start();
  });
  afterEach(async () => {
    closePages();
    await app.close();
    await model.stop();
  });
  afterAll(() => website.stop());

  test("answers a visitor on a page of another origin, who sees the tokens arrive", async () => {
    model.script = silence;
    const page = await visit("");
    await page.click(".launcher");
    await ask(page, "Do you ship to Norway?");
    const call = await model.call(0);
    call.token("Yes, ");
    await page.waitFor(writing("Yes, ".trim()));
    expect(await page.evaluate("$('.announcer').textContent")).not.toContain("Yes");
    call.token("within a **week**.");
    call.finish();
    await page.waitFor(finished("Yes, within a week."));
    expect(await page.evaluate("$('.log .assistant:not(.pending) strong').textContent")).toBe(
      "week",
    );
    expect(await stored()).toEqual([
      "user complete: Do you ship to Norway?",
      "assistant complete: Yes, within a **week**.",
    ]);
    expect(page.console).toEqual([]);
  });

  test("stops an answer and keeps the words so far", async () => {
    model.script = silence;
    const page = await visit();
    await ask(page, "Tell me everything");
    const call = await model.call(0);
    call.token("It began");
    await page.waitFor(writing("It began"));
    await page.click(".send");
    await page.waitFor("$('.log .assistant:not(.pending) .meta')?.textContent.includes('Stopped')");
    await call.left;
    expect(await stored()).toEqual([
      "user complete: Tell me everything",
      "assistant stopped: It began",
    ]);
  });

  test("stores a question once when it is retried after a model failure", async () => {
    model.script = () => failure(400);
    const page = await visit();
    await ask(page, "Are you there?");
    await page.waitFor(notice("cannot be reached"));
    const { script } = startModelServer();
    model.script = script;
    await page.click(".retry");
    await page.waitFor(finished("Hello there"));
    expect(await page.evaluate("$$('.user').length")).toBe(1);
    const questions = (await stored()).filter((message) => message.startsWith("user"));
    expect(questions).toEqual(["user complete: Are you there?"]);
    await page.reload();
    await page.waitFor(finished("Hello there"));
    expect(await page.evaluate("$$('.message').length")).toBe(3);
  });

  test("shows the whole answer after a reload in the middle of it", async () => {
    model.script = silence;
    const page = await visit();
    await ask(page, "Count");
    const call = await model.call(0);
    call.token("one ");
    await page.waitFor(writing("one"));
    await page.reload();
    await page.waitFor(writing("one"));
    call.token("two ");
    await page.waitFor(writing("one two"));
    call.token("three");
    call.finish();
    await page.waitFor(finished("one two three"));
    expect(model.calls).toHaveLength(1);
  });

  test("resumes an answer whose connection drops in the middle", async () => {
    const proxy = await TcpProxy.start(Number(new URL(base).port));
    model.script = silence;
    const page = await visit(`data-open data-api-url="${proxy.url}"`);
    await ask(page, "Count");
    const call = await model.call(0);
    call.token("one ");
    await page.waitFor(writing("one"));
    proxy.cut();
    await page.waitFor(notice("Reconnecting"));
    call.token("two ");
    await page.waitFor(writing("one two"));
    call.finish();
    await page.waitFor(finished("one two"));
    expect(model.calls).toHaveLength(1);
    proxy.stop();
  });

  test("starts a new session for a new conversation", async () => {
    const page = await visit();
    await ask(page, "First");
    await page.waitFor(finished("Hello there"));
    await page.click(".menu .tool");
    await page.click(".items button");
    await page.waitFor("$$('.message').length === 1");
    await ask(page, "Second");
    await page.waitFor(finished("Hello there"));
    const { total } = await app.store.listConversations({ limit: 10 });
    expect(total).toBe(2);
    expect((await model.call(1)).body.messages.map(({ content }) => content)).not.toContain(
      "First",
    );
  });

  test("shows an empty answer as a notice with a button, not as an empty bubble", async () => {
    model.script = (call) => {
      call.raw("data: [DONE]\n\n");
      call.end();
    };
    const page = await visit();
    await ask(page, "Hello?");
    await page.waitFor(notice("cannot be reached"));
    expect(await page.evaluate("$$('.log .assistant:not(.pending)').at(-1).hidden")).toBe(true);
    // The visitor can still try again after a reload.
    await page.reload();
    await page.waitFor(notice("cannot be reached"));
    model.script = answer("Here I am");
    await page.click(".retry");
    await page.waitFor(finished("Here I am"));
    expect(await page.evaluate("$('.notice').hidden")).toBe(true);
  });

  test("removes text that it has shown when the end of a thought comes after it", async () => {
    model.script = silence;
    const page = await visit();
    await ask(page, "What does it cost?");
    const call = await model.call(0);
    call.token("The list says 5.");
    await page.waitFor(writing("The list says 5."));
    call.token("\n</think>\n\nIt costs");
    await page.waitFor(writing("It costs"));
    call.token(" 5 euros.");
    call.finish();
    await page.waitFor(finished("It costs 5 euros."));
  });

  test("shows a rate-limited visitor how long to wait", async () => {
    await app.close();
    start({ RATE_LIMIT_MAX_REQUESTS: "1" });
    const page = await visit();
    await ask(page, "Hello?");
    await page.waitFor(notice("wait 60 s"));
    await page.waitFor(notice("wait 59 s"));
    await page.click(".send");
    await page.waitFor(
      "$('.notice').hidden && $('.log .assistant:not(.pending) .meta')?.textContent.includes('Stopped')",
    );
  });

  test("explains a wrong key in the console", async () => {
    website.show(tag("data-open", "wrong-key-of-the-right-length"));
    const page = await openPage();
    await page.goto(website.origin);
    await ask(page, "Hello?");
    await page.waitFor(notice("not available here"));
    expect(await page.evaluate("$('.retry').hidden")).toBe(true);
    const { type } = await page.waitForConsole(/does not know this data-api-key/);
    expect(type).toBe("error");
  });

  test("says at once that there is no answer while no model is set up, and why in the console", async () => {
    await app.close();
    start({ NODE_ENV: "production" });
    const page = await visit();
    await ask(page, "Hello?");
    await page.waitFor(notice("cannot be reached right now"));
    expect((await page.waitForConsole(/has no model yet/)).type).toBe("error");
    expect(await stored()).toEqual([]);
  });

  test("explains a disallowed origin in the console", async () => {
    await app.close();
    start({ CORS_ORIGIN: "https://elsewhere.example" });
    const page = await visit();
    await ask(page, "Hello?");
    await page.waitFor(notice("not available here"));
    expect(await page.evaluate("$('.retry').hidden")).toBe(true);
    const { text } = await page.waitForConsole(/refuses this website/);
    expect(text).toContain(`allow ${website.origin} in its dashboard, or add it to CORS_ORIGIN`);
  });

  test.each([
    "data-api-key=''",
    "data-api-key='ключ'",
    "data-api-url='ftp://x'",
    "data-api-url='http://['",
  ])(
    "names a wrong setting in the console and in the widget, and turns the chat off: %s",
    async (attribute) => {
      website.show(
        `<script src="${base}${widgetFiles.loader.path}" ${attribute} data-api-key="${WIDGET_KEY}" data-open></script>`,
      );
      const page = await openPage();
      await page.goto(website.origin);
      const name = attribute.split("=")[0] ?? "";
      await page.waitFor(notice(name));
      await page.waitForConsole(new RegExp(`${name} is missing or wrong`));
      expect(await page.evaluate("$('textarea').disabled")).toBe(true);
    },
  );

  test.each([
    "data-theme='purple'",
    "data-position='up'",
    "data-lang='xx'",
    "data-z-index='high'",
    "data-accent-color='nonsense'",
    "data-privacy-url='http://example.com'",
  ])(
    "names a wrong setting of its look in the console and in the widget, and the chat works: %s",
    async (attribute) => {
      const page = await visit(`data-open ${attribute}`);
      const name = attribute.split("=")[0] ?? "";
      await page.waitFor(notice(name));
      await page.waitForConsole(new RegExp(`${name} is missing or wrong`));
      await ask(page, "Hi");
      await page.waitFor(finished("Hello there"));
    },
  );

  test("works when the browser blocks its storage", async () => {
    const beforeLoad = `for (const name of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });`;
    const page = await visit("data-open", { beforeLoad });
    await ask(page, "Hi");
    await page.waitFor(finished("Hello there"));
    await ask(page, "Again");
    await page.waitFor("$$('.log .assistant:not(.pending)').length === 2");
    const { total } = await app.store.listConversations({ limit: 10 });
    expect(total).toBe(1);
    expect(page.console).toEqual([]);
  });

  test.each([
    '{"sessionId":{"toString":null},"sessionToken":"é"}',
    '{"version":0,"id":"old"}',
    "not JSON",
    '"text"',
    "[]",
  ])("ignores stored data that it cannot read: %s", async (garbage) => {
    const beforeLoad = `localStorage.setItem("chatporch:1:${base}", ${JSON.stringify(garbage)})`;
    const page = await visit("data-open", { beforeLoad });
    await ask(page, "Hi");
    await page.waitFor(finished("Hello there"));
    expect(page.console).toEqual([]);
  });

  const strict = (address: string) =>
    `<script nonce="n" src="${base}${address}" data-api-key="${WIDGET_KEY}" data-open`;
  test.each([
    ["with its server's address", () => base, () => `${strict(widgetFiles.loader.path)} defer>`],
    ["with its nonce alone", () => "'nonce-n'", () => `${strict(widgetFiles.loader.path)} defer>`],
    [
      "with a hash that the browser checks",
      () => base,
      () =>
        `${strict(widgetFiles.whole.path)} integrity="${widgetFiles.whole.integrity}" crossorigin>`,
    ],
  ])("violates no strict CSP with Trusted Types, allowed %s", async (_how, source, script) => {
    const policy = `default-src 'self'; script-src ${source()}; connect-src ${base}; require-trusted-types-for 'script'; trusted-types 'none'`;
    website.show(`${script()}</script>`, { "content-security-policy": policy });
    const page = await openPage();
    await page.goto(website.origin);
    await ask(page, "Hi");
    await page.waitFor(finished("Hello there"));
    expect(page.console.filter(({ text }) => !text.includes("favicon"))).toEqual([]);
    await page
      .evaluate("document.body.insertAdjacentHTML('beforeend', '<i>x</i>')")
      .catch(() => {});
    await page.waitForConsole(/Trusted/);
  });

  test("shows hostile answers as harmless text", async () => {
    const hostile = [
      "<img src=x onerror=alert(1)><script>alert(2)</script>",
      "[click](javascript:alert(3)) [data](data:text/html,x) <javascript:alert(4)>",
      "\u202egnp.exe\u202c **unclosed `code [link](http://",
      "x".repeat(100_000),
    ];
    model.script = (call) => {
      for (const part of hostile) call.token(`${part}\n\n`);
      call.finish();
    };
    const page = await visit();
    await ask(page, "Be evil");
    await page.waitFor("$('.log .copy')");
    const bubble = "$$('.log .assistant:not(.pending) .bubble').at(-1)";
    expect(await page.evaluate(`${bubble}.querySelectorAll('img, script, a').length`)).toBe(0);
    expect(
      await page.evaluate(`${bubble}.textContent.includes('<img src=x onerror=alert(1)>')`),
    ).toBe(true);
    expect(await page.evaluate("$('.panel').scrollWidth <= $('.panel').clientWidth")).toBe(true);
    expect(page.console).toEqual([]);
  });

  test("says that the visitor is offline, and answers the question when the connection is back", async () => {
    const page = await visit();
    await page.setOffline(true);
    await page.waitFor(notice("offline"));
    await ask(page, "Still there?");
    await page.waitFor("$('.log .assistant.pending')?.hidden && !$('.dots')");
    await page.setOffline(false);
    await page.waitFor(finished("Hello there"));
    expect(await page.evaluate("$('.notice').hidden")).toBe(true);
    expect(model.calls).toHaveLength(1);
  });

  test("can be used with the keyboard alone from the first question to the last, and gives the focus back", async () => {
    const page = await visit('data-suggestions="Prices"');
    const focused = (name: string) =>
      page.waitFor(
        `((node) => (node?.title || node?.placeholder || node?.textContent || node?.className))($('chatporch-widget').shadowRoot.activeElement) === ${JSON.stringify(name)}`,
      );
    await page.evaluate("$('main button').focus()");
    await page.press("Tab");
    await page.press("Enter");
    await focused("Write a message…");
    await page.press("Tab", "Shift");
    await focused("Prices");
    await page.press("Enter");
    await page.waitFor(`${finished("Hello there")} && $(".rate")`);
    await focused("Write a message…");
    for (const name of ["Ask again", "Not helpful", "Helpful", "Copy"]) {
      await page.press("Tab", "Shift");
      await focused(name);
    }
    model.script = silence;
    for (let i = 0; i < 3; i++) await page.press("Tab");
    await focused("Ask again");
    await page.press("Enter");
    await page.waitFor("$('.send').title === 'Stop'");
    (await model.call(1)).token("Well");
    await page.waitFor("$('.log .pending .bubble')?.textContent === 'Well'");
    await focused("Write a message…");
    await page.press("Tab");
    await focused("Stop");
    await page.press("Enter");
    await page.waitFor("$$('.log .ending').at(-1).textContent === 'Stopped'");
    await focused("Write a message…");
    await page.press("Escape");
    await page.waitFor("$('.panel').hidden");
    await page.waitFor("$('chatporch-widget').shadowRoot.activeElement?.matches('.launcher')");
    model.script = () => failure(400);
    await page.press("Enter");
    await focused("Write a message…");
    await page.type("And now?");
    await page.press("Enter");
    await page.waitFor(notice("cannot be reached"));
    model.script = answer("Hello again");
    await page.press("Tab", "Shift");
    await focused("Try again");
    await page.press("Enter");
    await page.waitFor(finished("Hello again"));
  });

  test("offers the page an interface that works, and disappears when its tag is removed", async () => {
    const page = await visit("");
    const before = "Object.keys(window).filter((name) => /chat/i.test(name))";
    expect(await page.evaluate(before)).toEqual(["Chatporch"]);
    await page.evaluate(
      "void (window.seen = [], ['open', 'close', 'message'].map((name) => Chatporch.on(name, (detail) => { seen.push([name, detail?.role]); if (name === 'open') throw new Error('of the page'); })))",
    );
    await page.evaluate("Chatporch.send('Hi')");
    await page.waitFor(finished("Hello there"));
    await page.evaluate("Chatporch.close()");
    expect(await page.evaluate("seen.map(String)")).toEqual([
      "open,",
      "message,user",
      "message,assistant",
      "close,",
    ]);
    await page.evaluate(
      "void document.body.append(Object.assign(document.createElement('script'), { src: $('script').src }))",
    );
    await page.waitForConsole(/twice/);
    expect(await page.evaluate("$$('chatporch-widget').length")).toBe(1);
    await page.evaluate("$('script[data-api-key]').remove()");
    await page.waitFor("!window.Chatporch && !$('chatporch-widget')");
  });

  for (const colorScheme of ["light", "dark"] as const) {
    test(`passes axe in ${colorScheme} colours, and screenshots are taken`, async () => {
      const axe = await Bun.file(require.resolve("axe-core/axe.min.js")).text();
      model.script = (call) => {
        call.token(
          "Yes. We ship **everywhere**, see [the list](https://example.com/shipping):\n\n- Norway\n- Chile, with `CHL-1`\n\n```\nnpx --yes bun start --and-a-rather-long-line-that-scrolls\n```\n\n1. Order\n2. Wait a week",
        );
        call.finish();
      };
      const page = await visit(
        'data-suggestions="Opening hours | Shipping | Returns" data-privacy-url="https://a.test/"',
        // What comes with a movement has less contrast meanwhile.
        { colorScheme, reducedMotion: true },
      );
      await page.cdp("Runtime.evaluate", { expression: axe });
      const violations = () =>
        page.evaluate<string[]>(
          "axe.run('chatporch-widget').then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join()))",
        );
      expect(await violations()).toEqual([]);
      await page.screenshot(`closed-1280-${colorScheme}`);
      await page.click(".launcher");
      for (const width of [360, 768, 1280]) {
        await page.resize({ width, height: 800 });
        await page.screenshot(`open-${width}-${colorScheme}`);
      }
      expect(await violations()).toEqual([]);
      await ask(page, "Do you ship to Norway?");
      await page.waitFor("$('.log .copy')");
      await page.resize({ width: 768, height: 720 });
      await page.screenshot(`answer-768-${colorScheme}`);
      model.script = () => failure(400);
      await ask(page, "And to the moon?");
      await page.waitFor(notice("cannot be reached"));
      expect(await violations()).toEqual([]);
      for (const width of [360, 768, 1280]) {
        await page.resize({ width, height: 800 });
        await page.screenshot(`error-${width}-${colorScheme}`);
        expect(await page.evaluate("$('.panel').scrollWidth <= $('.panel').clientWidth")).toBe(
          true,
        );
      }
    }, 20_000);
  }

  test("says that an AI answers, as part of the input's description, without any setting", async () => {
    const page = await visit("data-open data-lang='en'");
    expect(await descriptionOfInput(page)).toBe("An AI answers and can be wrong.");
    expect(await page.evaluate("$('.panel > p').innerText.trim()")).toBe(
      "An AI answers and can be wrong.",
    );
  });

  test("says it in the owner's words, beside a link to the page on privacy in a tab of its own", async () => {
    const page = await visit(
      'data-open data-notice="Our robot answers." data-privacy-url="https://www.example.com/privacy"',
    );
    expect(await descriptionOfInput(page)).toBe("Our robot answers.");
    await page.evaluate("$('textarea').focus()");
    await page.press("Tab");
    const link = await page.evaluate(
      "(({ textContent, href, target, rel }) => ({ textContent, href, target, rel }))($('chatporch-widget').shadowRoot.activeElement)",
    );
    expect(link).toEqual({
      textContent: "Privacy",
      href: "https://www.example.com/privacy",
      target: "_blank",
      rel: "noopener",
    });
  });

  test("says nothing when the owner has turned the sentence off, and keeps the link", async () => {
    const page = await visit('data-open data-notice="OFF"');
    expect(await page.evaluate("$('.panel > p').checkVisibility()")).toBe(false);
    expect(await descriptionOfInput(page)).toBe("");
    const other = await visit('data-open data-notice="off" data-privacy-url="https://a.test/"');
    expect(await other.evaluate("$('.panel > p').innerText.trim()")).toBe("Privacy");
  });

  test.each(["fr", "ar"])(
    "has room for the input and the line under it on small screens and with a large zoom: %s",
    async (language) => {
      const page = await visit(
        `data-open data-lang="${language}" data-privacy-url="https://a.test/"`,
      );
      for (const [width, height] of [
        [320, 568],
        [320, 256],
        [640, 400],
      ] as const) {
        await page.resize({ width, height });
        await page.waitFor(FITS);
        await page.screenshot(`notice-${language}-${width}x${height}`);
      }
      const words = "Sentences of the owner. ".repeat(12);
      await page.evaluate(`void ($("#ai").textContent = ${JSON.stringify(words)})`);
      await page.resize({ width: 320, height: 256 });
      await page.waitFor(FITS);
      await page.screenshot(`notice-${language}-long`);
    },
  );

  test.each(["ar", "ja", "de", "he", "zh-TW"])("speaks %s", async (language) => {
    const page = await visit(
      `data-open data-lang="${language}" data-position="left" data-accent-color="gold"`,
    );
    await ask(page, "Hi");
    await page.waitFor(finished("Hello there"));
    expect(await page.evaluate("getComputedStyle($('.root')).direction")).toBe(
      language === "ar" || language === "he" ? "rtl" : "ltr",
    );
    await page.screenshot(`language-${language}`);
  });
});
