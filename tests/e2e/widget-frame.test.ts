import { describe, expect, test } from "bun:test";

import { answer } from "../../harness/model-server.ts";
import { type BrowserPage, hasBrowser, openPage, type PageOptions } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import { STANDS_STILL } from "../support/in-page.ts";
import { ENDED, openPanel } from "../support/open-panel.ts";
import { widgetTag } from "../support/widget-tag.ts";

/** What stands around the conversation: launcher, panel, and how they come and go. */

const PHONE = { width: 390, height: 844 };
const CLOSED = "$('.panel').hidden";

const chat = chatWebsite();

const open = (options: PageOptions & { readonly attributes?: string } = {}) =>
  openPanel(chat.website, chat.server, options);

async function ask(page: BrowserPage, question: string): Promise<void> {
  await page.fill("textarea", question);
  await page.press("Enter");
  await page.waitFor(ENDED);
}

describe.skipIf(!hasBrowser)("with other attributes, an open panel", () => {
  test("gives the focus back to the button of the page that has opened it", async () => {
    const page = await visit("data-hide-launcher");
    await page.evaluate("void ($('main button').onclick = Chatporch.open)");
    await page.evaluate("$('main button').focus()");
    await page.press("Enter");
    await page.waitFor("$('textarea')?.matches(':focus')");
    await page.evaluate("void Chatporch.set({ title: 'Help' })");
    await page.waitFor("$('textarea').matches(':focus')");
    await page.press("Escape");
    await page.waitFor("$('main button').matches(':focus')");
  });

  test("adds no second entry to the history of a phone, and Back still closes it", async () => {
    const page = await open(PHONE);
    const length = await page.evaluate("history.length");
    await page.evaluate("void Chatporch.set({ theme: 'dark' })");
    await page.waitFor("$('.root').matches('.dark') && $('.panel').ariaModal");
    await page.evaluate("void Chatporch.set({ title: 'Help' })");
    expect(await page.evaluate("[history.length, history.state.chatporch]")).toEqual([
      length,
      true,
    ]);
    await page.evaluate("history.back()");
    await page.waitFor(CLOSED);
    expect(await page.evaluate("[$('.panel').ariaModal, document.body.inert]")).toEqual([
      null,
      false,
    ]);
  });

  test("keeps the place of a reader who has scrolled up", async () => {
    chat.model.script = answer("A line.\n\n".repeat(60));
    const page = await open();
    await ask(page, "Hi");
    // It has been followed to its end.
    await page.waitFor(`$('.scroll').scrollTop > 300 && ${STANDS_STILL}`);
    await page.evaluate("$('.scroll').scrollTop = 300");
    await page.waitFor("!$('.end').hidden");
    await page.evaluate("void Chatporch.set({ theme: 'dark' })");
    await page.waitFor("$('.root').matches('.dark') && !$('.end').hidden");
    expect(await page.evaluate("$('.scroll').scrollTop")).toBe(300);
  });
});

test.skipIf(!hasBrowser)(
  "a body that takes the place of another one is behind the sheet on a phone, too",
  async () => {
    const page = await open(PHONE);
    await page.evaluate(
      "void (document.head.append($('script[data-api-key]')), window.before = document.body, document.body.replaceWith(document.createElement('body')))",
    );
    await page.waitFor("document.body.inert");
    expect(await page.evaluate("before.inert")).toBe(false);
    await page.evaluate("Chatporch.close()");
    expect(await page.evaluate("document.body.inert")).toBe(false);
  },
);

const MOVING = "$('.panel').getAnimations().map(({ effect }) => effect.getTiming().duration)";
const DISPLAY = "getComputedStyle($('.panel')).display";
const FOCUSED = "$('chatporch-widget').shadowRoot.activeElement?.className";

