import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import { simpleParser } from "mailparser";

import { KEYS } from "../../harness/chat-requests.ts";
import {
  answer,
  type ModelScript,
  type ModelServer,
  startModelServer,
} from "../../harness/model-server.ts";
import { cleanUp, runChatporch, temporaryFolder } from "../../harness/process.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { type BrowserPage, closePages, hasBrowser } from "../support/browser.ts";
import { openPanel } from "../support/open-panel.ts";
import { mishaps, openAsOwner, OWNER_PASSWORD, WHOLE } from "../support/owner-browser.ts";
import { type OwnerChannels, startOwnerChannels } from "../support/owner-channels.ts";
import { ask } from "../support/panel-page.ts";
import { addSource, newDocument, section } from "../support/stored-knowledge.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";
import { until } from "../support/until.ts";
import { startWebsite, type Website } from "../support/website.ts";

/** What happens to a question that the bot cannot answer, from the visitor who asks it to the next one, who is answered. */

/** Two visitors and an owner, in a browser. */
setDefaultTimeout(120_000);

const KNOWN = "We sell old and new lamps, and old furniture. Parcels to Norway take three days.";
const QUESTION = "Do you repair old lamps?";
const IN_OTHER_WORDS = "My lamp is broken, can it be repaired?";
const CONTACT = "ben@example.com";
const NOTE = "It is from my grandmother.";
const WORD = "Yes, we do. Bring it along on Monday.";
const THANKS = "Thank you, until Monday!";
const FAREWELL = "You are welcome.";
const ANSWER = "We repair every lamp, whoever made it, within two weeks.";
const DOES_NOT_KNOW = "I do not know whether we repair lamps.";
const DATABASE = "chatporch.db";
const PUBLIC_URL = "https://chat.example.com";

