import { afterEach, beforeEach, expect, test } from "bun:test";

import { simpleParser } from "mailparser";

import { type MailServer, startMailServer } from "../../harness/mail-server.ts";
import {
  failure,
  OWNERS_CHAT,
  TELEGRAM_TOKEN,
  TelegramServer,
} from "../../harness/telegram-server.ts";
import { ALONE } from "../../src/peers/alone.ts";
import type { KnownReplica } from "../../src/peers/peers.ts";
import { openDashboard } from "../support/dashboard-requests.ts";
import { until } from "../support/until.ts";
import { type Session, startVisitors, type Visitors } from "../support/visitors.ts";

/** From a visitor to the owner's mail and Telegram, and back, through the whole server. */

const PATH = "/dashboard/settings/notices";
const CONTACT = { kind: "email", value: "anna@visitor.example" };

let mail: MailServer;
let telegram: TelegramServer;
let visitors: Visitors;
let visitor: Session;
let owner: Awaited<ReturnType<typeof openDashboard>>;

beforeEach(async () => {
  mail = await startMailServer();
  telegram = new TelegramServer();
  const env = { PERSON: "always", NOTICES_PRIVATE_ADDRESSES: "on", PERSON_NAME: "Mia" };
  visitors = startVisitors({ env, telegramApi: telegram.url });
  const { app } = visitors;
  app.settings.config.onChange(() => void app.outbox.sync());
  owner = await openDashboard(app);
  visitor = await visitors.mint();
});
afterEach(async () => {
  await visitors.close();
  await Promise.all([mail.stop(), telegram.stop()]);
});

function send(fields: Record<string, string>) {
  return owner.post(PATH, { formToken: owner.formToken, ...fields });
}

async function setUpMail(more: Record<string, string> = {}): Promise<void> {
  const saved = await send({
    action: "save.mail",
    SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
    MAIL_FROM: "Shop <chat@shop.example>",
    MAIL_TO: "owner@shop.example",
    ...more,
  });
  expect(saved.status).toBe(303);
  await visitors.app.outbox.sync();
}

async function setUpTelegram(): Promise<void> {
  const chat = { TELEGRAM_TOKEN, TELEGRAM_CHAT: String(OWNERS_CHAT) };
  expect((await send({ action: "save.telegram", ...chat })).status).toBe(303);
  await visitors.app.outbox.sync();
}

/** Resolves when a message of the bot is stored as delivered. */
async function delivered(): Promise<number> {
  await until(async () => {
    const states = await visitors.app.store.channelStates();
    const state = states.find(({ channel }) => channel === "telegram");
    return state?.waiting === 0 && state.deliveredAt !== undefined;
  });
  return telegram.sent.at(-1)?.id ?? 0;
}

async function askForPerson(): Promise<void> {
  await visitors.ask(visitor, "Do you ship to Norway?");
  const body = { sessionId: visitor.id, consent: "You may write.", contact: CONTACT };
  const response = await visitors.post("/v1/chat/requests", JSON.stringify(body), visitor.token);
  expect(response.status).toBe(201);
}

test("a visitor who wants a person is in the owner's mail with the conversation", async () => {
  await setUpMail();
  await askForPerson();
  await until(() => mail.received.length === 1);
  const { subject, text, replyTo } = await simpleParser(mail.received[0]?.raw ?? "");
  expect(subject).toBe("Chat: Do you ship to Norway?");
  expect(replyTo?.text).toBe("anna@visitor.example");
  expect(text).toContain("  Hello there");
});

test("what the owner replies in Telegram is in the visitor's chat, and the model is silent until /done", async () => {
  await setUpTelegram();
  await askForPerson();
  await until(() => telegram.sent.length === 1);
  telegram.write({ text: "We do, within a week.", replyTo: await delivered() });
  await until(() => telegram.unconfirmed === 0);
  await visitors.ask(visitor, "Great!");
  await until(() => telegram.sent.length === 2);
  expect(telegram.sent[1]?.text).toContain("A visitor has written");
  expect(telegram.sent[1]?.text).toContain("“Great!”");
  telegram.write({ text: "/done", replyTo: await delivered() });
  await until(() => telegram.unconfirmed === 0);
  await visitors.ask(visitor, "And to Peru?");
  const history = await visitors.history(`sessionId=${visitor.id}`, visitor.token);
  const { messages } = (await history.json()) as {
    messages: { content: string; author?: object }[];
  };
  expect(messages.map(({ content, author }) => [content, author])).toEqual([
    ["Do you ship to Norway?", undefined],
    ["Hello there", undefined],
    ["We do, within a week.", { kind: "owner", name: "Mia" }],
    ["Great!", undefined],
    ["", undefined],
    ["And to Peru?", undefined],
    ["Hello there", undefined],
  ]);
});

