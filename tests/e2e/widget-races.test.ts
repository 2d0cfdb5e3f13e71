import { describe, expect, test } from "bun:test";

import { answer, silence } from "../../harness/model-server.ts";
import { hasBrowser } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import { openPanel } from "../support/open-panel.ts";
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
import { WIDGET_KEY } from "../support/test-app.ts";

/** What a tab does where another one has left or forgotten a conversation meanwhile, or where the server has. */

const chat = chatWebsite({ config: { turns: { abandonedTurnGraceMs: 10_000 } } });

const visit = (beforeLoad = "") => openPanel(chat.website, chat.server, { beforeLoad });

/** The name of what the browser keeps of the conversations. */
const name = () => `chatporch:1:${chat.server}`;
const stored = (member: string) => `JSON.parse(localStorage["${name()}"]).${member}`;
/** As another tab does it of which this one has not heard yet. */
const changeStored = (change: string) =>
  `void ((stored) => { ${change}; localStorage["${name()}"] = JSON.stringify(stored); })(JSON.parse(localStorage["${name()}"]))`;

/** A script after which the response to a question arrives only with `release()`. Notes the status of each as `statuses`. */
const HOLD = `window.statuses = []; fetch = ((send) => async (url, init) => {
  const response = await send(url, init);
  if (!/chat.stream$/.test(url)) return response;
  statuses.push(response.status);
  await new Promise((resolve) => { window.release = resolve; });
  delete window.release;
  return response;
})(fetch)`;

/** A script after which the next question is refused, once `window.refuse` is there, which is called then. */
const refuseOnce = (code: string, status: number) => `fetch = ((send) => async (url, init) => {
  const { refuse } = window;
  if (!refuse || !/chat.stream$/.test(url)) return send(url, init);
  delete window.refuse;
  refuse();
  return Response.json({ code: "${code}" }, { status: ${status} });
})(fetch)`;

async function mint(): Promise<Record<string, string>> {
  const response = await chat.app.fetch("/v1/sessions", {
    method: "POST",
    headers: { "x-api-key": WIDGET_KEY },
  });
  return JSON.parse(await response.text());
}

describe.skipIf(!hasBrowser)("a tab", () => {
  test("stays where it is when an earlier chat is picked that another tab has forgotten", async () => {
    const page = await visit(SHORT_OFFER);
    await ask(page, "First");
    await page.waitFor(finished(1));
    await newChat(page);
    await page.waitFor(`$(".notice").hidden && ${shown()}`);
    await ask(page, "Second");
    await page.waitFor(finished(1));
    await page.click(".menu .tool");
    await pick(page, "Earlier chats");
    await page.evaluate(changeStored("delete stored.earlier"));
    await pick(page, "First");
    expect(await page.evaluate(stored("question"))).toBe("Second");
    await page.reload();
    await page.waitFor(shown("Second", "Hello there"));
  });

  test("brings no chat back that another tab has forgotten meanwhile", async () => {
    const page = await visit();
    await ask(page, "First");
    await page.waitFor(finished(1));
    await newChat(page);
    await page.waitFor(notice("New chat started."));
    await page.evaluate("void localStorage.clear()");
    await page.click(".retry");
    await ask(page, "Second");
    await page.waitFor(shown("Second", "Hello there"));
  });

  test("stores nothing of a question that was asked in a chat which another tab has left", async () => {
    const page = await visit(`fetch = ((send) => async (url, init) => {
      const response = await send(url, init);
      if (!/chat.stream$/.test(url)) return response;
      const body = new ReadableStream({ async start(controller) {
        const bytes = new Uint8Array(await response.arrayBuffer());
        window.release = () => { controller.enqueue(bytes); controller.close(); };
      } });
      return new Response(body, response);
    })(fetch)`);
    await ask(page, "First");
    await page.waitFor("window.release && $('.dots')");
    await page.evaluate("void localStorage.clear()");
    await page.evaluate("release()");
    await page.waitFor(shown());
    expect(await page.evaluate("localStorage.length")).toBe(0);
  });

  test("shows no history in the chat that was begun while it was on its way", async () => {
    const page = await visit(`let isGone = false; fetch = ((send) => async (url, init) => {
      if (/chat.stream.[^/]+$/.test(url)) {
        isGone = true;
        return Response.json({ code: "not_found" }, { status: 404 });
      }
      const response = await send(url, init);
      if (!isGone || !/history/.test(url)) return response;
      const text = await response.text();
      await new Promise((resolve) => { window.release = resolve; });
      return new Response(text);
    })(fetch)`);
    chat.model.script = silence;
    await ask(page, "First");
    (await chat.model.call(0)).token("One");
    await page.waitFor(shown("First", "One"));
    await page.reload();
    await page.waitFor("window.release");
    await newChat(page);
    await page.waitFor(notice("New chat started."));
    await page.evaluate("release()");
    chat.model.script = answer("Two");
    await ask(page, "Second");
    await page.waitFor(shown("Second", "Two"));
  });

  test("forgets a session that is not valid any more, and not the one that another tab has begun", async () => {
    const page = await visit(refuseOnce("session_token_invalid", 401));
    await page.evaluate(LISTEN);
    await ask(page, "First");
    await page.waitFor(finished(1));
    const { sessionId, sessionToken } = await mint();
    const other = JSON.stringify(JSON.stringify({ sessionId, sessionToken }));
    await page.evaluate(`void (window.refuse = () => { localStorage["${name()}"] = ${other}; })`);
    await ask(page, "Second");
    await page.waitFor(`${shown()} && heard.join() === "not_sent"`);
    expect(await page.evaluate(stored("sessionId"))).toBe(sessionId);
  });

  test("keeps a conversation that is full among the earlier ones, and asks in a new one", async () => {
    const page = await visit(refuseOnce("conversation_full", 409));
    await ask(page, "First");
    await page.waitFor(finished(1));
    await page.evaluate("void (window.refuse = () => {})");
    await ask(page, "Second");
    await page.waitFor(finished(2));
    expect(await page.evaluate(stored("question"))).toBe("Second");
    expect(await page.evaluate(stored("earlier[0].question"))).toBe("First");
  });

  test("stops an answer at the server that was stopped here before its first event had come", async () => {
    const page = await visit(HOLD);
    chat.model.script = silence;
    await ask(page, "First");
    const call = await chat.model.call(0);
    await page.waitFor("window.release && $('.send').title === 'Stop'");
    await page.click(".send");
    await page.evaluate("release()");
    await page.waitFor(`${finished(1)} && $(".ending.stopped")`);
    chat.model.script = answer("Two");
    await ask(page, "Second");
    await page.waitFor("window.release");
    // It need not wait for the first answer.
    expect(await page.evaluate("statuses")).toEqual([200, 200]);
    await page.evaluate("release()");
    await page.waitFor(finished(2));
    await call.left;
  });

  test("shows an answer as stopped at the second press, although the server is silent", async () => {
    const page = await visit(HOLD);
    chat.model.script = silence;
    await ask(page, "First");
    await page.waitFor("window.release && $('.send').title === 'Stop'");
    await page.click(".send");
    await page.click(".send");
    await page.waitFor(`${finished(1)} && $(".ending.stopped")`);
  });
});