/** Answers from the source that holds the answer, and says that it does not know it where none does. */
const answerFromSources: ModelScript = (call) => {
  const prompt = call.body.messages.at(-1)?.content ?? "";
  const source = /\[(\d)\][^\n]*\n[^[]*We repair every lamp/.exec(prompt)?.[1];
  return source === undefined
    ? answer(`[0] ${DOES_NOT_KNOW}`)(call)
    : answer(`Yes, within two weeks [${source}].`)(call);
};

const LAST_ANSWER = `$$(".log .assistant:not(.pending) .bubble").at(-1)?.textContent`;
const LAST_CONTENT = `$$(".thread .content").at(-1)?.textContent`;
const isShown = (selector: string) => `$("${selector}")?.checkVisibility()`;

describe.skipIf(!hasBrowser)("a question that the bot cannot answer", () => {
  /** The browser knows a visitor by the website. */
  let websites: readonly [Website, Website];
  let model: ModelServer;
  let channels: OwnerChannels;
  let app: TestApp;
  let server: string;
  let folder: string;

  beforeEach(async () => {
    websites = [startWebsite(), startWebsite()];
    model = startModelServer(answerFromSources);
    channels = await startOwnerChannels();
    folder = temporaryFolder();
    app = createTestApp({
      store: openSqliteStore(join(folder, DATABASE)),
      modelUrl: model.url,
      telegramApi: channels.telegram.url,
      // Receivers refuse what was signed long ago.
      now: Date.now,
      env: {
        ...channels.env,
        CORS_ORIGIN: websites.map(({ origin }) => origin).join(),
        DASHBOARD_PASSWORD: OWNER_PASSWORD,
        PUBLIC_URL,
        PERSON: "poor",
      },
    });
    server = app.listen();
    const { id: sourceId } = await addSource(app.store);
    await app.store.putDocument(newDocument({ sourceId, sections: [section(KNOWN)] }));
    await app.outbox.sync();
  });
  afterEach(async () => {
    closePages();
    await app.close();
    await cleanUp();
    await Promise.all([...websites, model, channels].map((each) => each.stop()));
  });

  async function rateDownAndAskForPerson(visitor: BrowserPage): Promise<void> {
    await visitor.click(".rate.down");
    await visitor.click(".why .chip");
    await visitor.click(".why .do");
    await visitor.waitFor("$('.below')?.textContent === 'Thank you!'");
    await visitor.click(".reach");
    await visitor.fill("#contact", CONTACT);
    await visitor.fill("#note", NOTE);
    await visitor.click(".ask .do");
    await visitor.waitFor(isShown(".asked:not([hidden])"));
  }

  /** The kinds of the webhook's events, in the order of their first ones. A rating comes again with its reasons. */
  const eventTypes = () => [...new Set(channels.events().map(({ type }) => type))];

  /** How many messages each way to the owner has carried, besides the webhook, which gets all events. */
  const messageCounts = () => {
    const { mail, ntfy, telegram } = channels;
    return [mail.received.length, ntfy.messages.length, telegram.sent.length].join();
  };

  async function ownerHears(): Promise<void> {
    await until(() => eventTypes().at(-1) === "handoff.requested" && messageCounts() === "1,1,1");
    expect(eventTypes()).toEqual([
      "conversation.started",
      "question.unanswered",
      "answer.rated",
      "handoff.requested",
    ]);
    const link = String(channels.events().at(-1)?.data["url"]);
    const title = "A visitor wants a person";
    expect(channels.ntfy.messages).toMatchObject([{ title, message: NOTE, click: link }]);
    const [told] = channels.telegram.sent;
    for (const words of [title, CONTACT, NOTE, link]) expect(told?.text).toContain(words);
    const [received] = channels.mail.received;
    const mail = await simpleParser(received?.raw ?? "");
    expect(received?.to).toEqual(["owner@shop.example"]);
    expect(mail.replyTo?.text).toBe(CONTACT);
    expect(mail.subject).toContain(QUESTION);
    for (const words of [QUESTION, DOES_NOT_KNOW, NOTE, link]) expect(mail.text).toContain(words);
  }

  /** From the overview to the visitor's conversation, into it, and then away from the desk. */
  async function takeOver(owner: BrowserPage, visitor: BrowserPage): Promise<void> {
    await owner.waitFor(`$(".need.bad")?.textContent.includes("${QUESTION}")`);
    await owner.click(".need.bad a");
    await owner.waitFor(`$(".wanted .contact")?.textContent === "${CONTACT}"`);
    expect(await owner.evaluate(`$(".wanted .note").textContent`)).toBe(NOTE);
    await owner.click("#takeover button");
    await owner.waitFor(`${WHOLE} && ${isShown("form.composer")}`);
    await owner.click("#words");
    await owner.type(WORD);
    await owner.press("Enter");
    await visitor.waitFor(`${LAST_ANSWER} === "${WORD}"`);
    await ask(visitor, THANKS);
    await owner.waitFor(`${LAST_CONTENT} === "${THANKS}"`);
    await until(() => eventTypes().at(-1) === "visitor.wrote" && messageCounts() === "2,2,2");
    channels.telegram.write({ text: FAREWELL, replyTo: channels.telegram.sent.at(-1)?.id ?? 0 });
    await visitor.waitFor(`${LAST_ANSWER} === "${FAREWELL}"`);
    await owner.waitFor(`${LAST_CONTENT} === "${FAREWELL}"`);
  }

  async function giveBackAndClose(owner: BrowserPage): Promise<void> {
    await owner.click("#takeover button");
    await owner.waitFor(`${WHOLE} && !(${isShown("form.composer")})`);
    await owner.click(".wanted form button");
    await owner.waitFor(`${WHOLE} && !$(".card.wanted")`);
  }

  async function writeAnswer(owner: BrowserPage): Promise<void> {
    await owner.click(".better a");
    await owner.waitFor(`$("#question")?.value === "${QUESTION}"`);
    await owner.fill("#answer", ANSWER);
    await owner.click("button[value=answer]");
    await owner.waitFor(`$(".notice.good")`);
  }

  /** What the command says that tests what the owner has answered, beside the server. */
  async function testAnswers(): Promise<string> {
    const settings = { ...KEYS, DATABASE_PATH: DATABASE, OPENAI_BASE_URL: model.url };
    const { exitCode, stdout, stderr } = await runChatporch(["test"], settings, folder);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    return stdout;
  }

  test("reaches the owner, is answered by him, and stays answered", async () => {
    const visitor = await openPanel(websites[0], server);
    await ask(visitor, QUESTION);
    await visitor.waitFor(`${LAST_ANSWER} === "${DOES_NOT_KNOW}"`);
    await rateDownAndAskForPerson(visitor);
    await ownerHears();

    // Opened before the owner logs in: a new page has no cookies, and all pages share them.
    const other = await openPanel(websites[1], server);
    const owner = await openAsOwner(server, "/dashboard");
    await takeOver(owner, visitor);
    await giveBackAndClose(owner);
    await writeAnswer(owner);

    await ask(other, IN_OTHER_WORDS);
    await other.waitFor(`${LAST_ANSWER}?.includes("within two weeks")`);
    await other.waitFor(`$(".sources")?.textContent.includes("${QUESTION}")`);
    expect(await testAnswers()).toEqual(`ok    ${QUESTION}\n1 asked, 0 lost\n`);
    await owner.goto(`${server}/dashboard/knowledge/questions`);
    await owner.waitFor(`${WHOLE} && $(".card")?.textContent.includes("Nothing here.")`);
    await owner.goto(`${server}/dashboard`);
    await owner.waitFor(`${WHOLE} && $("h1")`);
    expect(await owner.evaluate(`$$(".need .asked-for").length`)).toBe(0);
    expect(mishaps(owner)).toEqual([]);
    expect([...visitor.console, ...other.console]).toEqual([]);
  });
});
