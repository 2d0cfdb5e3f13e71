import { describe, expect, test } from "bun:test";

import { answer, silence } from "../../harness/model-server.ts";
import { type BrowserPage, hasBrowser, openPage } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import { ask, finished, newChat, notice, shown } from "../support/panel-page.ts";
import { chatRequest, WIDGET_KEY } from "../support/test-app.ts";
import { widgetTag } from "../support/widget-tag.ts";

/** Several tabs, or several chats on one page, with the same conversation. */

const chat = chatWebsite();

async function openTab(beforeLoad?: string): Promise<BrowserPage> {
  chat.website.show(widgetTag(chat.server, "data-open"));
  const page = await openPage(beforeLoad === undefined ? {} : { beforeLoad });
  await page.goto(chat.website.origin);
  await page.waitFor("$('.panel')");
  return page;
}

describe.skipIf(!hasBrowser)("with the widget in two tabs", () => {
  test("a tab shows what is asked in the other one, and the answer while it is written", async () => {
    chat.model.script = silence;
    const first = await openTab();
    const second = await openTab();
    await ask(first, "Where is it?");
    const call = await chat.model.call(0);
    call.token("On its ");
    await second.waitFor(shown("Where is it?", "On its"));
    call.token("way.");
    call.finish();
    await second.waitFor(`${finished(1)} && ${shown("Where is it?", "On its way.")}`);
    await first.waitFor(finished(1));

    chat.model.script = answer("Hello there");
    await ask(second, "Thanks");
    await first.waitFor(shown("Where is it?", "On its way.", "Thanks", "Hello there"));
    expect(chat.model.calls).toHaveLength(2);
  });

  test("a question that comes during another client's answer says so, waits for its end, and is then asked", async () => {
    const page = await openTab();
    await ask(page, "First");
    await page.waitFor(finished(1));
    chat.model.script = silence;
    const session = await page.evaluate<Record<string, string>>(
      `JSON.parse(localStorage["chatporch:1:${chat.server}"])`,
    );
    const elsewhere = await fetch(
      `${chat.server}/v1/chat/stream`,
      chatRequest(
        { sessionId: session.sessionId, message: "Second" },
        { "x-session-token": session.sessionToken ?? "" },
      ),
    );
    const call = await chat.model.call(1);
    await ask(page, "Third");
    await page.waitFor(notice("another tab"));
    expect(await page.evaluate("!$('.dots')")).toBe(true);
    call.token("Two");
    chat.model.script = answer("Three");
    call.finish();
    await elsewhere.text();
    await page.waitFor(
      `$('.notice').hidden && ${finished(3)} && ${shown("First", "Hello there", "Second", "Two", "Third", "Three")}`,
    );
  });

  test("a new chat in one tab is one in the other, too, before anything is asked there", async () => {
    const first = await openTab();
    await ask(first, "First");
    await first.waitFor(finished(1));
    const second = await openTab();
    await second.waitFor(finished(1));
    await newChat(first);
    await second.waitFor(shown());
    await ask(second, "Second");
    await first.waitFor(shown("Second", "Hello there"));
    const { conversations } = await chat.app.store.listConversations({ limit: 10 });
    expect(conversations.map(({ messageCount }) => messageCount)).toEqual([2, 2]);
  });

  test("a tab that heard nothing looks when it becomes visible, and before it asks", async () => {
    const first = await openTab();
    const second = await openTab(
      "addEventListener('storage', (e) => e.stopImmediatePropagation(), true)",
    );
    await ask(first, "First");
    await first.waitFor(finished(1));
    expect(await second.evaluate(shown())).toBe(true);
    await second.evaluate(
      "document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))",
    );
    await second.waitFor(shown("First", "Hello there"));
    await newChat(first);
    await ask(second, "Second");
    await second.waitFor(shown("Second", "Hello there"));
  });

  test("a page that forgets its visitor before its own panel is loaded empties the other chat on it, too", async () => {
    chat.website.show(
      `${widgetTag(chat.server)}<script type="module" src="${chat.server}/widget/chat-porch.js"></script><chat-porch api-key="${WIDGET_KEY}"></chat-porch>`,
    );
    const page = await openPage();
    await page.goto(chat.website.origin);
    await ask(page, "Where is it?");
    await page.waitFor(shown("Where is it?", "Hello there"));
    await page.evaluate("void Chatporch.reset()");
    await page.waitFor(shown());
    expect(await page.evaluate("localStorage.length")).toBe(0);
  });

  test("two chats on one page with one conversation show the same while it is written", async () => {
    chat.website.show(
      `<script type="module" src="${chat.server}/widget/chat-porch.js"></script>${`<chat-porch api-key="${WIDGET_KEY}" conversation="help"></chat-porch>`.repeat(2)}`,
    );
    const page = await openPage({
      beforeLoad:
        "window.heard = []; addEventListener('chat-message', ({ detail }) => heard.push(detail.text), true)",
    });
    await page.goto(chat.website.origin);
    await page.waitFor("$$('textarea').length === 2");
    chat.model.script = silence;
    await ask(page, "Where is it?");
    const call = await chat.model.call(0);
    call.token("On its ");
    const both = (text: string) =>
      `$$("chat-porch").map((each) => $$(".log .bubble", each.shadowRoot).map(({ textContent }) => textContent).join()).join("|") === "${text}"`;
    await page.waitFor(both("Where is it?,On its|Where is it?,On its"));
    call.token("way.");
    call.finish();
    await page.waitFor(both("Where is it?,On its way.|Where is it?,On its way."));
    // The page hears of it once.
    await page.waitFor("!$('.pending')");
    expect(await page.evaluate("heard")).toEqual(["Where is it?", "On its way."]);
  });
});