describe.skipIf(!hasBrowser)("the panel", () => {
  test("comes and goes with a short movement, and what goes is out of reach at once", async () => {
    const page = await open({ reducedMotion: false });
    await page.evaluate("Chatporch.close()");
    await page.waitFor(`${DISPLAY} === 'none'`);
    expect(await page.evaluate(`(Chatporch.open(), ${MOVING})`)).toEqual([180]);
    await page.waitFor(`${MOVING}.length === 0`);
    const seen = `[$('.panel').hidden, $('.panel').inert, ${DISPLAY}, ${MOVING}.length, ${FOCUSED}]`;
    expect(await page.evaluate(`($('textarea').focus(), Chatporch.close(), ${seen})`)).toEqual([
      true,
      true,
      "flex",
      1,
      "launcher",
    ]);
    // Opened while it still goes.
    expect(await page.evaluate(`(Chatporch.open(), ${seen})`)).toEqual([
      false,
      false,
      "flex",
      1,
      "",
    ]);
    await page.waitFor(`${MOVING}.length === 0`);
    expect(await page.evaluate(DISPLAY)).toBe("flex");
    await page.evaluate("Chatporch.close()");
    await page.waitFor(`${DISPLAY} === 'none'`);
  });

  test("does not move for a visitor who wants less motion, nor when only its look changes", async () => {
    const page = await open({ reducedMotion: true });
    await page.evaluate("Chatporch.close()");
    expect(await page.evaluate(`(Chatporch.open(), ${MOVING})`)).toEqual([]);
    expect(await page.evaluate(`(Chatporch.close(), ${DISPLAY})`)).toBe("none");
    await page.prefer({ reducedMotion: false });
    await page.evaluate("Chatporch.open()");
    await page.waitFor(`${MOVING}.length === 0`);
    expect(await page.evaluate(`(Chatporch.set({ theme: 'dark' }), ${MOVING})`)).toEqual([]);
  });

  test("lets new messages come with a movement, and shows earlier ones at once", async () => {
    const page = await open({ reducedMotion: false });
    await page.fill("textarea", "Hi");
    const moving = "$$('.log .message').filter((each) => each.getAnimations().length > 0).length";
    // A movement may be over before anybody looks.
    await page.evaluate(`void (window.moved = [], Element.prototype.animate = ((animate) => function (...how) {
      moved.push(this.className);
      return animate.apply(this, how);
    })(Element.prototype.animate))`);
    await page.press("Enter");
    await page.waitFor("moved.some((name) => name.startsWith('message'))");
    await page.waitFor(`${ENDED} && ${moving} === 0`);
    await ask(page, "And again");
    await page.reload();
    await page.waitFor(`$$('.log .message').length === 4`);
    expect(await page.evaluate(moving)).toBe(0);
  });
});

describe.skipIf(!hasBrowser)("the panel's size", () => {
  const SIZE = "(({ clientWidth, clientHeight }) => [clientWidth, clientHeight])($('.panel'))";

  test("becomes large with a button, is remembered on the next page, and becomes as it was", async () => {
    const page = await open({ width: 1280, height: 1000 });
    expect(await page.evaluate(`[${SIZE}, localStorage.length]`)).toEqual([[390, 638], 0]);
    await page.click("[title='Enlarge']");
    expect(await page.evaluate(SIZE)).toEqual([718, 882]);
    await page.reload();
    await page.waitFor("$('.panel.large')");
    await page.evaluate("void Chatporch.set({ lang: 'de' })");
    await page.click("[title='Verkleinern']");
    expect(await page.evaluate(`[${SIZE}, localStorage.length]`)).toEqual([[390, 638], 0]);
  });

  test("is that of a small screen, with or without, and the button is not there", async () => {
    const page = await open({ width: 1280, height: 1000 });
    await page.click("[title='Enlarge']");
    await page.resize(PHONE);
    await page.waitFor(`${SIZE}[0] === ${PHONE.width}`);
    expect(await page.evaluate("getComputedStyle($('.sizer')).display")).toBe("none");
  });
});

/** A page with the tag, closed, without the panel. */
async function visit(attributes = "", options: PageOptions = {}): Promise<BrowserPage> {
  chat.website.show(widgetTag(chat.server, attributes));
  const page = await openPage({ width: 900, height: 760, ...options });
  await page.goto(chat.website.origin);
  await page.waitFor("window.Chatporch");
  return page;
}

const BOX = (selector: string) =>
  `(({ left, right, top, bottom, width }) => ({ left, right: innerWidth - right, top, bottom: innerHeight - bottom, width }))($("${selector}").getBoundingClientRect())`;

interface Box {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly width: number;
}

const NAME = "$('.launcher').ariaLabel";

