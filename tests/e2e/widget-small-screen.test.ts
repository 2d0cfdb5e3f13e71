import { describe, expect, test } from "bun:test";

import { answer, silence } from "../../harness/model-server.ts";
import { type BrowserPage, hasBrowser, openPage } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import { widgetTag } from "../support/widget-tag.ts";

const OPEN = "$('.panel') && !$('.panel').hidden";
const CLOSED = "$('.panel')?.hidden";
const PHONE = { width: 390, height: 844 };

const chat = chatWebsite();

interface Visit {
  readonly attributes?: string;
  /** HTML of the page before the tag. */
  readonly before?: string;
  readonly size?: { readonly width: number; readonly height: number };
}

async function visit({ attributes = "", before = "", size = PHONE }: Visit = {}) {
  chat.website.show(
    `${before}<div style="height:3000px"><a href="/behind">Behind</a></div>${widgetTag(chat.server, attributes)}`,
  );
  const page = await openPage(size);
  // As a phone shows a page.
  await page.cdp("Emulation.setDeviceMetricsOverride", {
    ...size,
    deviceScaleFactor: 2,
    mobile: true,
  });
  await page.cdp("Emulation.setTouchEmulationEnabled", { enabled: true });
  await page.goto(`${chat.website.origin}/docs`);
  await page.waitFor("window.Chatporch");
  return page;
}

/** Presses the launcher as a visitor does: a way back that nobody has asked for is skipped by the browser. */
async function openPanel(page: BrowserPage): Promise<void> {
  await page.click(".launcher");
  await page.waitFor(OPEN);
}

/** Drags upwards with a finger. */
async function drag(page: BrowserPage, x: number, y: number): Promise<void> {
  const touch = (type: string, moved: number) =>
    page.cdp("Input.dispatchTouchEvent", {
      type,
      touchPoints: type === "touchEnd" ? [] : [{ x, y: y - moved }],
    });
  await touch("touchStart", 0);
  for (let moved = 20; moved <= 300; moved += 20) {
    await touch("touchMove", moved);
    await page.evaluate(FRAMES);
  }
  await touch("touchEnd", 300);
}

const SCROLLED = "visualViewport.pageTop";
const FRAMES =
  "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";

const path = (page: BrowserPage) => page.evaluate("location.pathname");
const isReady = "window.Chatporch && document.readyState === 'complete'";

describe.skipIf(!hasBrowser)("on a phone, Back", () => {
  test("closes the panel, and leads to the page before when it is closed, without a panel there", async () => {
    const page = await visit();
    await page.goto(`${chat.website.origin}/shop`);
    await page.waitFor("window.Chatporch");
    await openPanel(page);
    await page.evaluate("history.back()");
    await page.waitFor(CLOSED);
    expect(await path(page)).toBe("/shop");
    await page.evaluate("history.back()");
    await page.waitFor("location.pathname === '/docs' && window.Chatporch");
    await page.waitFor(isReady);
    expect(await page.evaluate("$$('.panel').filter(({ hidden }) => !hidden).length")).toBe(0);
  });

  test("leads to the page before at once when the panel was closed with its button", async () => {
    const page = await visit();
    await page.goto(`${chat.website.origin}/shop`);
    await page.waitFor("window.Chatporch");
    await openPanel(page);
    await page.click("[title='Close']");
    await page.waitFor(`${CLOSED} && !history.state?.chatporch`);
    await page.evaluate("history.back()");
    await page.waitFor("location.pathname === '/docs'");
  });

  test("leaves the page its own address and state", async () => {
    const page = await visit();
    await page.evaluate("history.replaceState({ key: 7 }, '')");
    await page.evaluate(
      "void (window.heard = [], addEventListener('popstate', ({ state }) => heard.push(state)))",
    );
    await openPanel(page);
    expect(await page.evaluate("history.state.key")).toBe(7);
    await page.evaluate("history.back()");
    await page.waitFor(CLOSED);
    await openPanel(page);
    await page.click("[title='Close']");
    await page.waitFor("!history.state.chatporch");
    expect(await page.evaluate("[heard, history.state, location.pathname]")).toEqual([
      [{ key: 7 }, { key: 7 }],
      { key: 7 },
      "/docs",
    ]);
  });

  test("does not undo the way of a page that closes the panel and goes on", async () => {
    const page = await visit();
    await openPanel(page);
    await page.evaluate("(Chatporch.close(), history.pushState(null, '', '/cart'))");
    await page.waitFor(CLOSED);
    await page.evaluate("new Promise((done) => setTimeout(done, 300))");
    expect(await path(page)).toBe("/cart");
  });
});

