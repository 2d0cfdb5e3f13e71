import { describe, expect, test } from "bun:test";

import { silence } from "../../harness/model-server.ts";
import { accessibleElements } from "../support/accessibility.ts";
import { type BrowserPage, hasBrowser } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import { ENDED, openPanel, type PanelOptions } from "../support/open-panel.ts";

/** What a visitor can do with an answer, and with the conversation. */

const chat = chatWebsite();

const visit = (options?: PanelOptions) => openPanel(chat.website, chat.server, options);
const FOCUSED = "$('chatporch-widget').shadowRoot.activeElement";
const answers = "$$('.log .assistant:not(.pending)')";
/** Which answers show their row of actions. */
const SHOWN = `${answers}.map((each) => getComputedStyle(each.querySelector('.actions')).opacity).join()`;

async function ask(page: BrowserPage, ...questions: string[]): Promise<void> {
  for (const question of questions) {
    const count = await page.evaluate<number>(`${answers}.length`);
    await page.fill("textarea", question);
    await page.press("Enter");
    await page.waitFor(`${answers}.length > ${count} && ${ENDED}`);
  }
}

describe.skipIf(!hasBrowser)("the actions under an answer", () => {
  test("take no room of their own, and are shown under the last one and under the one in use", async () => {
    const page = await visit();
    await ask(page, "One", "Two");
    await page.cdp("Input.dispatchMouseEvent", { type: "mouseMoved", x: 1, y: 1 });
    await page.waitFor(`${SHOWN} === '0,1'`);
    const gap =
      "(([first, second]) => second.getBoundingClientRect().top - first.getBoundingClientRect().bottom)([$$('.log .assistant .bubble')[0], $$('.log .user .bubble')[1]])";
    // New messages come with a movement.
    await page.waitFor(`${gap} < 30`);
    await page.evaluate("$('.log .copy').focus()");
    await page.waitFor(`${SHOWN} === '1,1'`);
    await page.evaluate("$('textarea').focus()");
    await page.waitFor(`${SHOWN} === '0,1'`);
    const { x, y } = await page.evaluate<{ x: number; y: number }>(
      "(({ x, y }) => ({ x: x + 9, y: y + 9 }))($('.log .assistant').getBoundingClientRect())",
    );
    await page.cdp("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
    await page.waitFor(`${SHOWN} === '1,1'`);
  });

  test("say in the console, and not to the visitor, that the browser did not let them copy", async () => {
    const page = await visit();
    await ask(page, "One");
    await page.evaluate(
      "void (navigator.clipboard.writeText = async () => { throw 'not allowed'; })",
    );
    await page.click(".log .copy");
    await page.waitForConsole(/^\[chatporch\] not allowed$/);
    expect(page.console.filter(({ type }) => type === "exception")).toEqual([]);
    expect(await page.evaluate("$('.announcer').textContent")).not.toContain("Copied");
  });

  test("are as large as a pointer needs, have names, and stand beside the time of the answer", async () => {
    const page = await visit();
    await ask(page, "One");
    const sizes = await page.evaluate<number[]>(
      "$$('.actions button').flatMap((each) => [each.offsetWidth, each.offsetHeight])",
    );
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(24);
    const elements = await accessibleElements(page);
    expect(elements).toContain("button: Copy");
    expect(elements).toContain("button: Ask again");
    const [moment, short] = await page.evaluate<[string, string]>(
      "(({ dateTime, textContent, title }) => [dateTime, textContent, title])($('.actions time'))",
    );
    expect(new Date(moment).toISOString()).toBe(moment);
    expect(short).toMatch(/^\d{1,2}:\d\d\s?[AP]M$/);
  });

  test("have times also where the browser names a language that is none", async () => {
    const page = await visit({
      beforeLoad:
        "Object.defineProperty(navigator, 'languages', { get: () => ['en-US@posix', 'en-GB'] })",
    });
    await ask(page, "Do you ship?");
    await page.waitFor(ENDED);
    expect(await page.evaluate("$('.actions time').textContent")).toMatch(/^\d\d:\d\d$/);
  });

  test("ask the last question again", async () => {
    const page = await visit();
    await ask(page, "One", "Two");
    await page.click(".log > :last-child .again");
    await page.waitFor(`${answers}.length === 3`);
    expect(await page.evaluate("$$('.user .bubble').map((each) => each.textContent)")).toEqual([
      "One",
      "Two",
      "Two",
    ]);
    expect(
      await page.evaluate("$$('.again').filter((each) => each.checkVisibility()).length"),
    ).toBe(1);
  });

  test("stand below a line with the day, where that changes in a history", async () => {
    const page = await visit();
    await ask(page, "One");
    expect(await page.evaluate("$$('.day').length")).toBe(0);
    chat.app.clock.advance(26 * 60 * 60 * 1000);
    await ask(page, "Two");
    await page.reload();
    await page.waitFor("window.Chatporch");
    await page.evaluate("Chatporch.open()");
    await page.waitFor(`${answers}.length === 2`);
    const days = await page.evaluate<string[]>("$$('.day').map((each) => each.textContent)");
    expect(days.at(-1)).toMatch(/^[A-Z][a-z]+ \d+, \d{4}$/);
    expect(await page.evaluate("$$('.log .user')[1].firstChild.className")).toBe("day");
  });
});

test.skipIf(!hasBrowser)(
  "whoever waits for an answer for six seconds reads and hears that it is thought about, once",
  async () => {
    chat.model.script = silence;
    const page = await visit();
    await page.fill("textarea", "Why?");
    await page.press("Enter");
    const call = await chat.model.call(0);
    await page.waitFor("$('.dots')?.textContent === 'Still thinking…'");
    const said =
      "$$('.announcer div').filter((each) => each.textContent === 'Still thinking…').length";
    expect(await page.evaluate(said)).toBe(1);
    call.token("Because.");
    call.finish();
    await page.waitFor(`${ENDED} && !$('.dots')`);
  },
);

describe.skipIf(!hasBrowser)("the menu", () => {
  const PRIVACY = { attributes: 'data-privacy-url="https://a.test/"' };

  test("is opened, walked through and closed with the keyboard, and gives the focus back", async () => {
    const page = await visit(PRIVACY);
    await ask(page, "One");
    await page.evaluate("$('.menu .tool').focus()");
    await page.press("Enter");
    const elements = await accessibleElements(page);
    expect(elements).toContain("menu: More");
    expect(elements).toContain("menuitem: Download transcript");
    const seen: string[] = [];
    for (const key of ["", "ArrowDown", "End", "ArrowDown", "ArrowUp", "Home"]) {
      if (key) await page.press(key);
      seen.push(await page.evaluate(`${FOCUSED}.textContent`));
    }
    expect(seen).toEqual([
      "New chat",
      "Download transcript",
      "Privacy",
      "New chat",
      "Privacy",
      "New chat",
    ]);
    await page.press("Escape");
    // The panel stays.
    expect(await page.evaluate(`$('.panel').checkVisibility() && ${FOCUSED}.title`)).toBe("More");
    expect(await page.evaluate("$('.items').checkVisibility()")).toBe(false);
    await page.press("ArrowDown");
    expect(await page.evaluate(`${FOCUSED}.textContent`)).toBe("New chat");
    await page.press("Tab");
    await page.waitFor("!$('.items').checkVisibility()");
    await page.click(".menu .tool");
    await page.click("textarea");
    await page.waitFor("!$('.items').checkVisibility()");
  });

  test("begins a new chat, and is not there while there is nothing to choose", async () => {
    const page = await visit();
    const isThere = "$('.menu').checkVisibility()";
    expect(await page.evaluate(isThere)).toBe(false);
    await ask(page, "One");
    await page.click(".menu .tool");
    await page.click(".items > :first-child");
    await page.waitFor("$$('.message').length === 1");
    expect(await page.evaluate(`${FOCUSED}.localName`)).toBe("textarea");
    await page.click(".menu .tool");
    expect(await page.evaluate("$('.items').innerText")).toBe("Earlier chats");
  });

  test("gives the conversation as a file", async () => {
    const page = await visit({
      attributes: "data-title='The shop'",
      beforeLoad: `
        const create = URL.createObjectURL;
        URL.createObjectURL = (blob) => { blob.text().then((text) => { window.saved = text; }); return create(blob); };`,
    });
    await ask(page, "Do you ship?");
    await page.click(".menu .tool");
    await page.click(".items > :nth-child(2)");
    const saved = await page.waitFor<string>("window.saved");
    expect(saved).toMatch(
      /^# The shop\n\n## You, .+ \d{4}.+\n\nDo you ship\?\n\n## The shop, .+\n\nHello there\n$/,
    );
  });
});