describe.skipIf(!hasBrowser)("the launcher", () => {
  test("says what it does, and that it opens a dialog", async () => {
    const page = await visit('data-title="Hearth & Grain" data-lang="de"');
    expect(await page.evaluate(`[${NAME}, $('.launcher').getAttribute('aria-haspopup')]`)).toEqual([
      "Hearth & Grain",
      "dialog",
    ]);
    await page.click(".launcher");
    await page.waitFor(`${NAME} === 'Chat schließen'`);
    await page.click(".launcher");
    await page.waitFor(`${NAME} === 'Chat öffnen: Hearth & Grain'`);
  });

  test("stands where the page wants it, with a label, and the panel above it", async () => {
    const page = await visit('data-offset="40 96" data-launcher-label="Ask us"');
    const launcher = await page.evaluate<Box>(BOX(".launcher"));
    expect([launcher.right, launcher.bottom]).toEqual([40, 96]);
    expect(launcher.width).toBeGreaterThan(80);
    expect(await page.evaluate("getComputedStyle($('.launcher'), '::before').content")).toBe(
      '"Ask us"',
    );
    await page.evaluate("Chatporch.open()");
    await page.waitFor(`${NAME} === 'Ask us: Close chat'`);
    await page.waitFor(`$('.panel').getAnimations().length === 0`);
    const panel = await page.evaluate<Box>(BOX(".panel"));
    expect([panel.right, panel.bottom]).toEqual([40, 164]);
    // The label makes room for the sign that closes.
    expect((await page.evaluate<Box>(BOX(".launcher"))).width).toBe(56);
    await page.evaluate("void Chatporch.set({ offset: undefined, position: 'left' })");
    expect((await page.evaluate<Box>(BOX(".launcher"))).left).toBe(24);
    expect((await page.evaluate<Box>(BOX(".panel"))).left).toBe(24);
  });

  test("is left out for a page with a button of its own, which gets the focus back", async () => {
    const page = await visit("data-hide-launcher");
    const display = "getComputedStyle($('.launcher')).display";
    expect(await page.evaluate(display)).toBe("none");
    await page.evaluate("void ($('main button').onclick = () => Chatporch.toggle(), 0)");
    await page.click("main button");
    await page.waitFor("$('.panel') && $('.panel').getAnimations().length === 0");
    expect((await page.evaluate<Box>(BOX(".panel"))).bottom).toBe(24);
    await page.press("Escape");
    await page.waitFor("$('main button').matches(':focus')");
    await page.evaluate("void Chatporch.set({ hideLauncher: false })");
    expect(await page.evaluate(display)).toBe("flex");
  });

  test("is out of sight with the panel until the page shows it again", async () => {
    const page = await visit();
    await page.evaluate("Chatporch.open()");
    await page.waitFor("$('.panel')");
    const isSeen = "[$('.launcher'), $('.panel')].map((each) => each.checkVisibility())";
    expect(await page.evaluate(`(Chatporch.hide(), ${isSeen})`)).toEqual([false, false]);
    await page.waitFor("!$('.panel').matches('.leaving')");
    await page.evaluate("Chatporch.show()");
    expect(await page.evaluate(isSeen)).toEqual([true, false]);
    expect(await page.evaluate(`(Chatporch.hide(), Chatporch.open(), ${isSeen})`)).toEqual([
      true,
      true,
    ]);
  });
});

const PREVIEW = "$('.words')?.textContent";

describe.skipIf(!hasBrowser)("an answer that comes while the chat is closed", () => {
  test("is counted and shown in a line without marks, which opens the chat", async () => {
    chat.model.script = answer("**Yes**, we ship to [Norway](/norway).\n\n- by mail");
    const page = await visit("data-title=Shop");
    await page.evaluate("(Chatporch.send('Hi'), Chatporch.close())");
    await page.waitFor(`${PREVIEW} === 'Yes, we ship to Norway.\\nby mail'`);
    expect(await page.evaluate(`[${NAME}, $('.preview').role]`)).toEqual([
      "Open chat: Shop (1 new)",
      "status",
    ]);
    await page.evaluate("void Chatporch.set({ theme: 'dark' })");
    expect(await page.evaluate(PREVIEW)).toBe("Yes, we ship to Norway.\nby mail");
    await page.click(".words");
    await page.waitFor("!$('.panel').hidden && !$('.words')");
    expect(await page.evaluate("$('.launcher').dataset.unread")).toBe("");
  });

  test("is counted on after its line was dismissed, and the focus is not lost", async () => {
    const page = await visit();
    await page.evaluate("(Chatporch.send('Hi'), Chatporch.close())");
    await page.waitFor(`${PREVIEW} === 'Hello there'`);
    await page.evaluate("$('.preview .tool').focus()");
    await page.press("Enter");
    await page.waitFor("!$('.words')");
    expect(await page.evaluate(`[${FOCUSED}, $('.launcher').dataset.unread]`)).toEqual([
      "launcher",
      "1",
    ]);
    await page.evaluate("(Chatporch.send('And again'), Chatporch.close())");
    await page.waitFor("$('.words') && $('.launcher').dataset.unread === '1'");
  });

  test.each(["ltr", "rtl"])(
    "has its line within a small screen, above the launcher: %s",
    async (dir) => {
      chat.model.script = answer(
        "A rather long answer that does not fit into two lines. ".repeat(9),
      );
      const language = dir === "rtl" ? "ar" : "en";
      const page = await visit(
        `data-position=right data-title="Hearth & Grain" data-lang=${language}`,
        {
          width: 360,
          height: 640,
          reducedMotion: true,
        },
      );
      await page.evaluate(`void (document.documentElement.dir = "${dir}")`);
      await page.evaluate("(Chatporch.send('Hi'), Chatporch.close())");
      await page.waitFor(PREVIEW);
      const box = await page.evaluate<Box>(BOX(".preview"));
      expect([box.right, box.bottom]).toEqual([24, 92]);
      expect(box.left).toBeGreaterThanOrEqual(16);
      const { height } = await page.evaluate<{ height: number }>(
        "({ height: $('.words').clientHeight })",
      );
      expect(height).toBeLessThan(50);
      // The text is written from left to right in both, and keeps clear of the edge where the panel's lines begin.
      const gap = await page.evaluate<number>(`((range, { left, right }) => {
        range.selectNodeContents($(".words"));
        const text = range.getBoundingClientRect();
        return "${dir}" === "rtl" ? right - text.right : text.left - left;
      })(new Range(), $(".preview").getBoundingClientRect())`);
      expect(gap).toBeGreaterThanOrEqual(16);
      await page.screenshot(`preview-${dir}`);
    },
  );
});

