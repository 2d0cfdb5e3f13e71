import { describe, expect, test } from "bun:test";

import { answer, silence } from "../../harness/model-server.ts";
import { type BrowserPage, hasBrowser, openPage } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import {
  ask,
  finished,
  LISTEN,
  newChat,
  notice,
  pick,
  SHORT_OFFER,
  shown,
} from "../support/panel-page.ts";
import { until } from "../support/until.ts";
import { widgetTag } from "../support/widget-tag.ts";

/** Leaving a conversation, coming back to it, and what is kept of it in the browser. */

const chat = chatWebsite({ config: { turns: { abandonedTurnGraceMs: 10_000 } } });

async function visit(beforeLoad?: string): Promise<BrowserPage> {
  chat.website.show(widgetTag(chat.server, "data-open"));
  const page = await openPage(beforeLoad === undefined ? {} : { beforeLoad });
  await page.goto(chat.website.origin);
  await page.waitFor("$('.panel')");
  return page;
}

/** The lines of the open menu. */
const LINES = "$$('.items > *').map((each) => each.textContent)";

describe.skipIf(!hasBrowser)("the widget", () => {
  test("brings a conversation back that was left in the middle of an answer, whole and with the draft", async () => {
    chat.model.script = silence;
    const page = await visit();
    await ask(page, "Count");
    const call = await chat.model.call(0);
    call.token("one ");
    await page.waitFor(shown("Count", "one"));
    await page.type("And th");
    await newChat(page);
    await page.waitFor(notice("New chat started."));
    expect(await page.evaluate(`${shown()} && $("textarea").value === ""`)).toBe(true);
    call.token("two ");
    await page.click(".retry");
    await page.waitFor(`$(".notice").hidden && ${shown("Count", "one two")}`);
    expect(await page.evaluate("$('textarea').value")).toBe("And th");
    call.token("three");
    call.finish();
    await page.waitFor(`${finished(1)} && ${shown("Count", "one two three")}`);
    expect(chat.model.calls).toHaveLength(1);
  });

  test("offers that for a while only", async () => {
    const page = await visit(SHORT_OFFER);
    await ask(page, "First");
    await page.waitFor(finished(1));
    await newChat(page);
    await page.waitFor(`$(".notice").hidden && ${shown()}`);
    await ask(page, "Second");
    await page.waitFor(shown("Second", "Hello there"));
    // The first one is kept among the earlier ones.
    const kept = await page.evaluate(`JSON.parse(localStorage["chatporch:1:${chat.server}"])`);
    expect(kept).toMatchObject({ question: "Second", earlier: [{ question: "First" }] });
  });

  test("leads back to an earlier conversation, and deletes one for good", async () => {
    const page = await visit(SHORT_OFFER);
    await ask(page, "First");
    await page.waitFor(finished(1));
    await newChat(page);
    await page.waitFor(shown());
    await ask(page, "Second");
    await page.waitFor(finished(1));
    await page.click(".menu .tool");
    expect(await page.evaluate(LINES)).toContain("Earlier chats");
    await pick(page, "Earlier chats");
    expect(await page.evaluate(LINES)).toEqual(["First"]);
    await pick(page, "First");
    await page.waitFor(shown("First", "Hello there"));

    await page.click(".menu .tool");
    await pick(page, "Delete this chat");
    await page.waitFor(shown());
    await until(async () => (await chat.app.store.listConversations({ limit: 10 })).total === 1);
    await page.click(".menu .tool");
    await pick(page, "Earlier chats");
    expect(await page.evaluate(LINES)).toEqual(["Second"]);
  });

  test("deletes a conversation when the page is left, and not when that was undone", async () => {
    const page = await visit();
    await ask(page, "First");
    await page.waitFor(finished(1));
    await page.click(".menu .tool");
    await pick(page, "Delete this chat");
    await page.waitFor(notice("Chat deleted."));
    await page.click(".retry");
    await page.waitFor(shown("First", "Hello there"));
    await page.reload();
    await page.waitFor(shown("First", "Hello there"));
    await page.click(".menu .tool");
    await pick(page, "Delete this chat");
    await page.waitFor(notice("Chat deleted."));
    await page.goto("about:blank");
    await until(async () => (await chat.app.store.listConversations({ limit: 10 })).total === 0);
    await page.goto(chat.website.origin);
    expect(await page.evaluate(`localStorage["chatporch:1:${chat.server}"] ?? ""`)).toBe("");
  });

  test("leaves nothing of the visitor in the browser after the page's reset, with or without the panel", async () => {
    const page = await visit();
    await ask(page, "First");
    await page.waitFor(finished(1));
    await newChat(page);
    await ask(page, "Second");
    await page.waitFor(finished(1));
    await page.type("A draft");
    const name = `chatporch:1:${chat.server}`;
    const kept = `[localStorage["${name}"] ?? "", sessionStorage["${name}"] ?? ""]`;
    const [session, draft] = await page.evaluate<string[]>(kept);
    expect(session).toContain("First");
    expect(draft).toContain("A draft");
    await page.evaluate("void Chatporch.reset()");
    expect(await page.evaluate(`${kept}.concat($("textarea").value)`)).toEqual(["", "", ""]);

    await page.evaluate(
      `void Object.assign(localStorage, { "${name}": ${JSON.stringify(session)} })`,
    );
    await page.evaluate(
      `void Object.assign(sessionStorage, { "${name}": ${JSON.stringify(draft)} })`,
    );
    chat.website.show(widgetTag(chat.server));
    await page.evaluate("void sessionStorage.removeItem('chatporch:open')");
    await page.reload();
    await page.waitFor("window.Chatporch");
    await page.evaluate("void Chatporch.reset()");
    expect(await page.evaluate(kept)).toEqual(["", ""]);
    expect(await page.evaluate("!!$('.panel')")).toBe(false);
  });

  test("keeps what is being written over a reload, and nothing before something was typed", async () => {
    const page = await visit();
    const kept = "Object.keys(sessionStorage).filter((name) => name.startsWith('chatporch:1'))";
    expect(await page.evaluate(kept)).toEqual([]);
    await page.fill("textarea", "Where is my or");
    await page.reload();
    await page.waitFor("$('textarea')?.value === 'Where is my or'");
    await page.evaluate("$('textarea').focus()");
    await page.press("Enter");
    await page.waitFor(finished(1));
    expect(await page.evaluate(kept)).toEqual([]);
  });

  test("tells the page of questions that are never asked because another chat was gone to, and of no others", async () => {
    const page = await visit(SHORT_OFFER);
    await page.evaluate(LISTEN);
    await ask(page, "First");
    await page.waitFor(finished(1));
    chat.model.script = silence;
    await newChat(page);
    await ask(page, "Second");
    (await chat.model.call(1)).token("one ");
    await page.waitFor(shown("Second", "one"));
    await page.evaluate("void Chatporch.send('Third')");
    await page.click(".menu .tool");
    await pick(page, "Earlier chats");
    await pick(page, "First");
    await page.waitFor(`${shown("First", "Hello there")} && heard.join() === "not_sent"`);

    await ask(page, "Fourth");
    (await chat.model.call(2)).token("two ");
    await page.waitFor(shown("First", "Hello there", "Fourth", "two"));
    await page.evaluate("void ['Fifth', 'Sixth'].forEach(Chatporch.send)");
    await newChat(page);
    await page.waitFor("heard.join() === 'not_sent,not_sent,not_sent'");
  });

  test("asks a question that waited when the chat is brought back, and tells the page of nothing", async () => {
    chat.model.script = silence;
    const page = await visit();
    await page.evaluate(LISTEN);
    await ask(page, "First");
    const call = await chat.model.call(0);
    call.token("One");
    await page.waitFor(shown("First", "One"));
    await page.evaluate("void Chatporch.send('Second')");
    await newChat(page);
    await page.click(".retry");
    await page.waitFor(shown("First", "One", "Second"));
    chat.model.script = answer("Two");
    call.finish();
    await page.waitFor(shown("First", "One", "Second", "Two"));
    expect(await page.evaluate("heard")).toEqual([]);
  });
});
