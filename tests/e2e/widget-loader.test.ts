import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { answer } from "../../harness/model-server.ts";
import { panelFile, widgetFiles } from "../../src/assets/widget-files.ts";
import { type BrowserPage, hasBrowser, openPage } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import { type Gate, startGate } from "../support/gate.ts";
import { WIDGET_KEY } from "../support/test-app.ts";

const { loader, extras, whole } = widgetFiles;
const panel = panelFile("en");
const OPEN = "!$('.panel')?.hidden && $('.panel')";
const FAILED = "$('.failed button')";
const STORED = "localStorage.length + sessionStorage.length";

const chat = chatWebsite();
let gate: Gate;

beforeEach(() => {
  gate = startGate(chat.server);
});
afterEach(() => gate.stop());

/** The requests for files of the widget, and of the API. */
const requests = () => gate.requests.filter((each) => !each.startsWith("GET /favicon"));
const ofPanel = () => requests().filter((each) => each === `GET ${panel.path}`).length;

function refusePanel(): void {
  gate.answer = ({ url }) =>
    url.includes("/widget/panel/") ? new Response("down", { status: 503 }) : undefined;
}

/** The panel comes once the returned promise is resolved. */
function holdPanel() {
  const held = Promise.withResolvers<void>();
  gate.answer = ({ url }) =>
    url.endsWith(panel.path) ? held.promise.then(() => chat.app.fetch(panel.path)) : undefined;
  return held;
}

function letThrough(): void {
  gate.answer = () => undefined;
}

async function visit(attributes = "", path = loader.path, beforeLoad = ""): Promise<BrowserPage> {
  chat.website.show(
    `<script src="${gate.url}${path}" data-api-key="${WIDGET_KEY}" ${attributes} defer></script>`,
  );
  const page = await openPage({
    beforeLoad: `${beforeLoad};
      window.seen = [];
      addEventListener("DOMContentLoaded", () => {
        for (const name of ["open", "close", "message", "error"])
          Chatporch.on(name, (detail) => seen.push([name, detail?.code ?? detail?.text].filter(Boolean).join(" ")));
      });`,
  });
  await page.goto(chat.website.origin);
  await page.waitFor("window.Chatporch");
  return page;
}

