import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { type BrowserPage, closePages, hasBrowser, openPage } from "../support/browser.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";
import { widgetTag } from "../support/widget-tag.ts";

/** What the page around the widget does: it replaces its parts, transforms them, and hides them. */

const TURBO = require.resolve("@hotwired/turbo/dist/turbo.es2017-umd.js");
const HTMX = require.resolve("htmx.org/dist/htmx.min.js");

let site: Site;
let model: ModelServer;
let app: TestApp;
let base: string;

/** A website of several pages and the libraries that replace them. */
function startSite() {
  const pages = new Map<string, string>();
  const files: Record<string, string> = { "/turbo.js": TURBO, "/htmx.js": HTMX };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      const file = files[pathname];
      if (file !== undefined) return new Response(Bun.file(file));
      const html = `<!doctype html>${pages.get(pathname) ?? ""}`;
      return new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
    },
  });
  return { origin: server.url.origin, pages, stop: () => server.stop(true) };
}

type Site = ReturnType<typeof startSite>;

const tag = (attributes = "") => widgetTag(base, attributes);
const pageOf = (head: string, body: string) =>
  `<html lang="en"><head><title>A shop</title><meta name="viewport" content="width=device-width">${head}</head><body>${body}</body></html>`;

async function visit(html: string, path = "/"): Promise<BrowserPage> {
  site.pages.set(path, html);
  const page = await openPage();
  await page.goto(site.origin + path);
  await page.waitFor("window.Chatporch");
  return page;
}

/** Begins a question, of which the first words have come, and writes the beginning of another one. */
async function beginAnswer(page: BrowserPage) {
  await page.click(".launcher");
  await page.fill("textarea", "Count");
  await page.press("Enter");
  const call = await model.call(0);
  call.token("one ");
  await page.waitFor("$('.log .pending .bubble')?.textContent === 'one'");
  await page.type("A draft");
  return call;
}

/** The answer goes on where it was, and nothing of the panel was made anew. */
async function expectUndisturbed(page: BrowserPage, call: Awaited<ReturnType<typeof beginAnswer>>) {
  call.token("two");
  call.finish();
  await page.waitFor("$('.log .assistant .bubble')?.textContent === 'one two'");
  expect(await page.evaluate("$$('chatporch-widget').length")).toBe(1);
  expect(await page.evaluate("$('textarea').value")).toBe("A draft");
  expect(model.calls).toHaveLength(1);
  expect(page.console.filter(({ text }) => !text.includes("favicon"))).toEqual([]);
  await page.click("[title='Close']");
  await page.waitFor("$('.panel').hidden");
}

beforeEach(() => {
  site = startSite();
  model = startModelServer(silence);
  app = createTestApp({ modelUrl: model.url, env: { CORS_ORIGIN: site.origin } });
  base = app.listen();
});
afterEach(async () => {
  closePages();
  await app.close();
  await model.stop();
  await site.stop();
});

const TURBO_TAG = '<script src="/turbo.js" defer></script>';
const HTMX_TAG = '<script src="/htmx.js" defer></script>';
const LINK = '<a id="next" href="/two">Next</a>';
const HTMX_LINK =
  '<button id="next" hx-get="/two" hx-target="body" hx-swap="innerHTML">Next</button>';

