import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import {
  answer,
  type ModelCall,
  type ModelServer,
  silence,
  startModelServer,
} from "../../harness/model-server.ts";
import { type BrowserPage, closePages, hasBrowser } from "../support/browser.ts";
import { STANDS_STILL } from "../support/in-page.ts";
import { ENDED, openPanel, type PanelOptions } from "../support/open-panel.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";
import { startWebsite, type Website } from "../support/website.ts";

/** Reading while an answer is written: whoever scrolls up stays there, and nothing that he selects or focuses is lost. */

let website: Website;
let model: ModelServer;
let app: TestApp;
let base: string;
let writing: Timer | undefined;

/** How many pixels of the text are below what is seen. */
const GAP =
  "(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)($('.scroll'))";
const HEIGHT = "$('.scroll').scrollHeight";

const visit = (options?: PanelOptions) => openPanel(website, base, options);

async function ask(page: BrowserPage): Promise<ModelCall> {
  const count = model.calls.length;
  await page.fill("textarea", "Tell me everything");
  await page.press("Enter");
  return model.call(count);
}

/** An answer that is longer than the panel, and goes on at 120 tokens a second until the test ends. */
async function longAnswer(page: BrowserPage): Promise<ModelCall> {
  model.script = silence;
  const call = await ask(page);
  call.token("A line of the answer that is written now.\n\n".repeat(40));
  let count = 0;
  writing = setInterval(() => call.token(++count % 12 ? `word ${count} ` : "\n\n"), 8);
  await page.waitFor(`$('.scroll').scrollTop > 1000 && ${GAP} < 2`);
  return call;
}

/** Waits until so many pixels of text have come. */
async function more(page: BrowserPage, pixels = 120): Promise<void> {
  const height = await page.evaluate<number>(HEIGHT);
  await page.waitFor(`${HEIGHT} > ${height + pixels}`);
}

async function middle(page: BrowserPage) {
  return page.evaluate<{ x: number; y: number }>(
    "(({ x, y, width, height }) => ({ x: Math.round(x + width / 2), y: Math.round(y + height / 2) }))($('.scroll').getBoundingClientRect())",
  );
}

async function wheel(page: BrowserPage, deltaY: number, times: number, pauseMs: number) {
  const at = await middle(page);
  for (let time = 0; time < times; time++) {
    await page.cdp("Input.dispatchMouseEvent", { type: "mouseWheel", ...at, deltaX: 0, deltaY });
    await Bun.sleep(pauseMs);
  }
}

/** Drags a finger down by so many pixels, and rests before lifting it, so that the text does not go on by itself. */
async function drag(page: BrowserPage, pixels: number, milliseconds: number) {
  const { x, y } = await middle(page);
  const touch = (type: string, ...touchPoints: { x: number; y: number }[]) =>
    page.cdp("Input.dispatchTouchEvent", { type, touchPoints });
  const from = y - Math.round(pixels / 2);
  const steps = Math.ceil(milliseconds / 16);
  await touch("touchStart", { x, y: from });
  for (let step = 1; step <= steps; step++) {
    await touch("touchMove", { x, y: from + Math.round((pixels * step) / steps) });
    await Bun.sleep(12);
  }
  await Bun.sleep(100);
  await touch("touchEnd");
}

async function keys(page: BrowserPage, key: string, times: number) {
  await page.evaluate("$('.scroll').focus()");
  for (let time = 0; time < times; time++) await page.press(key);
}

