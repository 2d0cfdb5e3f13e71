import { describe, expect, test } from "bun:test";

import { answer, failure, silence } from "../../harness/model-server.ts";
import type { PersonRequest } from "../../src/store/request-store.ts";
import { askAdmin, readList } from "../support/admin-requests.ts";
import { type BrowserPage, hasBrowser, openPage } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import { startGate } from "../support/gate.ts";
import { STANDS_STILL } from "../support/in-page.ts";
import { ENDED, openPanel, type PanelOptions } from "../support/open-panel.ts";
import { ask, finished, newChat, pick, shown } from "../support/panel-page.ts";
import { ADMIN_KEY, METRICS_KEY } from "../support/test-app.ts";
import { until } from "../support/until.ts";
import { widgetTag } from "../support/widget-tag.ts";

/** A visitor asks for a person, and a person answers in the chat. */

const chat = chatWebsite();

const HOURS = "Mo-Fr 09:00-17:00 Europe/Berlin";
const OFFERED = "$('.reach:not([hidden])')?.checkVisibility()";
const ASKED = "$('.asked:not([hidden])')?.checkVisibility()";
/** Both lines: that a person is here, and that he writes. */
const HERE = (words: string) => `$('.here:not([hidden])')?.textContent === "${words}"`;
const WRITES = "$('.people .dots')?.checkVisibility()";
const PRIVACY = "data-privacy-url=https://a.test/privacy";

const visit = (options: PanelOptions = {}) => openPanel(chat.website, chat.server, options);

