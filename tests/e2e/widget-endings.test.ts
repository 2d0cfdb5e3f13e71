import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { answer, failure, type ModelCall, silence } from "../../harness/model-server.ts";
import { hasBrowser } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import { type Gate, startGate } from "../support/gate.ts";
import { openPanel } from "../support/open-panel.ts";
import { ask, pressTwice, shown } from "../support/panel-page.ts";

/** How an answer ended, what is said of it, and what a visitor can do then. */

const chat = chatWebsite();
let gate: Gate;

const visit = (attributes = "") =>
  openPanel(chat.website, gate.target, { attributes: `data-api-url="${gate.url}" ${attributes}` });

const notice = (text: string) => `$(".notice:not([hidden]) span")?.textContent === "${text}"`;
const button = (text: string) => `$(".notice button:not([hidden])")?.textContent === "${text}"`;

function cutAtItsLimit(call: ModelCall): void {
  call.token("First, second");
  call.finish("length");
}

describe.skipIf(!hasBrowser)("the widget", () => {
  beforeEach(() => {
    gate = startGate(chat.server);
  });
  afterEach(() => gate.stop());

  test("says that an answer reached its length limit, also after a reload, and asks for the rest", async () => {
    chat.model.script = cutAtItsLimit;
    const page = await visit();
    await ask(page, "Count");
    const limited = `${notice("The answer reached its length limit.")} && ${button("Continue")}`;
    await page.waitFor(limited);
    await page.screenshot("ending-limited");
    await page.reload();
    await page.waitFor("window.Chatporch");
    await page.evaluate("Chatporch.open()");
    await page.waitFor(limited);
    chat.model.script = answer("third");
    await page.evaluate(pressTwice(".retry"));
    await page.waitFor(
      `$('.notice').hidden && ${shown("Count", "First, second", "Continue", "third")}`,
    );
    expect(await page.evaluate("$('chatporch-widget').shadowRoot.activeElement.tagName")).toBe(
      "TEXTAREA",
    );
  });

  test("says that an answer broke off, and asks for it again", async () => {
    chat.model.script = (call) => {
      call.token("Half of");
      call.end();
    };
    const page = await visit('data-contact-url="mailto:shop@example.com"');
    await ask(page, "Tell me");
    await page.waitFor(`${notice("The answer broke off.")} && ${button("Try again")}`);
    expect(await page.evaluate("$('a.retry').hidden")).toBe(true);
    chat.model.script = answer("All of it");
    await page.click(".retry");
    await page.waitFor(shown("Tell me", "All of it"));
  });

  test("offers a way to people beside the second try when the assistant cannot be reached", async () => {
    chat.model.script = () => failure(400);
    const page = await visit('data-contact-url="https://shop.example/contact"');
    await ask(page, "Hello?");
    await page.waitFor(
      `${notice("The assistant cannot be reached right now.")} && ${button("Try again")}`,
    );
    expect(
      await page.evaluate(
        "(({ textContent, href, hidden }) => [textContent, href, hidden])($('a.retry'))",
      ),
    ).toEqual(["Write to us", "https://shop.example/contact", false]);
    for (const [width, colorScheme] of [
      [360, "light"],
      [900, "dark"],
    ] as const) {
      await page.resize({ width, height: 760 });
      await page.prefer({ colorScheme });
      await page.screenshot(`ending-down-${width}-${colorScheme}`);
    }
  });

  test("shows a question at once while the earlier messages are loading, and asks it after them", async () => {
    const page = await visit();
    await ask(page, "First");
    await page.waitFor(shown("First", "Hello there"));
    const held = Promise.withResolvers<void>();
    gate.answer = (request) => {
      if (request.method !== "GET" || !request.url.includes("/history")) return undefined;
      return held.promise.then(() => gate.pass(request));
    };
    await page.reload();
    await page.waitFor("window.Chatporch");
    await page.evaluate("Chatporch.open()");
    await page.waitFor("$('.skeleton')?.checkVisibility() && $('.log').ariaBusy === 'true'");
    await ask(page, "Second");
    await page.waitFor(`${shown("Second")} && $$(".user.pending").length === 1`);
    await page.screenshot("history-loading");
    await page.waitFor("$('.announcer').textContent.includes('Loading earlier messages…')");
    held.resolve();
    await page.waitFor(
      `${shown("First", "Hello there", "Second", "Hello there")} && !$('.skeleton').checkVisibility() && !$(".user.pending")`,
    );
  });

  test("counts from 3,500 characters on, and says when a paste was cut", async () => {
    const page = await visit();
    const room = (text: string) => `$('.room').textContent === "${text}"`;
    await page.fill("textarea", "x".repeat(3499));
    await page.type("xyz");
    await page.waitFor(room("498 characters left"));
    await page.screenshot("room-left");
    // A paste of the browser's own, of as much as stands there.
    const edit = (command: string) =>
      page.cdp("Input.dispatchKeyEvent", { type: "keyDown", key: "F24", commands: [command] });
    for (const command of ["selectAll", "copy", "moveToEndOfDocument", "paste"])
      await edit(command);
    await page.waitFor(room("Only the first 4000 characters fit."));
    expect(await page.evaluate("$('textarea').value.length")).toBe(4000);
    await page.fill("textarea", "short");
    await page.waitFor(room(""));
  });

  test("counts while an answer is written, too", async () => {
    chat.model.script = silence;
    const page = await visit();
    await ask(page, "Tell me everything");
    const call = await chat.model.call(0);
    const writing = setInterval(() => call.token("word "), 20);
    try {
      await page.waitFor("$('.log .pending .bubble')?.textContent.includes('word')");
      await page.fill("textarea", "x".repeat(3600));
      await page.waitFor("$('.room').textContent === '400 characters left' && $('.log .pending')");
    } finally {
      clearInterval(writing);
    }
  });
});
