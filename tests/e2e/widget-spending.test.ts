import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { SENTENCES } from "../../src/widget/limits/sentences.ts";
import { readList, readThread } from "../support/admin-requests.ts";
import { apiRefusal } from "../support/api-refusal.ts";
import { type BrowserPage, hasBrowser } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import { type Gate, startGate } from "../support/gate.ts";
import { openPanel, type PanelOptions } from "../support/open-panel.ts";
import { ask, finished, LISTEN, notice, shown } from "../support/panel-page.ts";

/** What a visitor sees of an owner's budget, and of the switch that turns the model off. */

const chat = chatWebsite();

const ASK = "/v1/chat/stream";
/** Not one question fits. */
const NO_BUDGET = { BUDGET_UNIT: "tokens", BUDGET_PER_DAY: "1", PROOF_OF_WORK: "off" };
const OFF = { MODEL_CALLS: "off" };
const PERSON = { PERSON: "always" };
const FORM = "$('.ask')?.checkVisibility()";
const ALONG = "$('#along')?.textContent === 'Your question is sent along.'";
const ASKED = "$('.asked:not([hidden])')?.checkVisibility()";
const RETRY = "$('.notice:not([hidden]) button.retry:not([hidden])')";
const DAY_SECONDS = 40_000;

let gate: Gate;

beforeEach(() => {
  gate = startGate();
});
afterEach(() => gate.stop());

async function visit(
  env: Readonly<Record<string, string>>,
  options: PanelOptions = {},
): Promise<BrowserPage> {
  await chat.restart(env);
  gate.target = chat.server;
  const page = await openPanel(chat.website, gate.url, options);
  await page.evaluate(LISTEN);
  return page;
}

function refusal(status: number, code: string, seconds: number): Response {
  return apiRefusal(chat.website.origin, status, code, { retryAfter: seconds });
}

/** Questions are refused so many times. Returns how often one was asked. */
function refuse(times: number, response: () => Response): () => number {
  const count = () => gate.requests.filter((each) => each === `POST ${ASK}`).length;
  gate.answer = ({ method, url }) =>
    method === "POST" && url.endsWith(ASK) && count() <= times ? response() : undefined;
  return count;
}

/** What is stored of the only conversation: who said what. */
async function stored(): Promise<string[]> {
  const { conversations } = await readList(chat.app);
  expect(conversations.length).toBe(1);
  const { messages } = await readThread(chat.app, conversations[0]?.id ?? "");
  // A question that is left to a person has an answer without a word.
  const said = messages.filter(({ content }) => content !== "");
  return said.map(({ role, content }) => `${role}: ${content}`);
}

async function sendRequest(page: BrowserPage, note = ""): Promise<void> {
  await page.fill("#contact", "anna@example.com");
  if (note) await page.fill("#note", note);
  await page.click(".ask .do");
  await page.waitFor(ASKED);
}

describe.skipIf(!hasBrowser)("a visitor whose question is not answered for want of budget", () => {
  test("reads the widget's own sentence in his language, and can try again or write to the owner", async () => {
    const page = await visit(NO_BUDGET, {
      attributes: "data-lang=de data-contact-url=https://a.test/contact",
    });
    await ask(page, "Hallo");
    await page.waitFor(notice(SENTENCES.de.budget_reached));
    expect(await page.evaluate(`${RETRY}.textContent`)).toBe("Nochmals versuchen");
    expect(await page.evaluate("$('.notice a.retry').checkVisibility()")).toBe(true);
    expect(
      await page.evaluate(
        "[heard, $$('.ask, .reach').some((each) => each.checkVisibility()), $('textarea').disabled]",
      ),
    ).toEqual([["budget_reached"], false, false]);
    expect(await page.evaluate(shown("Hallo"))).toBe(true);
    // It is announced once.
    expect(
      await page.evaluate("$$('[role=status]').filter((each) => each.textContent).length"),
    ).toBe(1);
  });

  test("reads the owner's sentence as text, whatever it is", async () => {
    const BUDGET_MESSAGE = "Back <b>tomorrow</b> & <img src=x onerror=alert(1)> at 8";
    const page = await visit({ ...NO_BUDGET, BUDGET_MESSAGE }, { attributes: "data-lang=fr" });
    await ask(page, "Hi");
    await page.waitFor(notice("tomorrow"));
    expect(await page.evaluate("$('.notice span').textContent")).toBe(BUDGET_MESSAGE);
    expect(await page.evaluate("$$('.notice :is(b, img)').length")).toBe(0);
  });

  test("reads that the model is off, and the answer comes at the first try after it is on", async () => {
    const page = await visit(OFF);
    await ask(page, "Hi");
    await page.waitFor(notice(SENTENCES.en.model_off));
    expect(gate.requests.filter((each) => each === `POST ${ASK}`).length).toBe(1);
    await chat.restart({});
    gate.target = chat.server;
    await page.click("button.retry");
    await page.waitFor(finished(1));
    expect(await page.evaluate("$$('.notice:not([hidden])').length")).toBe(0);
  });

  test("who has had his share is not kept waiting until tomorrow", async () => {
    const count = refuse(1, () => refusal(429, "share_reached", DAY_SECONDS));
    const page = await visit({});
    await ask(page, "Hi");
    await page.waitFor(notice(SENTENCES.en.share_reached));
    expect(count()).toBe(1);
    await page.click("button.retry");
    await page.waitFor(finished(1));
  });

  test("is asked again by itself where others hold the rest of the budget for a moment", async () => {
    const count = refuse(1, () => refusal(503, "budget_reached", 1));
    const page = await visit({});
    await ask(page, "Hi");
    await page.waitFor(finished(1));
    expect(count()).toBe(2);
    expect(await page.evaluate("heard")).toEqual([]);
  });

  test("reads that it cannot be answered where the file with the sentences is gone", async () => {
    const page = await visit(NO_BUDGET);
    gate.answer = ({ url }) =>
      url.includes(".limits.") ? new Response(null, { status: 404 }) : undefined;
    await ask(page, "Hi");
    await page.waitFor(notice("The assistant cannot be reached right now."));
  });
});

