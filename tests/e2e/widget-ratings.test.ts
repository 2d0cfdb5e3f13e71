import { describe, expect, test } from "bun:test";

import type { Message } from "../../src/conversation/records.ts";
import { accessibleElements } from "../support/accessibility.ts";
import { readList, readThread } from "../support/admin-requests.ts";
import { type BrowserPage, hasBrowser, openPage } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import { type Gate, startGate } from "../support/gate.ts";
import { STANDS_STILL } from "../support/in-page.ts";
import { openPanel } from "../support/open-panel.ts";
import { ask, finished } from "../support/panel-page.ts";
import { until } from "../support/until.ts";
import { widgetTag } from "../support/widget-tag.ts";

/** What visitors say of answers: thumbs, and what was wrong. */

const chat = chatWebsite();

const isRated = (thumb: "up" | "down", isPressed = true) =>
  `$(".rate.${thumb}")?.ariaPressed === "${isPressed}"`;
const hasFocus = (selector: string) => `$("${selector}")?.matches(":focus")`;
const LOADED = `performance.getEntriesByType("resource").filter(({ name }) => /[.]people[.]|settings[.]json/.test(name)).length`;

/** Opens the panel, and has a question answered. */
async function visit(server = chat.server): Promise<BrowserPage> {
  const page = await openPanel(chat.website, server);
  await ask(page, "How much is it?");
  await page.waitFor("$('.rate.down')");
  return page;
}

/** What the owner sees of the answer's rating. */
async function stored(): Promise<Message["rating"]> {
  const [listed] = (await readList(chat.app)).conversations;
  const { messages } = await readThread(chat.app, listed?.id ?? "");
  return messages.find(({ role }) => role === "assistant")?.rating;
}

/** The conversation moves until the form can be seen. */
const FORM_IS_THERE = `$(".why") && ${STANDS_STILL}`;

describe.skipIf(!hasBrowser)("an answer in the widget", () => {
  test("is rated up, then down, then not at all, and shows its rating after a reload and in other tabs", async () => {
    const page = await visit();
    await page.click(".rate.up");
    await page.waitFor(isRated("up"));
    await page.waitFor("$('.why') === undefined");
    await page.click(".rate.down");
    await page.waitFor(`${isRated("down")} && ${isRated("up", false)}`);
    await until(async () => (await stored())?.value === "negative");
    await page.reload();
    await page.evaluate("Chatporch.open()");
    await page.waitFor(`${isRated("down")} && ${isRated("up", false)}`);
    expect(await page.evaluate("$$('.why').length")).toBe(0);
    expect((await stored())?.value).toBe("negative");

    chat.website.show(widgetTag(chat.server, "data-open"));
    const other = await openPage();
    await other.goto(chat.website.origin);
    await other.waitFor(isRated("down"));
    await other.click(".rate.down");
    await other.waitFor(isRated("down", false));
    await page.waitFor(isRated("down", false));
    expect(await stored()).toBeUndefined();
    expect([...page.console, ...other.console]).toEqual([]);
  });

  test("that was rated down asks what was wrong, by keyboard too, and sends reasons and a comment", async () => {
    const page = await visit();
    await page.evaluate("$('.rate.down').focus()");
    await page.press("Enter");
    await page.waitFor(FORM_IS_THERE);
    // The reader goes on reading where he was.
    expect(await page.evaluate(hasFocus(".rate.down"))).toBe(true);
    const names = await accessibleElements(page);
    for (const name of ["Helpful", "Not helpful", "What was wrong?", "Tell us more (optional)"]) {
      expect(names.some((each) => each.includes(`: ${name}`))).toBe(true);
    }
    await page.press("Tab");
    await page.press("Tab");
    await page.press("Tab");
    await page.waitFor(hasFocus(".chip"));
    await page.press("Space");
    await page.click(".chip:nth-child(3)");
    await page.click(".chip:nth-child(4)");
    await page.click(".chip:nth-child(4)");
    await page.fill(".why textarea", "x".repeat(1200));
    await page.waitFor("$('.why .count').textContent === '0 characters left'");
    await page.fill(".why textarea", "  It lacks the price.  ");
    await page.click(".why .do");
    await page.waitFor("$('.below')?.textContent === 'Thank you!' && !$('.why')");
    await page.waitFor("$('.announcer').textContent.includes('Thank you!')");
    expect(await page.evaluate(hasFocus(".rate.down"))).toBe(true);
    const { at: _at, ...rating } = Object(await stored());
    expect(rating).toEqual({
      value: "negative",
      reasons: ["wrong", "off_topic"],
      comment: "It lacks the price.",
    });
  });

  test("keeps its rating when the visitor does not want to say more; Esc closes the form and nothing else", async () => {
    const page = await visit();
    await page.click(".rate.down");
    await page.waitFor(FORM_IS_THERE);
    await page.click(".why .tool");
    await page.waitFor("!$('.why')");
    await page.click(".rate.down");
    await page.waitFor(isRated("down", false));
    await page.click(".rate.down");
    await page.waitFor(FORM_IS_THERE);
    await page.evaluate("$('.why textarea').focus()");
    await page.press("Escape");
    await page.waitFor("!$('.why')");
    expect(await page.evaluate("$('.panel').checkVisibility()")).toBe(true);
    await until(async () => (await stored())?.value === "negative");
  });

  test("has its form again, as it was, when the page says that the widget looks different", async () => {
    const page = await visit();
    await page.click(".rate.down");
    await page.waitFor(FORM_IS_THERE);
    await page.click(".chip");
    await page.fill(".why textarea", "It is");
    await page.evaluate("void Chatporch.set({ lang: 'de', theme: 'dark' })");
    await page.waitFor("$('.why .do')?.textContent === 'Senden'");
    expect(
      await page.evaluate("[$('.chip').ariaPressed, $('.why textarea').value, $$('.why').length]"),
    ).toEqual(["true", "It is", 1]);
  });
});