/** Does something as the owner in the only conversation. */
async function owner(path: string, body?: unknown, method = "POST"): Promise<unknown> {
  const [listed] = (await readList(chat.app)).conversations;
  const response = await askAdmin(chat.app, `/v1/admin/conversations/${listed?.id}${path}`, {
    method,
    headers: { "x-admin-api-key": ADMIN_KEY, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.ok).toBe(true);
  return response.status === 204 ? undefined : response.json();
}

const write = (text: string, name = "Anna") => owner("/messages", { text, name });
const giveBack = () => owner("/takeover", undefined, "DELETE");

/** The open requests, as they are stored. */
async function requests(): Promise<readonly PersonRequest[]> {
  return (await chat.app.store.listRequests({ isOpen: true, limit: 10 })).requests;
}

async function closeRequest(): Promise<void> {
  const [open] = await requests();
  await chat.app.store.closeRequest(open?.id ?? "", Date.now());
}

/** Fills in the form and sends it. */
async function askForPerson(page: BrowserPage, contact: string, note = ""): Promise<void> {
  await page.fill("#contact", contact);
  if (note) await page.fill("#note", note);
  await page.click(".ask .do");
}

describe.skipIf(!hasBrowser)("a visitor who wants a person", () => {
  test("finds a button and a line in the menu, leaves an address, and sees what happens next, also after a reload", async () => {
    await chat.restart({ PERSON: "always", HOURS });
    const page = await visit({ attributes: PRIVACY });
    expect(await page.evaluate(OFFERED)).toBeFalsy();
    await ask(page, "Hi");
    await page.waitFor(OFFERED);
    await page.click(".menu .tool");
    await pick(page, "Talk to a person");
    await page.waitFor("$('#contact')?.matches(':focus')");
    expect(await page.evaluate("$('.consent a').href")).toBe("https://a.test/privacy");
    await askForPerson(page, "anna@example");
    await page.waitFor("$('#contact').ariaInvalid === 'true' && $('#contact').matches(':focus')");
    expect(await requests()).toEqual([]);
    await askForPerson(page, " anna@example.com ", "My parcel");
    await page.waitFor(ASKED);
    // The focus does not go to the page.
    expect(await page.evaluate("$('.asked').matches(':focus')")).toBe(true);
    await page.waitFor("$('.announcer').textContent.includes('A person will write to')");
    expect(await requests()).toMatchObject([
      {
        contact: { kind: "email", value: "anna@example.com" },
        note: "My parcel",
        consent: "When you send this, you agree that we use it to answer you.",
      },
    ]);
    const card = await page.evaluate<string>("$('.asked').innerText");
    expect(card).toStartWith("A person will write to a…@example.com.\n");
    expect(card).toContain("Mon–Fri 09:00–17:00 (Berlin)");
    await page.reload();
    await page.evaluate("Chatporch.open()");
    await page.waitFor(ASKED);
    expect(await page.evaluate("$('.asked').innerText")).toBe(card);
    expect(await page.evaluate("$$('.reach:not([hidden])').length")).toBe(0);
    expect(page.console).toEqual([]);
  });

  test("sees what happens next where the conversation is longer than the panel", async () => {
    await chat.restart({ PERSON: "always", HOURS });
    const page = await visit({ width: 360, height: 560 });
    for (let count = 1; count <= 3; count++) {
      await ask(page, `Question ${count}`);
      await page.waitFor(finished(count));
    }
    await page.click(".reach");
    await askForPerson(page, "anna@example.com");
    await page.waitFor(ASKED);
    const bottomOf = (selector: string) => `$("${selector}").getBoundingClientRect().bottom`;
    const top = `$(".composer").getBoundingClientRect().top`;
    await page.screenshot("people-asked-in-a-long-conversation");
    await page.waitFor(`${bottomOf(".asked")} <= ${top}`);
  });

  test("is offered the address that he left before, and can give another one", async () => {
    await chat.restart({ PERSON: "always", PERSON_CONSENT: "You may call me." });
    const page = await visit();
    await ask(page, "Hi");
    await page.click(".reach");
    await askForPerson(page, "+49 30 123456");
    await page.waitFor(ASKED);
    await closeRequest();
    await page.reload();
    await page.evaluate("Chatporch.open()");
    await page.click(".reach");
    await page.waitFor("$('.kept')?.checkVisibility()");
    expect(await page.evaluate("$('.kept').innerText")).toContain("…56");
    await page.fill("#note", "Again");
    await page.click(".ask .do");
    await page.waitFor(ASKED);
    const again = { contact: { kind: "phone", value: "+49 30 123456" }, note: "Again" };
    expect(await requests()).toMatchObject([{ ...again, consent: "You may call me." }]);
    await closeRequest();
    await page.reload();
    await page.evaluate("Chatporch.open()");
    await page.click(".reach");
    await page.waitFor(STANDS_STILL);
    await page.click(".kept .link");
    await page.waitFor("$('#contact').matches(':focus')");
    await askForPerson(page, "ben@example.com");
    await page.waitFor(`${ASKED} && $('.asked').textContent.includes('b…@example.com')`);
  });

  test("is offered one after a poor answer only, where the owner wants it so", async () => {
    await chat.restart({ PERSON: "poor" });
    const page = await visit();
    await ask(page, "Hi");
    await page.waitFor("$('.rate')");
    expect(await page.evaluate(OFFERED)).toBeFalsy();
    await page.click(".rate.down");
    // The conversation moves until the form that opened can be seen.
    await page.waitFor(`${OFFERED} && ${STANDS_STILL}`);
    await page.click(".rate.up");
    await page.waitFor(`!${OFFERED}`);
    chat.model.script = () => failure(400);
    await ask(page, "And now?");
    await page.waitFor(OFFERED);
    chat.model.script = answer("Hello again");
    await ask(page, "And then?");
    await page.waitFor(`${finished(3)} && !${OFFERED}`);
  });

  test("is offered one when the model says that it does not know", async () => {
    await chat.restart({ PERSON: "poor" });
    const gate = startGate(chat.server);
    const page = await openPanel(chat.website, gate.url);
    const events = [
      { type: "start", conversationId: "c", turnId: "t" },
      { type: "token", token: "I do not know." },
      { type: "handoff", reason: "unknown" },
      { type: "done", message: "I do not know.", conversationId: "c", finishReason: "stop" },
    ];
    const body = events.map((each, at) => `id: ${at + 1}\ndata: ${JSON.stringify(each)}\n\n`);
    const headers = {
      "content-type": "text/event-stream",
      "access-control-allow-origin": chat.website.origin,
    };
    gate.answer = ({ method, url }) =>
      method === "POST" && url.endsWith("/stream")
        ? new Response(body.join(""), { headers })
        : undefined;
    await ask(page, "Who won?");
    await page.waitFor(`${shown("Who won?", "I do not know.")} && ${OFFERED}`);
    await gate.stop();
  });

  test("keeps a question that never arrived, to be asked again, while a person writes", async () => {
    await chat.restart({ PERSON: "always" });
    const gate = startGate(chat.server);
    const page = await openPanel(chat.website, gate.url);
    await ask(page, "Hi");
    await page.waitFor(OFFERED);
    gate.answer = ({ method, url }) =>
      method === "POST" && url.endsWith("/stream")
        ? new Response(null, {
            status: 404,
            headers: { "access-control-allow-origin": chat.website.origin },
          })
        : undefined;
    await ask(page, "Are you there?");
    await page.waitFor("$('.notice:not([hidden]) .retry:not([hidden])')");
    await write("I am here.");
    await page.waitFor(HERE("Anna is here."));
    expect(await page.evaluate(shown("Hi", "Hello there", "Are you there?"))).toBe(true);
    gate.answer = () => undefined;
    await page.click(".notice .retry");
    await page.waitFor(shown("Hi", "Hello there", "I am here.", "Are you there?"));
    await gate.stop();
  });

  test("keeps what he typed when it is refused, cancelled, or the panel closed, and is told why in plain words", async () => {
    await chat.restart({ PERSON: "always" });
    const gate = startGate(chat.server);
    const page = await openPanel(chat.website, gate.url);
    await ask(page, "Hi");
    await page.click(".reach");
    await page.fill("#contact", "anna@example.com");
    await page.fill("#note", "My parcel");
    const said = async (status: number, code: string, words: string) => {
      gate.answer = ({ method, url }) =>
        method === "POST" && url.endsWith("/requests")
          ? Response.json(
              { code, error: code },
              { status, headers: { "access-control-allow-origin": chat.website.origin } },
            )
          : undefined;
      await page.click(".ask .do");
      await page.waitFor(
        `$$('.ask .problem').some((each) => each.textContent.includes("${words}"))`,
      );
    };
    await said(429, "rate_limited", "several times today");
    await said(403, "person_off", "No person can be asked for");
    await said(503, "store_unavailable", "Please try again.");
    await page.press("Escape");
    await page.waitFor(`${OFFERED} && !$('#contact')`);
    await page.click(".reach");
    const typed = "[$('#contact')?.value, $('#note')?.value].join()";
    await page.waitFor(`${typed} === "anna@example.com,My parcel"`);
    await page.evaluate("Chatporch.close()");
    await page.evaluate("void Chatporch.set({ theme: 'dark' })");
    await page.evaluate("Chatporch.open()");
    await page.waitFor(`${typed} === "anna@example.com,My parcel"`);
    gate.answer = () => undefined;
    await page.click(".ask .do");
    await page.waitFor(ASKED);
    expect(await requests()).toHaveLength(1);
    await gate.stop();
  });

  test("is not offered one where the owner offers none, nor in a new chat", async () => {
    const page = await visit();
    await ask(page, "Hi");
    await page.click(".rate.down");
    await page.waitFor("$('.why')");
    expect(await page.evaluate(OFFERED)).toBeFalsy();
    await chat.restart({ PERSON: "always" });
    const other = await visit();
    await ask(other, "Hi");
    await other.waitFor(OFFERED);
    await newChat(other);
    await other.waitFor(`!${OFFERED}`);
  });
});

/** Notes the text of the next file, as `saved`. */
const SAVES_TEXT = `void (URL.createObjectURL = (blob) => { blob.text().then((text) => { window.saved = text; }); return "data:,"; })`;

describe.skipIf(!hasBrowser)("a person who answers in the chat", () => {
  test("is named at the head of the panel while he is here, in this conversation alone", async () => {
    await chat.restart({ PERSON: "always" });
    const page = await visit({ attributes: "data-subtitle='100 % helpful'" });
    const head = (words: string) => `$('#subtitle')?.textContent === "${words}"`;
    await ask(page, "Hi");
    await page.waitFor(OFFERED);
    expect(await page.evaluate(head("100 % helpful"))).toBe(true);
    await owner("/takeover", { name: "100 % Anna" });
    await page.waitFor(head("100 % Anna is here."));
    await page.evaluate("void Chatporch.set({ theme: 'dark' })");
    await page.waitFor(`${HERE("100 % Anna is here.")} && ${head("100 % Anna is here.")}`);
    await giveBack();
    await page.waitFor(`${HERE("The assistant answers again.")} && ${head("100 % helpful")}`);
    await owner("/takeover", { name: "Anna" });
    await page.waitFor(head("Anna is here."));
    await newChat(page);
    await page.waitFor(head("100 % helpful"));
  });

  test("is shown with his name, that he writes, and what he writes, while the model is silent", async () => {
    await chat.restart({ PERSON: "always" });
    const page = await visit();
    await ask(page, "Hi");
    await page.waitFor(OFFERED);
    await owner("/takeover", { name: "Anna" });
    await page.waitFor(`${HERE("Anna is here.")} && !${OFFERED}`);
    await page.waitFor("$('.announcer').textContent.includes('Anna is here.')");
    await owner("/typing");
    await page.waitFor(WRITES);
    await write("Hello, this is **Anna**.");
    await page.waitFor(`${shown("Hi", "Hello there", "Hello, this is Anna.")} && !${WRITES}`);
    expect(await page.evaluate("$('.by').innerText")).toBe("Anna");
    expect(await page.evaluate("$$('.log h3').at(-1).textContent")).toBe("Anna");
    await ask(page, "When does it come?");
    const asked = shown("Hi", "Hello there", "Hello, this is Anna.", "When does it come?");
    await page.waitFor(`${asked} && !$('.pending') && !$('.log .dots')`);
    await write("Tomorrow.");
    const all = ["Hi", "Hello there", "Hello, this is Anna.", "When does it come?", "Tomorrow."];
    await page.waitFor(shown(...all));
    expect(chat.model.calls).toHaveLength(1);
    await giveBack();
    await page.waitFor(HERE("The assistant answers again."));
    await ask(page, "Thanks");
    await page.waitFor(shown(...all, "Thanks", "Hello there"));
    await page.reload();
    await page.evaluate("Chatporch.open()");
    await page.waitFor(`${shown(...all, "Thanks", "Hello there")} && $$('.by').length === 2`);
    await page.evaluate(SAVES_TEXT);
    await page.click(".menu .tool");
    await pick(page, "Download transcript");
    expect(await page.waitFor<string>("window.saved")).toMatch(/## Anna, .+\n\nTomorrow\.\n/);
    // Only answers of the model are rated, and only they are asked for again.
    await page.waitFor("$$('.rate.up').length === 2");
    expect(page.console).toEqual([]);
  });

  test("comes in the middle of an answer, which ends there", async () => {
    await chat.restart({ PERSON: "always" });
    const page = await visit();
    await ask(page, "Hi");
    await page.waitFor(OFFERED);
    chat.model.script = silence;
    await ask(page, "Where is it?");
    const call = await chat.model.call(1);
    call.token("Let me ");
    await page.waitFor("$('.pending')?.textContent.includes('Let me')");
    await write("I am looking for it.");
    await page.waitFor(
      shown("Hi", "Hello there", "Where is it?", "Let me", "I am looking for it."),
    );
    await page.waitFor(HERE("Anna is here."));
    expect(await page.evaluate("$('.notice').hidden")).toBe(true);
  });

  test("is seen in both tabs in the same order, while the visitor writes in both", async () => {
    await chat.restart({ PERSON: "always" });
    chat.website.show(widgetTag(chat.server, "data-open"));
    const tabs = [await openPage(), await openPage()] as const;
    const [first, second] = tabs;
    await first.goto(chat.website.origin);
    await ask(first, "Hi");
    await first.waitFor(OFFERED);
    await second.goto(chat.website.origin);
    await second.waitFor(OFFERED);
    await write("Hello");
    for (const tab of tabs) await tab.waitFor(shown("Hi", "Hello there", "Hello"));
    await ask(first, "One");
    await second.waitFor(shown("Hi", "Hello there", "Hello", "One"));
    await write("Two");
    await ask(second, "Three");
    const [listed] = (await readList(chat.app)).conversations;
    await until(async () =>
      (await chat.app.store.listMessages(listed?.id ?? "", 50)).some(
        ({ content }) => content === "Three",
      ),
    );
    const stored = (await chat.app.store.listMessages(listed?.id ?? "", 50)).flatMap(
      ({ content }) => content || [],
    );
    for (const tab of tabs) await tab.waitFor(shown(...stored));
  });

  test("is unread at the launcher once the visitor looks at the page again, without a stream meanwhile", async () => {
    await chat.restart({ PERSON: "always" });
    const gate = startGate(chat.server);
    const page = await openPanel(chat.website, gate.url);
    await page.evaluate(
      "void (window.told = [], Chatporch.on('message', ({ text }) => told.push(text)))",
    );
    await ask(page, "Hi");
    await page.waitFor(OFFERED);
    const streams = () => gate.requests.filter((each) => each === "GET /v1/chat/events").length;
    await until(() => streams() === 1);
    await page.evaluate("Chatporch.close()");
    await write("Are you still there?");
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await page.waitFor("$('.launcher').dataset.unread === '1' && $('.words')");
    expect(await page.evaluate("$('.preview').textContent")).toContain("Are you still there?");
    expect(streams()).toBe(1);
    await page.evaluate("Chatporch.open()");
    await page.waitFor(shown("Hi", "Hello there", "Are you still there?"));
    await until(() => streams() === 2);
    expect(await page.evaluate("told")).toEqual(["Hi", "Hello there", "Are you still there?"]);
    await gate.stop();
  });

  test("is heard in a tab once that is in sight, which until then has no connection", async () => {
    await chat.restart({ PERSON: "always" });
    const page = await visit();
    await ask(page, "Hi");
    await page.waitFor(OFFERED);
    const streams = async () =>
      /person_streams_open\S* (\d+)/.exec(
        await (
          await chat.app.fetch("/metrics", { headers: { "x-metrics-key": METRICS_KEY } })
        ).text(),
      )?.[1];
    await until(async () => (await streams()) === "1");
    const look = (isHidden: boolean) =>
      page.evaluate(
        `void (Object.defineProperty(document, "hidden", { value: ${isHidden}, configurable: true }), document.dispatchEvent(new Event("visibilitychange")))`,
      );
    await look(true);
    await until(async () => (await streams()) === "0");
    await write("One");
    await write("Two");
    await look(false);
    await page.waitFor(`${shown("Hi", "Hello there", "One", "Two")} && ${HERE("Anna is here.")}`);
  });

  test("is heard again once a broken connection is back, each message once", async () => {
    await chat.restart({ PERSON: "always" });
    const page = await visit();
    await ask(page, "Hi");
    await page.waitFor(OFFERED);
    await write("One");
    await page.waitFor(shown("Hi", "Hello there", "One"));
    await page.setOffline(true);
    await write("Two");
    await write("Three");
    await page.setOffline(false);
    await page.waitFor(shown("Hi", "Hello there", "One", "Two", "Three"));
  });

  test("is there also where visitors are offered none, from the next question on", async () => {
    await chat.restart({ RATINGS: "off" });
    const page = await visit();
    await ask(page, "Hi");
    await page.waitFor(ENDED);
    await owner("/takeover", { name: "Anna" });
    await ask(page, "Is anybody there?");
    await page.waitFor(HERE("Anna is here."));
    await write("I am.");
    await page.waitFor(shown("Hi", "Hello there", "Is anybody there?", "I am."));
    expect(await page.evaluate("$$('.rate, .reach:not([hidden])').length")).toBe(0);
  });
});