describe.skipIf(!hasBrowser)("a visitor who can reach a person when no budget is left", () => {
  test("has the form at once, and what he asked goes with his request and stays", async () => {
    const page = await visit({ ...NO_BUDGET, ...PERSON });
    await ask(page, "Where is my parcel?");
    await page.waitFor(`${FORM} && ${ALONG}`);
    // He may be writing the next question.
    expect(await page.evaluate("$('.composer textarea').matches(':focus')")).toBe(true);
    expect(await page.evaluate("$$('.reach:not([hidden])').length")).toBe(0);
    await page.fill(".composer textarea", "It is number 5.");
    await page.press("Enter");
    await page.waitFor("heard.length === 2");
    await page.waitFor(FORM);
    await sendRequest(page, "In the evening, please");
    await page.waitFor(shown("Where is my parcel?\n\nIt is number 5."));
    await page.waitFor("!$('.notice:not([hidden])')");
    expect(await stored()).toEqual(["user: Where is my parcel?\n\nIt is number 5."]);
    const { requests } = await chat.app.store.listRequests({ isOpen: true, limit: 10 });
    expect(requests).toMatchObject([
      { note: "In the evening, please", contact: { value: "anna@example.com" } },
    ]);
    await page.reload();
    await page.evaluate("Chatporch.open()");
    await page.waitFor(`${ASKED} && ${shown("Where is my parcel?\n\nIt is number 5.")}`);
  });

  test("has the form with what was answered before, when the model is off, and the conversation goes on", async () => {
    const page = await visit(PERSON);
    await ask(page, "Hi");
    await page.waitFor(finished(1));
    await page.waitFor("$('.reach:not([hidden])')");
    const { answer } = gate;
    refuse(2, () => refusal(503, "model_off", 0));
    await ask(page, "And now?");
    await page.waitFor(FORM);
    gate.answer = answer;
    await sendRequest(page);
    await page.waitFor(shown("Hi", "Hello there", "And now?"));
    expect(await stored()).toEqual(["user: Hi", "assistant: Hello there", "user: And now?"]);
    await ask(page, "Are you there?");
    await page.waitFor(shown("Hi", "Hello there", "And now?", "Are you there?", "Hello there"));
  });

  test("sends it with the address that is known, when he has asked for a person before", async () => {
    const page = await visit(PERSON);
    await ask(page, "Hi");
    await page.waitFor(finished(1));
    await page.click(".reach");
    await sendRequest(page);
    refuse(2, () => refusal(503, "budget_reached", DAY_SECONDS));
    await ask(page, "And now?");
    await page.waitFor(`${FORM} && !${ASKED}`);
    expect(await page.evaluate("$('.kept bdi').textContent")).toBe("a…@example.com");
    await page.click(".ask .do");
    await page.waitFor(`${ASKED} && ${shown("Hi", "Hello there", "And now?")}`);
    expect(await stored()).toEqual(["user: Hi", "assistant: Hello there", "user: And now?"]);
  });

  test("can leave the form, which goes by itself once questions are answered again", async () => {
    const page = await visit(PERSON);
    refuse(2, () => refusal(503, "budget_reached", DAY_SECONDS));
    await ask(page, "Hi");
    await page.waitFor(FORM);
    await page.evaluate("$('.ask .line .link').click()");
    await page.waitFor("!$('.ask') && $('.reach:not([hidden])')");
    await ask(page, "And now?");
    await page.waitFor(FORM);
    await page.click("button.retry");
    await page.waitFor(`${finished(2)} && !$('.ask')`);
    expect(await page.evaluate("$$('.reach:not([hidden])').length")).toBe(1);
  });

  test("keeps what he has typed when questions are answered again", async () => {
    const page = await visit(PERSON);
    refuse(1, () => refusal(503, "budget_reached", DAY_SECONDS));
    await ask(page, "Hi");
    await page.waitFor(FORM);
    await page.fill("#note", "My parcel");
    expect(await page.evaluate(ALONG)).toBe(true);
    await page.click("button.retry");
    await page.waitFor("$('.log .assistant:not(.pending, [hidden])')");
    // The question has its answer, and does not go with the request.
    await page.waitFor("$('#along')?.textContent === ''");
    expect(await page.evaluate("$('#note').value")).toBe("My parcel");
  });
});

describe.skipIf(!hasBrowser)("a question that is stored with something masked", () => {
  const CARD = "My card is 4111 1111 1111 1111";
  const MASKED = "My card is •••• •••• •••• ••••";

  test("is shown and kept so as soon as its answer begins, and after a reload", async () => {
    const page = await visit({ REDACT: "cards" });
    await ask(page, CARD);
    await page.waitFor(shown(MASKED, "Hello there"));
    const kept = await page.evaluate<string>(
      "JSON.stringify({ ...localStorage, ...sessionStorage })",
    );
    expect(kept).toContain(MASKED);
    expect(kept).not.toContain("4111");
    await page.reload();
    await page.evaluate("Chatporch.open()");
    await page.waitFor(shown(MASKED, "Hello there"));
  });
});