describe.skipIf(!hasBrowser)("on a phone, the panel", () => {
  test("does not cover a page that has just loaded, neither by the tag nor because it was open on another page", async () => {
    const page = await visit({ attributes: "data-open" });
    await page.waitFor(isReady);
    expect(await page.evaluate("$$('.panel').length")).toBe(0);
    await openPanel(page);
    await page.goto(`${chat.website.origin}/other`);
    await page.waitFor(isReady);
    expect(await page.evaluate("$$('.panel').length")).toBe(0);
  });

  test("is open again after a reload, and Back closes it", async () => {
    const page = await visit();
    await openPanel(page);
    await page.reload();
    await page.waitFor(OPEN);
    await page.evaluate("history.back()");
    await page.waitFor(CLOSED);
    expect(await path(page)).toBe("/docs");
  });

  test("is modal: the page behind is out of reach until it closes, and the focus comes back", async () => {
    const page = await visit();
    await openPanel(page);
    expect(await page.evaluate("[$('.panel').ariaModal, document.body.inert]")).toEqual([
      "true",
      true,
    ]);
    const within = "$('chatporch-widget').shadowRoot.activeElement";
    const reached = new Set<unknown>();
    for (let presses = 0; presses < 8; presses++) {
      await page.press("Tab");
      reached.add(await page.evaluate(`${within}?.className ?? document.activeElement.localName`));
    }
    expect([...reached]).not.toContain("a");
    await page.evaluate("$('textarea').focus()");
    await page.press("Escape");
    await page.waitFor(CLOSED);
    expect(await page.evaluate("[$('.panel').ariaModal, document.body.inert]")).toEqual([
      null,
      false,
    ]);
    expect(await page.evaluate(`${within}.className`)).toBe("launcher");
  });

  test("is no longer modal when the screen becomes large, and a page keeps what it made inert", async () => {
    const page = await visit();
    await openPanel(page);
    await page.resize({ width: 1024, height: 768 });
    await page.waitFor("!document.body.inert && !$('.panel').ariaModal");
    expect(await page.evaluate(OPEN)).toBe(true);
    await page.evaluate("void (document.body.inert = true)");
    await page.resize(PHONE);
    await page.waitFor("$('.panel').ariaModal");
    await page.click("[title='Close']");
    await page.waitFor(CLOSED);
    expect(await page.evaluate("document.body.inert")).toBe(true);
  });

  test.each([".head", ".composer", ".scroll"])(
    "does not scroll the page behind when it is dragged at %s",
    async (selector) => {
      const page = await visit();
      await openPanel(page);
      const { x, y } = await page.evaluate<{ x: number; y: number }>(
        `(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }))($("${selector}").getBoundingClientRect())`,
      );
      await drag(page, x, y);
      await page.cdp("Input.dispatchMouseEvent", {
        type: "mouseWheel",
        x,
        y,
        deltaX: 0,
        deltaY: 300,
      });
      await page.evaluate(FRAMES);
      expect(await page.evaluate(SCROLLED)).toBe(0);
      // Without the panel, the same drag scrolls the page.
      await page.click("[title='Close']");
      await page.waitFor(CLOSED);
      await drag(page, x, 500);
      await page.waitFor(`${SCROLLED} > 100`);
    },
  );

  test.each(["ltr", "rtl"])(
    "is within the screen on a page that is wider than it, as is the launcher: %s",
    async (dir) => {
      const page = await visit({
        before: `<script>document.documentElement.dir = "${dir}"; $ = document.querySelector("meta[name=viewport]"); $.content = "width=device-width, initial-scale=1, minimum-scale=.25"</script><div style="width:700px;height:50px;background:teal"></div>`,
      });
      const isWithin = (selector: string) =>
        `(({ left, right, bottom }, { offsetLeft, offsetTop, width, height }) => left >= offsetLeft - 1 && right <= offsetLeft + width + 1 && bottom <= offsetTop + height + 1)($("${selector}").getBoundingClientRect(), visualViewport)`;
      await page.waitFor("document.documentElement.scrollWidth >= 700");
      await page.waitFor(isWithin(".launcher"));
      await page.evaluate(`void scrollTo(${dir === "rtl" ? -200 : 200}, 0)`);
      await page.waitFor(isWithin(".launcher"));
      await page.evaluate("Chatporch.open()");
      await page.waitFor(OPEN);
      for (const selector of [".panel", "[title='Close']", ".send"]) {
        // The panel comes with a movement.
        await page.waitFor(isWithin(selector));
      }
    },
  );

  test("does not bring up the on-screen keyboard for whoever stops an answer", async () => {
    chat.model.script = silence;
    const page = await visit();
    await openPanel(page);
    await page.fill("textarea", "Tell me everything");
    await page.press("Enter");
    const call = await chat.model.call(0);
    call.token("First");
    await page.waitFor("$('.log .pending .bubble')?.textContent === 'First'");
    // The visitor has put the keyboard away, to read.
    await page.evaluate("$('textarea').blur()");
    await page.click("[title='Stop']");
    await page.waitFor("$('.log .ending')?.textContent === 'Stopped'");
    expect(
      await page.evaluate("$('chatporch-widget').shadowRoot.activeElement.className"),
    ).toContain("panel");
  });

  test("shows the end of the answer when the on-screen keyboard takes half of the screen", async () => {
    const page = await visit();
    chat.model.script = answer("A line.\n\n".repeat(40));
    await openPanel(page);
    await page.fill("textarea", "Hi");
    await page.press("Enter");
    await page.waitFor("$('.log .assistant .copy')");
    const gap =
      "(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)($('.scroll'))";
    await page.waitFor(`${gap} < 2`);
    await page.resize({ width: PHONE.width, height: 400 });
    await page.waitFor(`$(".panel").getBoundingClientRect().height === 400 && ${gap} < 2`);
    expect(await page.evaluate("$('.composer').getBoundingClientRect().bottom <= 400")).toBe(true);
  });
});