describe.skipIf(!hasBrowser)("while an answer is written", () => {
  beforeAll(() => {
    website = startWebsite();
  });
  beforeEach(() => {
    model = startModelServer();
    app = createTestApp({ modelUrl: model.url, env: { CORS_ORIGIN: website.origin } });
    base = app.listen();
  });
  afterEach(async () => {
    clearInterval(writing);
    closePages();
    await app.close();
    await model.stop();
  });
  afterAll(() => website.stop());

  test.each<[string, (page: BrowserPage) => Promise<unknown>]>([
    ["a trackpad, 30 × 8 px in 1 s", (page) => wheel(page, -8, 30, 30)],
    ["a trackpad, 30 × 20 px in 0.5 s", (page) => wheel(page, -20, 30, 15)],
    ["a single notch of 53 px", (page) => wheel(page, -53, 1, 0)],
    ["a single notch of 100 px", (page) => wheel(page, -100, 1, 0)],
    ["a wheel of three notches", (page) => wheel(page, -120, 3, 80)],
    ["ArrowUp, ten times", (page) => keys(page, "ArrowUp", 10)],
    ["PageUp", (page) => keys(page, "PageUp", 1)],
    ["Home", (page) => keys(page, "Home", 1)],
    ["a finger, 150 px in 1 s", (page) => drag(page, 150, 1000)],
    ["a finger, 300 px in 0.5 s", (page) => drag(page, 300, 500)],
    [
      "what a screen reader does",
      (page) => page.evaluate("void $$('.log p').at(-9).scrollIntoView({ block: 'center' })"),
    ],
  ])(
    "whoever scrolls up stays there: by %s",
    async (_how, scroll) => {
      const page = await visit();
      await longAnswer(page);
      await scroll(page);
      await page.waitFor(STANDS_STILL);
      await more(page);
      const top = await page.evaluate<number>("$('.scroll').scrollTop");
      expect(await page.evaluate<number>(GAP)).toBeGreaterThan(40);
      await more(page);
      expect(await page.evaluate<number>("$('.scroll').scrollTop")).toBe(top);
    },
    20_000,
  );

  test("a reader at its end goes with it, also when the panel becomes smaller", async () => {
    const page = await visit();
    const call = await longAnswer(page);
    await more(page);
    await page.waitFor(`${GAP} < 2`);
    clearInterval(writing);
    await page.resize({ width: 900, height: 420 });
    await page.waitFor(`$('.scroll').clientHeight < 300 && ${GAP} < 2`);
    await page.fill("textarea", "A line\nof six\nthat\nis\nbeing\nwritten");
    await page.waitFor(`${GAP} < 2`);
    call.finish();
    await page.waitFor(ENDED);
    await page.waitFor(`${GAP} < 2`);
    expect(await page.evaluate("$('.end').checkVisibility()")).toBe(false);
  });

  test("a reader at its end stays there when a phone is turned, and turned back", async () => {
    // As high as the panel on the phone, and higher than the one beside a page.
    model.script = answer("A line of the answer.\n\n".repeat(12));
    const page = await visit({ width: 1280, height: 800 });
    await ask(page);
    await page.waitFor(`${ENDED} && $('.scroll').scrollTop > 0 && ${GAP} < 2`);
    await page.resize({ width: 360, height: 740 });
    await page.waitFor(`$('.scroll').clientHeight > 560 && ${GAP} < 2 && ${STANDS_STILL}`);
    await page.resize({ width: 1280, height: 800 });
    await page.waitFor(`$('.scroll').clientHeight < 500 && ${GAP} < 2`);
  });

  test("a reader who has scrolled down again goes with it again", async () => {
    const page = await visit();
    await longAnswer(page);
    await wheel(page, -200, 2, 50);
    await page.waitFor("$('.end').checkVisibility()");
    await wheel(page, 400, 6, 60);
    await page.waitFor(`${GAP} < 2 && !$('.end').checkVisibility()`);
    await more(page);
    await page.waitFor(`${GAP} < 2`);
  });

  test("a button says that there is new text, leads to it by mouse and keyboard, and leaves the focus in the text", async () => {
    const page = await visit();
    await longAnswer(page);
    await wheel(page, -300, 1, 0);
    await page.waitFor(
      "$('.end').getAttribute('aria-label') === 'New text' && $('.end').innerText === 'New text'",
    );
    await page.screenshot("new-text-light");
    await page.click(".end");
    await page.waitFor(`${GAP} < 2 && !$('.end').checkVisibility()`);
    await keys(page, "PageUp", 1);
    await page.waitFor("$('.end').checkVisibility()");
    await page.evaluate("$('.end').focus()");
    await page.press("Enter");
    await page.waitFor(`${GAP} < 2 && !$('.end').checkVisibility()`);
    expect(await page.evaluate("$('chatporch-widget').shadowRoot.activeElement.className")).toBe(
      "scroll",
    );
  });

  test("no text is called new after the panel was closed, or its language was changed", async () => {
    const page = await visit();
    const call = await longAnswer(page);
    clearInterval(writing);
    call.finish();
    await page.waitFor(ENDED);
    await keys(page, "Home", 1);
    const isKnown =
      "$('.end').checkVisibility() && $('.end').getAttribute('aria-label') === 'To the end'";
    await page.waitFor(`$('.scroll').scrollTop === 0 && ${isKnown}`);
    const seen = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))";
    await page.evaluate("Chatporch.close()");
    await page.waitFor(`!$('.panel').checkVisibility() && ${seen}.then(() => true)`);
    await page.evaluate(`(Chatporch.open(), ${seen})`);
    expect(await page.evaluate(isKnown)).toBe(true);
    await page.evaluate(`(Chatporch.set({ theme: "dark" }), ${seen})`);
    expect(await page.evaluate(isKnown)).toBe(true);
  });

  test("a question of one's own is shown, wherever one has scrolled to", async () => {
    const page = await visit();
    const call = await longAnswer(page);
    clearInterval(writing);
    call.finish();
    await page.waitFor(ENDED);
    await keys(page, "Home", 1);
    await page.waitFor("$('.scroll').scrollTop === 0");
    // All of the text is known, so nothing in it is new.
    await page.waitFor("$('.end').getAttribute('aria-label') === 'To the end'");
    model.script = answer("Short");
    await ask(page);
    await page.waitFor(`$$('.log .assistant:not(.pending)').length === 2 && ${GAP} < 2`);
  });

  test("text that is being selected stays under the mouse", async () => {
    // A selection that begins in the first frame of a movement is lost, and nobody is so fast.
    const page = await visit({ reducedMotion: true });
    await longAnswer(page);
    const { x, y } = await middle(page);
    const mouse = (type: string, at: { x: number; y: number }) =>
      page.cdp("Input.dispatchMouseEvent", {
        type,
        ...at,
        button: "left",
        buttons: 1,
        clickCount: 1,
      });
    await mouse("mousePressed", { x: x - 60, y });
    await mouse("mouseMoved", { x: x - 20, y: y + 8 });
    const top = await page.evaluate<number>("$('.scroll').scrollTop");
    await more(page);
    await mouse("mouseMoved", { x: x + 60, y: y + 20 });
    await mouse("mouseReleased", { x: x + 60, y: y + 20 });
    await more(page);
    expect(await page.evaluate<number>("$('.scroll').scrollTop")).toBe(top);
    expect(
      await page.evaluate("String($('chatporch-widget').shadowRoot.getSelection()).length"),
    ).toBeGreaterThan(3);
  });

  test("selection, focus and the place in wide code survive, until it has ended and beyond", async () => {
    model.script = silence;
    const page = await visit();
    const call = await ask(page);
    call.token(
      `First **words** with [a link](https://a.test/).\n\n\`\`\`\n${"wide ".repeat(60)}\n`,
    );
    await page.waitFor("$('.log .pending pre')");
    await page.evaluate(`void (window.kept = [$("pre"), $(".log a"), $(".log strong")],
      $("pre").scrollLeft = 80, $("pre").focus(),
      $("chatporch-widget").shadowRoot.getSelection().selectAllChildren($(".log .pending p")))`);
    const kept = `[$("pre"), $(".log a"), $(".log strong")].every((each, at) => each === kept[at])
      && $("pre").scrollLeft === 80
      && $("chatporch-widget").shadowRoot.activeElement === $("pre")
      && String($("chatporch-widget").shadowRoot.getSelection()).trim() === "First words with a link."`;
    for (let line = 0; line < 30; line++) call.token(`line ${line}\n`);
    await page.waitFor("$('pre').textContent.includes('line 29')");
    expect(await page.evaluate(kept)).toBe(true);
    call.token("```\n\nAnd **more**");
    await page.waitFor("$$('.log .pending strong').length === 2");
    expect(await page.evaluate(kept)).toBe(true);
    call.finish();
    await page.waitFor(ENDED);
    expect(await page.evaluate(kept)).toBe(true);
  });

  test("it is announced once, when it has ended, without its marks, and so is that it takes long", async () => {
    model.script = silence;
    const page = await visit();
    await page.evaluate(
      "void (window.said = [], new MutationObserver((all) => all.forEach(({ addedNodes }) => addedNodes.forEach(({ textContent }) => said.push(textContent)))).observe($('.announcer'), { childList: true, subtree: true, characterData: true }))",
    );
    const call = await ask(page);
    await page.waitFor("said.length === 2");
    call.token("**Yes**, see:\n\n- [this](https://a.test/)\n- `that`");
    await page.waitFor("$('.log .pending li')");
    call.finish();
    await page.waitFor(ENDED);
    expect(await page.evaluate("said")).toEqual([
      "You: Tell me everything",
      "Writing…",
      "Chat: Yes, see:\nthis\nthat",
    ]);
    // Nothing else is live but what the notice bar says, how much room the input has, and what stands beside the launcher
    // of a closed chat.
    expect(
      await page.evaluate(
        "$$('[aria-live], [role=log], [role=status]').map(({ className }) => className)",
      ),
    ).toEqual(["sr announcer", "sr", "room", "preview"]);
    await page.evaluate("void (navigator.clipboard.writeText = async () => {})");
    await page.click(".copy");
    await page.waitFor("said.at(-1) === 'Copied'");
  });

  test("what was stopped before its first word leaves no empty bubble", async () => {
    model.script = silence;
    const page = await visit();
    await ask(page);
    await page.click(".send");
    await page.waitFor("$('.log .assistant .ending')?.textContent === 'Stopped'");
    expect(await page.evaluate("$('.log .assistant .bubble').checkVisibility()")).toBe(false);
  });

  test.each([
    ["dark", { colorScheme: "dark", width: 320, height: 568 }],
    ["ar", { width: 360, height: 640, attributes: 'data-lang="ar" data-accent-color="gold"' }],
  ] as const)("the button has room on small screens: %s", async (name, options) => {
    const page = await visit(options);
    await longAnswer(page);
    await wheel(page, -300, 1, 0);
    await page.waitFor("$('.end span').checkVisibility()");
    await page.screenshot(`new-text-${options.width}-${name}`);
    clearInterval(writing);
    expect(
      await page.evaluate(
        `(({ left, right }) => left >= 0 && right <= ${options.width})($(".end").getBoundingClientRect())`,
      ),
    ).toBe(true);
  });
});