describe.skipIf(!hasBrowser)("the widget survives, in the middle of an answer,", () => {
  test.each([
    ["Turbo, with the tag in the head", () => [`${TURBO_TAG}${tag()}`, LINK, ""] as const],
    ["Turbo, with the tag in the body", () => [TURBO_TAG, LINK, tag()] as const],
    ["htmx, with the tag in the head", () => [`${HTMX_TAG}${tag()}`, HTMX_LINK, ""] as const],
    ["htmx, with the tag in the body", () => [HTMX_TAG, HTMX_LINK, tag()] as const],
  ])("a page replaced by %s", async (_how, parts) => {
    const [head, link, end] = parts();
    site.pages.set("/two", pageOf(head, `<main id="two">Two</main>${end}`));
    const page = await visit(pageOf(head, `<main>${link}</main>${end}`));
    const call = await beginAnswer(page);
    await page.click("#next");
    await page.waitFor("$('#two')");
    await expectUndisturbed(page, call);
  });

  test.each([
    ["its body is replaced", "document.body.replaceWith(document.createElement('body'))", "head"],
    ["its body is emptied", "document.body.innerHTML = ''", "head"],
    [
      "a script that has run comes with the new body and does not run again",
      `(async () => {
        const text = await (await fetch(location.href)).text();
        const { body } = new DOMParser().parseFromString(text, "text/html");
        body.querySelector("script").setAttribute("data-astro-exec", "");
        document.body.replaceWith(body);
      })()`,
      "body",
    ],
    [
      "the whole document is replaced",
      `(() => {
        const copy = document.documentElement.cloneNode(true);
        copy.querySelector("chatporch-widget").remove();
        document.documentElement.replaceWith(copy);
      })()`,
      "body",
    ],
  ])("when %s", async (_what, script, place) => {
    const [head, end] = place === "head" ? [tag(), ""] : ["", `<div>${tag()}</div>`];
    const page = await visit(pageOf(head, `<main>One</main>${end}`));
    const call = await beginAnswer(page);
    await page.evaluate(`void (${script})`);
    await expectUndisturbed(page, call);
  });
});