test("a channel is tried from the page of notices, which shows no password and no token", async () => {
  await mail.stop();
  mail = await startMailServer({ login: { user: "shop", password: "top-secret" } });
  const url = (password: string) => `smtp://shop:${password}@127.0.0.1:${mail.port}`;
  await setUpMail({ SMTP_URL: url("top-secret-of-before") });
  await setUpTelegram();
  const shown = [await send({ action: "test.mail" }), await send({ action: "test.telegram" })];
  expect(shown[0]?.body).toContain("Mail: the test was not delivered.");
  await setUpMail({ SMTP_URL: url("top-secret") });
  shown.push(await send({ action: "test.mail" }), await owner.get(PATH));
  expect(shown[1]?.body).toContain("Telegram: the test was delivered.");
  expect(shown[2]?.body).toContain("The receiver says: “250 2.0.0 queued as 4711”");
  expect(telegram.sent.map(({ text }) => text)).toEqual([
    "It works\n\nMessages about your chat arrive here.",
  ]);
  for (const { body } of shown) {
    expect(body).not.toContain("top-secret");
    expect(body).not.toContain(TELEGRAM_TOKEN);
  }
  const lines = visitors.app.lines.join("\n");
  expect(lines).not.toContain(TELEGRAM_TOKEN);
  expect(lines).not.toContain("top-secret");
});

test("the weekly summary is sent by mail on the Monday on which it is wanted, and once", async () => {
  // The clock of the tests stands at Monday noon.
  await setUpMail({ WEEKLY_SUMMARY: "on" });
  await until(() => mail.received.length === 1);
  expect(mail.received[0]?.raw).toContain("Subject: Your week: 16 November to 22 November");
  await setUpMail({ WEEKLY_SUMMARY: "" });
  await setUpMail({ WEEKLY_SUMMARY: "on" });
  await askForPerson();
  await until(() => mail.received.length === 2);
  expect(mail.received[1]?.raw).toContain("Subject: Chat: ");
});

test("of several replicas, the one that has been there for longest reads what is written in Telegram", async () => {
  const of = (id: string, isSelf: boolean): KnownReplica => ({
    id,
    host: id,
    version: "1",
    startedAt: 0,
    beat: 1,
    isSelf,
    isReached: undefined,
  });
  let replicas = [of("other", false), of("own", true)];
  const { promise: wasAsked, resolve } = Promise.withResolvers<void>();
  const peers = {
    ...ALONE,
    async replicas() {
      resolve();
      return replicas;
    },
  };
  await visitors.close();
  const env = {
    TELEGRAM_TOKEN,
    TELEGRAM_CHAT: String(OWNERS_CHAT),
    NOTICES_PRIVATE_ADDRESSES: "on",
  };
  visitors = startVisitors({ env, peers, telegramApi: telegram.url });
  await visitors.app.outbox.sync();
  await wasAsked;
  expect(telegram.calls).toEqual([]);
  replicas = replicas.slice(1);
  await until(() => telegram.calls.some(({ method }) => method === "getUpdates"));
});

test("the page of notices finds the number of the owner's chat once somebody has written to the bot", async () => {
  const find = () => send({ action: "find.telegram" });
  expect((await find()).status).toBe(400);
  await send({ action: "save.telegram", TELEGRAM_TOKEN });
  expect((await owner.get(PATH)).body).toContain("Find my chat");
  expect((await find()).body).toContain("Nobody has written to this bot");
  telegram.write({ text: "Hello, bot" });
  telegram.write({
    text: "Hi",
    chat: { id: -1007, type: "supergroup", title: "<b>Shop & Co</b>" },
  });
  const { body } = await find();
  expect(body).toContain(`<code>${OWNERS_CHAT}</code> <bdi>Mia</bdi>`);
  expect(body).toContain("<code>-1007</code> <bdi>&lt;b&gt;Shop &amp; Co&lt;/b&gt;</bdi>");
  telegram.answer(() => failure(401, "Unauthorized"));
  expect((await find()).body).toContain("Telegram does not know this token (401).");
  await setUpTelegram();
  expect((await owner.get(PATH)).body).not.toContain("Find my chat</button>");
});

test("Telegram is asked for nothing any more once it is taken away", async () => {
  await setUpTelegram();
  await until(() => telegram.calls.some(({ method }) => method === "getUpdates"));
  const empty = { TELEGRAM_TOKEN: "", TELEGRAM_CHAT: "" };
  expect((await send({ action: "save.telegram", ...empty })).status).toBe(303);
  await visitors.app.outbox.sync();
  const { length } = telegram.calls;
  telegram.write({ text: "Hello?" });
  await askForPerson();
  expect(telegram.calls).toHaveLength(length);
});