describe.skipIf(!hasBrowser)("the widget", () => {
  test.each([
    ["rtl", "", "left"],
    ["ltr", "", "right"],
    ["rtl", "data-position=right", "right"],
  ])("stands at the end of the lines: %s %s", async (dir, attributes, side) => {
    const before = `<script>document.documentElement.dir = "${dir}"</script>`;
    const size = { width: 1024, height: 768 };
    const page = await visit({ attributes, before, size });
    await openPanel(page);
    for (const selector of [".launcher", ".panel"]) {
      const { left, right } = await page.evaluate<{ left: number; right: number }>(
        `(({ left, right }) => ({ left, right }))($("${selector}").getBoundingClientRect())`,
      );
      expect(side === "left" ? left : size.width - right).toBe(24);
    }
  });

  test("is not printed", async () => {
    const page = await visit({ size: { width: 1024, height: 768 } });
    await openPanel(page);
    await page.cdp("Emulation.setEmulatedMedia", { media: "print" });
    expect(
      await page.evaluate("$$('.launcher, .panel').map((each) => each.checkVisibility())"),
    ).toEqual([false, false]);
  });

  test("has edges and signs that can be seen in forced colours", async () => {
    const page = await visit({ size: { width: 1024, height: 768 } });
    chat.model.script = (call) => void call.token("Wait");
    await openPanel(page);
    await page.cdp("Emulation.setEmulatedMedia", {
      features: [{ name: "forced-colors", value: "active" }],
    });
    await page.fill("textarea", "Hi");
    await page.press("Enter");
    await page.waitFor("$('.user .bubble')");
    const styles = await page.evaluate(`({
      bubbles: $$(".bubble").map((each) => getComputedStyle(each).borderTopStyle),
      ground: getComputedStyle($(".panel")).backgroundColor,
      icon: getComputedStyle($(".launcher b"), "::after").backgroundColor,
      filter: getComputedStyle($(".launcher b")).filter,
      button: getComputedStyle($(".launcher")).backgroundColor,
    })`);
    const { bubbles, icon, button, filter } = styles as Record<string, string> & {
      bubbles: string[];
    };
    expect(new Set(bubbles)).toEqual(new Set(["solid"]));
    expect(filter).toBe("none");
    expect(icon).not.toBe(button);
    await page.screenshot("forced-colours");
  });

  test("draws a line round what has the colour of the panel", async () => {
    const page = await visit({
      attributes: "data-accent-color=white",
      size: { width: 1024, height: 768 },
    });
    await openPanel(page);
    await page.fill("textarea", "Hi");
    await page.press("Enter");
    await page.waitFor("$('.user .bubble')");
    expect(await page.evaluate("getComputedStyle($('.user .bubble')).boxShadow")).toContain(
      "inset",
    );
    await page.screenshot("white-accent");
  });

  test.each(["white", "#eee", "gold", "#8f8", "gray", "#0f766e", "navy", "black", "rebeccapurple"])(
    "shows an icon that can be seen on a launcher in %s before the panel is there",
    async (colour) => {
      const page = await visit({
        attributes: `data-accent-color="${colour}"`,
        size: { width: 400, height: 600 },
      });
      // The pixels of the launcher: the ground's colour and the icon's.
      const { data } = await page.cdp<{ data: string }>("Page.captureScreenshot", {
        clip: {
          ...(await page.evaluate<object>(
            "(({ x, y, width, height }) => ({ x: x + 8, y: y + 8, width: width - 16, height: height - 16 }))($('.launcher').getBoundingClientRect())",
          )),
          scale: 1,
        },
      });
      const contrast = await page.evaluate<number>(`(async () => {
        const image = await createImageBitmap(await (await fetch("data:image/png;base64,${data}")).blob());
        const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
        canvas.drawImage(image, 0, 0);
        const pixels = canvas.getImageData(0, 0, image.width, image.height).data;
        const luminances = [];
        for (let at = 0; at < pixels.length; at += 4) {
          const [r, g, b] = [0, 1, 2].map((i) => pixels[at + i] / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
          luminances.push(0.2126 * r + 0.7152 * g + 0.0722 * b);
        }
        const ground = luminances[Math.floor(image.height / 8) * image.width + Math.floor(image.width / 2)];
        return Math.max(...luminances.map((each) => (Math.max(each, ground) + 0.05) / (Math.min(each, ground) + 0.05)));
      })()`);
      // WCAG 2.2, success criterion 1.4.11.
      expect(contrast).toBeGreaterThanOrEqual(3);
    },
  );
});