describe.skipIf(!hasBrowser)("the greeting", () => {
  const GREETED = "Object.keys(sessionStorage).length";
  /** A script after which the second is over with `greet()`. */
  const HELD_SECOND = `window.setTimeout = ((set) => (act, ms, ...rest) =>
    ms === 1000 ? void (window.greet = act) : set(act, ms, ...rest))(setTimeout)`;

  test("comes once in a tab to a visitor who has not used the chat, and nothing is stored before", async () => {
    const attributes = 'data-greet-after=1 data-welcome-message="**Hi!** Looking for bread?"';
    const page = await visit(attributes, { beforeLoad: HELD_SECOND });
    expect(await page.evaluate(`[${PREVIEW}, ${GREETED}]`)).toEqual([null, 0]);
    await page.evaluate("void greet()");
    await page.waitFor(`${PREVIEW} === 'Hi! Looking for bread?'`);
    expect(await page.evaluate(`[${GREETED}, localStorage.length, $('.panel').hidden]`)).toEqual([
      0,
      1,
      true,
    ]);
    await page.reload();
    await page.waitFor("window.greet");
    await page.evaluate("void greet()");
    await page.waitFor("$('.panel')");
    expect(await page.evaluate(PREVIEW)).toBeUndefined();
  });

  test("waits for a page that it is for, also where pages change without loading", async () => {
    const page = await visit("data-greet-after=1 data-greet-on=/pricing*");
    await page.waitFor("$('.panel')");
    expect(await page.evaluate(PREVIEW)).toBeUndefined();
    await page.evaluate("history.pushState(null, '', '/pricing/eu')");
    await page.waitFor(PREVIEW);
    await page.click(".preview .tool");
    await page.waitFor("!$('.words')");
  });

  test("does not come where the page does not say in seconds when", async () => {
    const page = await visit('data-greet-after="soon"');
    await page.evaluate("new Promise((resolve) => setTimeout(resolve, 300))");
    expect(await page.evaluate("[$$('.panel').length, localStorage.length]")).toEqual([0, 0]);
  });

  test("does not come where the browser stores nothing, and would forget it", async () => {
    const blocked = "{ get() { throw new DOMException('blocked', 'SecurityError'); } }";
    const page = await visit("data-greet-after=1", {
      beforeLoad: `for (const area of ["localStorage", "sessionStorage"]) Object.defineProperty(window, area, ${blocked});`,
    });
    const address = await page.waitFor<string>(
      "performance.getEntriesByType('resource').find(({ name }) => name.includes('.extras.js'))?.name",
    );
    // What decides about the greeting has run by then.
    await page.evaluate(`import("${address}").then(() => new Promise(requestAnimationFrame))`);
    expect(await page.evaluate(PREVIEW)).toBeUndefined();
  });

  test("does not come to a visitor who has opened the chat", async () => {
    const page = await visit("data-greet-after=1");
    await page.click(".launcher");
    await page.waitFor("$('.panel')");
    await page.click(".launcher");
    await page.reload();
    await page.waitFor("$('.panel')");
    expect(await page.evaluate(PREVIEW)).toBeUndefined();
  });
});