describe.skipIf(!hasBrowser)("a rating that cannot be sent", () => {
  async function refused(act: (page: BrowserPage, gate: Gate) => Promise<void>): Promise<void> {
    const gate = startGate(chat.server);
    try {
      const page = await visit(gate.url);
      await act(page, gate);
    } finally {
      await gate.stop();
    }
  }
  const refuse = (gate: Gate) => {
    gate.answer = ({ method }) =>
      method === "PUT" ? new Response(null, { status: 503 }) : undefined;
  };

  test("is taken back, and says so", async () => {
    await refused(async (page, gate) => {
      refuse(gate);
      await page.click(".rate.up");
      await page.waitFor("$('.below')?.textContent.includes('could not be sent')");
      expect(await page.evaluate(isRated("up", false))).toBe(true);
      await page.click(".rate.down");
      await page.waitFor(`${isRated("down", false)} && !$('.why') && $('.below')`);
      expect(await stored()).toBeUndefined();
    });
  });

  test("keeps what was typed, which can be sent again", async () => {
    await refused(async (page, gate) => {
      await page.click(".rate.down");
      await page.waitFor(FORM_IS_THERE);
      await page.fill(".why textarea", "It lacks the price.");
      refuse(gate);
      await page.click(".why .do");
      await page.waitFor("$('.why .problem').textContent.includes('could not be sent')");
      expect(await page.evaluate("$('.why textarea').value")).toBe("It lacks the price.");
      gate.answer = () => undefined;
      await page.waitFor(FORM_IS_THERE);
      await page.click(".why .do");
      await page.waitFor("$('.below')?.textContent === 'Thank you!'");
      expect((await stored())?.comment).toBe("It lacks the price.");
    });
  });
});

describe.skipIf(!hasBrowser)("what ratings need", () => {
  test("is not loaded before an answer has ended", async () => {
    const page = await openPanel(chat.website, chat.server);
    await page.waitFor("$('.panel').checkVisibility()");
    expect(await page.evaluate(LOADED)).toBe(0);
  });

  test("is not loaded where the owner wants neither ratings nor a person", async () => {
    await chat.restart({ RATINGS: "off" });
    const page = await openPanel(chat.website, chat.server);
    await ask(page, "How much is it?");
    await page.waitFor(`${finished(1)} && ${LOADED} === 1`);
    await ask(page, "And that?");
    await page.waitFor(finished(2));
    // The settings, and nothing of what they turn off.
    expect(await page.evaluate(LOADED)).toBe(1);
    expect(await page.evaluate("$$('.rate').length")).toBe(0);
  });
});
