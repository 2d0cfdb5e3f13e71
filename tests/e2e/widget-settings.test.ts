import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";

import { accessibleElement } from "../support/accessibility.ts";
import { type BrowserPage, closePages, hasBrowser, openPage } from "../support/browser.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";
import { startWebsite, type Website } from "../support/website.ts";
import { widgetTag } from "../support/widget-tag.ts";

const AVATAR = "$('.head .avatar')";
const LOADED = `${AVATAR}?.complete && ${AVATAR}.naturalWidth`;

let app: TestApp;
let website: Website;
/** A server of images, and what was asked of it. */
let images: ReturnType<typeof startImages>;

function startImages() {
  const referrers: (string | null)[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      referrers.push(request.headers.get("referer"));
      if (!request.url.endsWith("/logo.svg")) return new Response("gone", { status: 404 });
      const svg =
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><rect width="90" height="30" rx="6" fill="#0f766e"/><circle cx="15" cy="15" r="8" fill="#fff"/></svg>';
      return new Response(svg, { headers: { "content-type": "image/svg+xml" } });
    },
  });
  return { origin: server.url.origin, referrers, stop: () => server.stop(true) };
}

beforeEach(() => {
  website = startWebsite();
  images = startImages();
  app = createTestApp({ env: { CORS_ORIGIN: website.origin } });
});
afterEach(async () => {
  closePages();
  await app.close();
  await website.stop();
  await images.stop();
});
afterAll(closePages);

interface Visit {
  readonly size?: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
  /** The page's policy for images. */
  readonly imgSrc?: string;
}

/** Opens a page with the widget. */
async function visit(attributes: string, options: Visit = {}): Promise<BrowserPage> {
  const server = app.listen();
  const { size, colorScheme = "light", imgSrc } = options;
  website.show(
    widgetTag(server, attributes),
    imgSrc === undefined ? {} : { "content-security-policy": `img-src ${imgSrc}` },
  );
  const page = await openPage({ ...size, colorScheme });
  await page.goto(website.origin);
  await page.waitFor("window.Chatporch");
  if (attributes.includes("data-open")) {
    // On a small screen, it does not open by itself.
    await page.evaluate("void ((innerWidth > 520 && innerHeight > 480) || Chatporch.open())");
    await page.waitFor("$('.panel')");
  }
  return page;
}

describe.skipIf(!hasBrowser)("texts of the page", () => {
  test("stand in the place of any of the widget's, and a name that it does not have is said", async () => {
    const attributes = 'data-open data-text-send="Ask" data-text-privacy="Data" data-lang="de"';
    const page = await visit(`${attributes} data-text-go-onn="Go on"`);
    const said = "[$('.send').title, $('.panel > p a').textContent, $('.tool').title]";
    expect(await page.evaluate(said)).toEqual(["Ask", "Data", "Mehr"]);
    await page.waitForConsole(/data-text-go-onn is missing or wrong/);
    await page.evaluate("Chatporch.set({ textSend: undefined, textMenu: 'Options' })");
    expect(await page.evaluate(said)).toEqual(["Senden", "Data", "Options"]);
  });
});

describe.skipIf(!hasBrowser)("texts and looks that the owner has set", () => {
  test("are on every page, whose own attributes win", async () => {
    const texts = {
      WIDGET_TITLE: "Of the owner",
      WIDGET_SUBTITLE: "We answer at once",
      WIDGET_GREETING: "Good day!",
      WIDGET_SUGGESTIONS: "Prices | Hours",
      WIDGET_COLOR: "#0f766e",
      WIDGET_NOTICE: "Our robot answers.",
      WIDGET_PRIVACY_URL: "https://www.example.com/privacy",
      WIDGET_LOGO: `${images.origin}/logo.svg`,
    };
    await app.settings.change(texts, { by: "the dashboard" });
    const page = await visit('data-open data-welcome-message="Of the page"');
    const panel = await page.evaluate<string>("$('.panel').textContent");
    for (const text of ["Of the owner", "We answer at once", "Of the page", "Prices"]) {
      expect(panel).toContain(text);
    }
    expect(panel).toContain("Our robot answers.");
    expect(panel).not.toContain("Good day!");
    expect(await page.evaluate("$('.panel > p a').href")).toBe("https://www.example.com/privacy");
    await page.waitFor(LOADED);
    expect(await page.evaluate(`${AVATAR}.src`)).toBe(`${images.origin}/logo.svg`);
    expect(images.referrers).toEqual([null]);
  });

  test("are no attributes of a page that has its own subtitle and logo", async () => {
    const texts = { WIDGET_SUBTITLE: "Of the owner", WIDGET_LOGO: `${images.origin}/gone.svg` };
    await app.settings.change(texts, { by: "the dashboard" });
    const page = await visit(
      `data-open data-subtitle="Of the page" data-logo="${images.origin}/logo.svg"`,
    );
    await page.waitFor(LOADED);
    expect(await page.evaluate("$('#subtitle').textContent")).toBe("Of the page");
    expect(images.referrers).toHaveLength(1);
  });
});