describe.skipIf(!hasBrowser)("the widget", () => {
  test("shows what a tag says that takes the place of its own", async () => {
    const page = await visit(pageOf("", `<div id="part">${tag("data-title=One")}</div>`));
    await page.evaluate(`void (() => {
      const next = $("#part script").cloneNode();
      next.dataset.title = "Two";
      $("#part").innerHTML = "";
      $("#part").append(next);
    })()`);
    await page.waitFor("$('.launcher')?.ariaLabel === 'Two'");
    expect(await page.evaluate("$$('chatporch-widget').length")).toBe(1);
  });

  test.each(["$('#part').remove()", "$('#part').replaceChildren()", "$('main').innerHTML = ''"])(
    "goes when its tag goes, wherever the tag was, and comes with the next tag: %s",
    async (script) => {
      const page = await visit(pageOf("", `<main><div id="part">${tag()}</div></main>`));
      await page.evaluate(`void (${script})`);
      await page.waitFor("!window.Chatporch && !$('chatporch-widget')");
      await page.evaluate(
        `void document.body.append(document.createRange().createContextualFragment(${JSON.stringify(tag())}))`,
      );
      await page.waitFor("window.Chatporch && $$('.launcher').length === 1");
    },
  );

  /** Puts a tag on the page, as a React component does in an effect, and takes it away in the effect's clean-up. */
  const EFFECT = `void (window.runs = 0, window.effect = () => {
    const script = $("template").content.firstElementChild.cloneNode();
    script.onload = () => runs++;
    document.body.append(script);
    return () => script.remove();
  })`;

  async function visitApp(): Promise<BrowserPage> {
    site.pages.set("/", pageOf("", `<template>${tag()}</template>`));
    const page = await openPage();
    await page.goto(site.origin);
    await page.evaluate(EFFECT);
    return page;
  }

  test("is there once for a tag that is put, removed and put again at once, and goes with it", async () => {
    const page = await visitApp();
    await page.evaluate("void (effect()(), window.clean = effect())");
    await page.waitFor("runs === 2 && window.Chatporch");
    expect(await page.evaluate("$$('chatporch-widget').length")).toBe(1);
    await page.evaluate("clean()");
    await page.waitFor("!window.Chatporch && !$('chatporch-widget')");
    expect(page.console.filter(({ text }) => !text.includes("favicon"))).toEqual([]);
  });

  test("does not come for a tag that is removed before its script has run", async () => {
    const page = await visitApp();
    await page.evaluate("effect()()");
    await page.waitFor("runs === 1");
    expect(await page.evaluate("[typeof Chatporch, $$('chatporch-widget').length]")).toEqual([
      "undefined",
      0,
    ]);
  });

  test("goes when the page removes its element", async () => {
    const page = await visit(pageOf("", tag()));
    await page.evaluate("$('chatporch-widget').remove()");
    await page.waitFor("!window.Chatporch && !$('chatporch-widget')");
  });

  test.each([
    "body { transform: translateX(0) }",
    "body { filter: grayscale(1) }",
    "body { will-change: transform }",
    "body { contain: paint; overflow: hidden }",
    "body { opacity: 0 }",
    "body { visibility: hidden }",
    "html { transform: translateX(0) }",
    "html { filter: grayscale(1) }",
    "html { contain: layout paint; perspective: 100px }",
    "html { overflow: hidden } body { position: fixed; inset: 0; z-index: 2147483647; background: red }",
    "[popover], ::backdrop { background: red !important; inset: 50% !important }",
  ])("stands in the corner of what the visitor sees, and opens there: %s", async (style) => {
    const page = await visit(
      pageOf(`<style>${style}</style>${tag()}`, '<div style="height:3000px">A long page</div>'),
    );
    const corner = `(({ right, bottom }) => [innerWidth - right, innerHeight - bottom])`;
    const [right, bottom] = await page.evaluate<number[]>(
      `${corner}($(".launcher").getBoundingClientRect())`,
    );
    // Beside the scroll bar, where the browser has one.
    expect([Number(right) <= 40, bottom]).toEqual([true, 24]);
    expect(await page.evaluate("$('.launcher').checkVisibility({ checkOpacity: true })")).toBe(
      true,
    );
    await page.click(".launcher");
    await page.waitFor("$('.panel') && !$('.panel').hidden");
    await page.waitFor(`${corner}($(".panel").getBoundingClientRect())[1] === 92`);
    await page.fill("textarea", "Hi");
    expect(
      await page.evaluate("getComputedStyle($('chatporch-widget'), '::backdrop').content"),
    ).toBe("normal");
  });

  test("adds nothing to a page in a browser that is too old, and says so in one line", async () => {
    site.pages.set("/", pageOf(tag("data-open"), "A page"));
    const page = await openPage({
      beforeLoad: `const { supports } = CSS;
        CSS.supports = (name, ...rest) => name !== "container-type" && supports(name, ...rest);`,
    });
    await page.goto(site.origin);
    await page.waitForConsole(/chatporch.*needs a newer browser/);
    expect(page.console.filter(({ text }) => !text.includes("favicon"))).toHaveLength(1);
    expect(await page.evaluate("[$$('chatporch-widget').length, typeof Chatporch]")).toEqual([
      0,
      "undefined",
    ]);
  });

  test.each([
    ["html { color-scheme: dark }", "light", "dark"],
    ["html { color-scheme: light }", "dark", "light"],
    ["html { color-scheme: light dark }", "dark", "dark"],
    ["</style><meta name=color-scheme content=dark><style>", "light", "dark"],
    ["", "dark", "dark"],
    ["", "light", "light"],
  ] as const)(
    "has the scheme of the page, or else the visitor's: %s, %s",
    async (style, colorScheme, expected) => {
      site.pages.set("/", pageOf(`<style>${style}</style>${tag("data-open")}`, "A page"));
      const page = await openPage({ colorScheme });
      await page.goto(site.origin);
      const ground = { light: "rgb(255, 255, 255)", dark: "rgb(24, 26, 31)" };
      const isShown = (scheme: "light" | "dark") =>
        page.waitFor(
          `$(".panel") && getComputedStyle($(".panel")).backgroundColor === "${ground[scheme]}"`,
        );
      await isShown(expected);
      // A switch of the page.
      for (const scheme of ["dark", "light"] as const) {
        await page.evaluate(`void (document.documentElement.style.colorScheme = "${scheme}")`);
        await isShown(scheme);
      }
    },
  );

  test("stands where the page's own order puts it when the page has one", async () => {
    const cover = '<div id="cover" style="position:fixed;inset:0;z-index:6"></div>';
    const page = await visit(pageOf(tag("data-z-index=5"), cover));
    const onTop = "(({ x, y }) => document.elementFromPoint(x + 20, y + 20).localName)";
    const hit = `${onTop}($(".launcher").getBoundingClientRect())`;
    expect(await page.evaluate(hit)).toBe("div");
    await page.evaluate("void ($('#cover').style.zIndex = 4)");
    expect(await page.evaluate(hit)).toBe("chatporch-widget");
  });
});