describe.skipIf(!hasBrowser)("the loader", () => {
  test("is all that a page loads, the panel comes once when the mouse reaches the launcher, and nothing is stored", async () => {
    const page = await visit();
    await page.waitFor("document.readyState === 'complete'");
    expect(requests()).toEqual([`GET ${loader.path}`]);
    await page.evaluate("void $('.launcher').dispatchEvent(new PointerEvent('pointerenter'))");
    const isThere = `performance.getEntriesByName("${gate.url}${panel.path}").length === 1`;
    await page.waitFor(isThere);
    expect(await page.evaluate("$$('.panel').length")).toBe(0);
    expect(await page.evaluate(STORED)).toBe(0);
    await page.click(".launcher");
    await page.waitFor(OPEN);
    await page.click(".launcher");
    await page.waitFor("$('.panel').hidden");
    await page.click(".launcher");
    await page.waitFor(OPEN);
    expect(requests()).toEqual([`GET ${loader.path}`, `GET ${panel.path}`]);
    expect(page.console).toEqual([]);
  });

  test("loads the panel when the keyboard reaches the launcher", async () => {
    const page = await visit();
    await page.evaluate("$('main button').focus()");
    await page.press("Tab");
    await page.waitFor(`performance.getEntriesByName("${gate.url}${panel.path}").length === 1`);
    expect(await page.evaluate("$$('.panel').length")).toBe(0);
  });

  test("opens the panel at once where it was open on the page before, and leaves the focus alone", async () => {
    const page = await visit();
    await page.click(".launcher");
    await page.waitFor(OPEN);
    await page.reload();
    await page.waitFor(OPEN);
    expect(await page.evaluate("document.activeElement.localName")).toBe("body");
    await page.evaluate("Chatporch.close()");
    await page.reload();
    await page.waitFor("document.readyState === 'complete'");
    expect(await page.evaluate("$$('.panel').length")).toBe(0);
  });

  test("says that the panel cannot be loaded, with a button that tries again, and loses no question", async () => {
    refusePanel();
    const page = await visit();
    await page.evaluate("void Chatporch.send('Do you ship?')");
    await page.waitFor(FAILED);
    expect(await page.evaluate("$('.failed').role + ' ' + $('.failed').innerText")).toBe(
      "alert ⚠ Chat ↻",
    );
    const { type, text } = await page.waitForConsole(/cannot be loaded/);
    expect([type, text]).toEqual(["error", expect.stringContaining(gate.url + panel.path)]);
    // It fails once more.
    await page.click(".failed button");
    await page.waitFor("seen.length === 2");
    await page.waitFor(FAILED);
    letThrough();
    await page.click(".failed button");
    await page.waitFor("$('.log .assistant:not(.pending) .bubble')?.textContent === 'Hello there'");
    expect(await page.evaluate("$$('.failed').length")).toBe(0);
    expect(await page.evaluate("seen")).toEqual([
      "error unreachable",
      "error unreachable",
      "open",
      "message Do you ship?",
      "message Hello there",
    ]);
    expect(
      await page.evaluate("$('chatporch-widget').shadowRoot.activeElement.matches('textarea')"),
    ).toBe(true);
  });

  test("takes a failure away when the launcher is pressed, and tries again when it is pressed once more", async () => {
    refusePanel();
    const page = await visit();
    await page.click(".launcher");
    await page.waitFor(FAILED);
    await page.click(".launcher");
    await page.waitFor("!$('.failed')");
    letThrough();
    await page.click(".launcher");
    await page.waitFor(OPEN);
  });

  test("gives up a panel that does not come, and tries again", async () => {
    // The first twenty seconds of waiting are over when the test says so.
    const hurry = `const { setTimeout: wait } = window;
      window.setTimeout = (task, ms, ...rest) =>
        ms === 20_000 && !window.giveUp ? void (window.giveUp = () => task(...rest)) : wait(task, ms, ...rest)`;
    gate.answer = ({ url }) =>
      url.endsWith(panel.path) ? new Promise<Response>(() => {}) : undefined;
    const page = await visit("", loader.path, hurry);
    await page.click(".launcher");
    await page.waitFor("$('.launcher').ariaBusy === 'true' && window.giveUp");
    await page.evaluate("void giveUp()");
    await page.waitFor(FAILED);
    expect(await page.evaluate("$('.launcher').ariaBusy")).toBe("false");
    await page.click(".failed button");
    await page.waitFor(OPEN);
  });

  test("opens what was pressed offline as soon as the connection is back", async () => {
    const page = await visit();
    await page.setOffline(true);
    await page.click(".launcher");
    await page.waitFor(FAILED);
    await page.setOffline(false);
    await page.waitFor(OPEN);
    expect(await page.evaluate("$$('.failed').length")).toBe(0);
  });

  test("does not disturb a visitor who did not ask for the panel when it cannot be loaded", async () => {
    refusePanel();
    const page = await visit("data-open");
    await page.waitFor("seen.length");
    expect(await page.evaluate("$$('.failed').length")).toBe(0);
    letThrough();
    await page.click(".launcher");
    await page.waitFor(OPEN);
  });

  test("does not take the focus from a visitor who went on while the panel was loading", async () => {
    const held = holdPanel();
    const page = await visit();
    await page.click(".launcher");
    await page.evaluate("$('main button').focus()");
    held.resolve();
    await page.waitFor(OPEN);
    expect(await page.evaluate("document.activeElement.localName")).toBe("button");
  });

  test("asks for a page that closes the panel before it is there, and then shows the unread answer", async () => {
    const page = await visit();
    await page.evaluate("(Chatporch.send('Hi'), Chatporch.close())");
    await page.waitFor("seen.length === 2");
    expect(await page.evaluate("seen")).toEqual(["message Hi", "message Hello there"]);
    expect(await page.evaluate("$('.panel').hidden")).toBe(true);
    expect(await page.evaluate("$('.launcher').ariaLabel")).toBe("Open chat: Chat (1 new)");
    const badge = "getComputedStyle($('.launcher'), '::after').content";
    expect(await page.evaluate(badge)).toBe('"1"');
    await page.click(".launcher");
    await page.waitFor(OPEN);
    expect(await page.evaluate("$('.launcher').ariaLabel")).toBe("Close chat");
    expect(await page.evaluate(badge)).toBe("none");
  });

  test("keeps the tag's server and key, whatever the page sets before the panel is there", async () => {
    const page = await visit();
    await page.evaluate(
      "Chatporch.set({ title: 'Shop', apiUrl: 'https://else.test', apiKey: 'another' })",
    );
    await page.evaluate("Chatporch.send('Hi')");
    await page.waitFor("seen.includes('message Hello there')");
    expect(await page.evaluate("$('.title').textContent")).toBe("Shop");
  });

  test("keeps ten questions of the page at most while the panel is on its way", async () => {
    refusePanel();
    const page = await visit();
    await page.evaluate("void Array.from({ length: 12 }, (_, i) => Chatporch.send('No. ' + i))");
    await page.waitFor("seen.includes('error unreachable')");
    expect(await page.evaluate("seen.filter((each) => each === 'error not_sent').length")).toBe(2);
  });

  test("forgets the conversation for a page that begins a new one, without loading the panel", async () => {
    const page = await visit();
    await page.evaluate("void Chatporch.send('Hi')");
    await page.waitFor("seen.length === 3");
    await page.evaluate("Chatporch.close()");
    await page.reload();
    await page.waitFor("window.Chatporch");
    expect(await page.evaluate("localStorage.length")).toBe(1);
    const before = requests().length;
    await page.evaluate("Chatporch.reset()");
    expect(await page.evaluate("localStorage.length")).toBe(0);
    expect(requests()).toHaveLength(before);
  });

  test("adds nothing to a page that removes the tag while the panel is on its way", async () => {
    const held = holdPanel();
    const page = await visit("data-open");
    await page.evaluate("$('script[data-api-key]').remove()");
    await page.waitFor("!window.Chatporch && !$('chatporch-widget')");
    held.resolve();
    await page.waitFor(`performance.getEntriesByName("${gate.url}${panel.path}").length === 1`);
    expect(await page.evaluate("$$('chatporch-widget').length")).toBe(0);
    expect(page.console).toEqual([]);
  });

  test("finds the panel at the server when the script is part of the page", async () => {
    chat.website.show(
      `<script data-api-key="${WIDGET_KEY}" data-api-url="${gate.url}/chat" data-open>${loader.source}</script>`,
    );
    const page = await openPage();
    await page.goto(chat.website.origin);
    await page.waitFor(OPEN);
    expect(ofPanel()).toBe(1);
  });

  test("is one with the panel in the file that has a hash in its address", async () => {
    refusePanel();
    const page = await visit("", whole.path);
    await page.click(".launcher");
    await page.waitFor(OPEN);
    await page.fill("textarea", "Hi");
    await page.press("Enter");
    await page.waitFor("$('.log .assistant:not(.pending) .bubble')?.textContent === 'Hello there'");
    await page.waitFor("$('.rate')");
    expect(requests().filter((each) => each.endsWith(".js"))).toEqual([`GET ${whole.path}`]);
  });

  test("shows what the page says later, before and after the panel is there, and keeps the draft", async () => {
    const page = await visit('data-theme="light"');
    await page.evaluate(
      "void Chatporch.set({ title: 'Help', position: 'left', accentColor: 'rgb(1, 2, 3)', theme: 'dark' })",
    );
    const launcher = `(({ ariaLabel }, { left }, { backgroundColor }) => [ariaLabel, left, backgroundColor])($(".launcher"), $(".launcher").getBoundingClientRect(), getComputedStyle($(".launcher")))`;
    expect(await page.evaluate(launcher)).toEqual(["Help", 24, "rgb(1, 2, 3)"]);
    await page.click(".launcher");
    await page.waitFor(OPEN);
    const ground = "getComputedStyle($('.panel')).backgroundColor";
    expect(await page.evaluate(`[${ground}, $('.panel').ariaLabel]`)).toEqual([
      "rgb(24, 26, 31)",
      "Help",
    ]);
    await page.fill("textarea", "A draft");
    await page.evaluate("void Chatporch.set({ theme: 'light', title: undefined, position: 7 })");
    await page.waitFor(`${ground} === "rgb(255, 255, 255)"`);
    expect(await page.evaluate("[$('.panel').ariaLabel, $('textarea').value]")).toEqual([
      "Chat",
      "A draft",
    ]);
    expect(await page.evaluate("innerWidth - $('.panel').getBoundingClientRect().right")).toBe(24);
    expect(requests().filter((each) => each.includes("/widget/"))).toHaveLength(2);
  });

  test("gets the panel in the page's language, and another language only when the page changes to it", async () => {
    const asked = () => requests().flatMap((each) => /panel\/\w+\.(.*)\.js/.exec(each)?.[1] ?? []);
    const page = await visit("data-lang='zh-TW'");
    await page.evaluate("Chatporch.set({ lang: 'fr' })");
    await page.click(".launcher");
    await page.waitFor("$('.send')?.title === 'Envoyer'");
    expect(asked()).toEqual(["fr"]);
    await page.fill("textarea", "Un brouillon");
    await page.evaluate("Chatporch.set({ lang: 'ar', title: 'A' })");
    await page.waitFor("$('.send').title === 'إرسال' && $('.root').dir === 'rtl'");
    await page.evaluate("Chatporch.set({ lang: 'fr' })");
    expect(await page.evaluate("[$('.send').title, $('.root').dir]")).toEqual(["Envoyer", "ltr"]);
    expect(await page.evaluate("$('textarea').value")).toBe("Un brouillon");
    expect(asked()).toEqual(["fr", "ar"]);
    expect(page.console).toEqual([]);
  });

  test("goes on in its language when another one cannot be loaded, and has the rest of what the page says", async () => {
    const page = await visit("data-lang='de'");
    await page.click(".launcher");
    await page.waitFor("$('.send')?.title === 'Senden'");
    refusePanel();
    await page.evaluate("Chatporch.set({ lang: 'fr', title: 'Aide' })");
    await page.waitForConsole(/panel/);
    const said = "[$('.send').title, $('.panel').ariaLabel, $('.root').lang]";
    expect(await page.evaluate(said)).toEqual(["Senden", "Aide", "de"]);
  });

  test("leaves the focus on a button below an answer whose code gets its colours", async () => {
    const held = Promise.withResolvers<void>();
    gate.answer = ({ url }) =>
      url.endsWith(extras.path) ? held.promise.then(() => chat.app.fetch(extras.path)) : undefined;
    chat.model.script = answer("```js\nlet a\n```");
    const page = await visit();
    await page.click(".launcher");
    await page.waitFor(OPEN);
    await page.evaluate("void Chatporch.send('Hi')");
    await page.waitFor("$('.log .actions .copy')");
    await page.evaluate("$('.log .actions .copy').focus()");
    held.resolve();
    await page.waitFor("$('.log .keyword')");
    expect(await page.evaluate("$('.log .actions .copy').matches(':focus')")).toBe(true);
  });

  test("works on a website that may not chat, so that the console says what to do", async () => {
    await chat.restart({ CORS_ORIGIN: "https://elsewhere.example" });
    gate.target = chat.server;
    const page = await visit();
    await page.evaluate("void Chatporch.send('Hi')");
    await page.waitFor(OPEN);
    await page.waitForConsole(/refuses this website/);
  });
});