describe.skipIf(!hasBrowser)("the head of the panel", () => {
  const title = 'data-title="hearth &amp; Grain" data-subtitle="We answer at once"';

  test("loads the logo with the panel, and not with the page", async () => {
    const page = await visit(`${title} data-logo="${images.origin}/logo.svg"`);
    await page.waitFor("document.readyState === 'complete'");
    expect(images.referrers).toEqual([]);
    await page.click(".launcher");
    await page.waitFor(LOADED);
    expect(images.referrers).toEqual([null]);
  });

  test("is the name and the description of the dialog, and the logo has no other name", async () => {
    const page = await visit(`data-open ${title} data-logo="${images.origin}/logo.svg"`);
    await page.waitFor(LOADED);
    expect(await accessibleElement(page, ".panel")).toMatchObject({
      role: { value: "dialog" },
      name: { value: "hearth & Grain" },
      description: { value: "We answer at once" },
    });
    expect(await page.evaluate(`${AVATAR}.alt`)).toBe("");
  });

  test.each([
    ["that does not load", () => `${images.origin}/gone.svg`, undefined],
    ["that the page forbids", () => `${images.origin}/logo.svg`, "'self'"],
  ])("has the title's first letter in place of a logo %s", async (_what, logo, imgSrc) => {
    const options = imgSrc === undefined ? {} : { imgSrc };
    const page = await visit(`data-open ${title} data-logo="${logo()}"`, options);
    await page.waitFor(`${AVATAR}.textContent === "H"`);
    expect(await page.evaluate("$$('.head img').length")).toBe(0);
  });

  test("has an icon, and says what it is, where the owner has set neither logo nor title", async () => {
    const page = await visit("data-open");
    expect(await page.evaluate(`${AVATAR}.firstChild.localName`)).toBe("svg");
    expect(await page.evaluate("$('#subtitle').textContent")).toBe("AI assistant");
  });

  const LONG = "A rather long line that somebody has written for a website. ".repeat(3);
  test.each([
    ["light", {}, title],
    ["dark", { colorScheme: "dark" }, title],
    ["small", { size: { width: 360, height: 640 } }, title],
    ["low", { size: { width: 640, height: 320 } }, `data-title="${LONG}" data-subtitle="${LONG}"`],
    ["long", {}, `data-title="${LONG}" data-subtitle="${LONG}"`],
    [
      "right-to-left",
      { size: { width: 360, height: 640 }, colorScheme: "dark" },
      'data-lang="ar" data-title="مخبز" data-subtitle="نجيب فورًا"',
    ],
  ] as const)(
    "keeps its buttons and leaves room for the rest: %s",
    async (name, options, texts) => {
      const page = await visit(`data-open ${texts} data-logo="${images.origin}/logo.svg"`, options);
      await page.waitFor(LOADED);
      expect(await page.evaluate(FITS)).toBe(true);
      await page.screenshot(`head-${name}`);
    },
  );
});

/** Whether logo, texts and Close are whole within the head, side by side, and the head takes a third at most. */
const FITS = `(() => {
  const box = (selector) => $(selector).getBoundingClientRect();
  const head = box(".head");
  const within = [".head .avatar", ".names", ".head > .tool:last-child"].every((selector) => {
    const { left, right, top, bottom } = box(selector);
    return left >= head.left && right <= head.right && top >= head.top && bottom <= head.bottom;
  });
  const panel = box(".panel");
  return within && head.height <= panel.height / 3 && $(".panel").scrollWidth <= $(".panel").clientWidth;
})()`;
