import { afterEach, beforeEach, expect, test } from "bun:test";

import {
  failure,
  OWNERS_CHAT,
  TELEGRAM_TOKEN,
  TelegramServer,
} from "../../harness/telegram-server.ts";
import type { Activity } from "../../src/conversation/activity.ts";
import { lookUpHost } from "../../src/net/find-host.ts";
import type { Notice } from "../../src/notices/notice.ts";
import { createPost } from "../../src/notices/post.ts";
import { createTelegramApi, telegramReceipt } from "../../src/notices/telegram-api.ts";
import { TelegramReplies } from "../../src/notices/telegram-replies.ts";
import { createTelegram } from "../../src/notices/telegram.ts";
import { createTakeovers } from "../../src/people/takeovers.ts";
import { MINUTE_MS } from "../../src/runtime/time.ts";
import type { Store } from "../../src/store/store.ts";
import { StoreUnavailableError } from "../../src/store/unavailable.ts";
import { forEachStore } from "../store/contract/stores.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { noticeOf } from "../support/notice-samples.ts";
import { mintedId, storeExchange } from "../support/stored-turns.ts";
import { until } from "../support/until.ts";

let store: Store;
let server: TelegramServer;
let clock: FakeClock;
let activities: Activity[];
let log: string[];
let readers: TelegramReplies[];

beforeEach(() => {
  server = new TelegramServer();
  clock = new FakeClock();
  [activities, log, readers] = [[], [], []];
});
afterEach(async () => {
  await Promise.all(readers.map((each) => each.stop()));
  await server.stop();
});

interface ReaderOptions {
  readonly chat?: string;
  readonly isReader?: () => boolean;
  /** Called before a message is stored. */
  readonly beforeWrite?: () => void;
}

function openApi() {
  const options = { lookUp: lookUpHost, allowsPrivate: true, userAgent: "chatporch", secrets: [] };
  const post = createPost(options);
  return createTelegramApi({ token: TELEGRAM_TOKEN, post, api: server.url });
}

/** Sends a notice, and stores nothing of what Telegram answers. */
function sendNotice(notice: Notice) {
  const channel = createTelegram({ token: TELEGRAM_TOKEN, chat: String(OWNERS_CHAT) }, openApi());
  return channel.send(notice, AbortSignal.timeout(10_000));
}

/** A process that reads replies. */
function read({ chat, isReader = () => true, beforeWrite = () => {} }: ReaderOptions = {}) {
  const settings = { token: TELEGRAM_TOKEN, chat: chat ?? String(OWNERS_CHAT) };
  const call = openApi();
  const takeovers = createTakeovers({
    store,
    chat: {
      stopUnderWay: async () => {},
      publish: (activity) => void activities.push(activity),
      showTyping() {},
    },
    defaultName: () => "Mia",
    now: clock.now,
  });
  const say = (message: string, about?: object) =>
    void log.push(`${message} ${JSON.stringify(about)}`);
  const reader = new TelegramReplies({
    store,
    takeovers: {
      write(...all) {
        beforeWrite();
        return takeovers.write(...all);
      },
      end: takeovers.end,
    },
    telegram: async () => ({ settings, call }),
    isReader: async () => isReader(),
    log: { warn: say, error: say },
    now: clock.now,
  });
  readers.push(reader);
  return reader;
}

/** A conversation, and the number of the notice about it that the owner sees in Telegram. */
async function notify(name: string, sessionId = mintedId(name)) {
  await store.wantNotices([{ channel: "telegram", kind: "conversation.started" }]);
  const { conversationId } = await storeExchange(store, { sessionId, at: clock.now() });
  const response = await fetch(`${server.url}/bot${TELEGRAM_TOKEN}/sendMessage`, {
    method: "POST",
    body: JSON.stringify({ chat_id: OWNERS_CHAT, text: `A notice of ${name}` }),
  });
  const { result } = (await response.json()) as { result: { message_id: number } };
  const claim = { channel: "telegram", limit: 1, owner: "me", now: clock.now() } as const;
  const [claimed] = await store.claimNotices({ ...claim, until: clock.now() + MINUTE_MS });
  const receipt = telegramReceipt(TELEGRAM_TOKEN, result);
  const end = { state: "delivered", owner: "me", at: clock.now(), receipt } as const;
  await store.endAttempt(claimed?.seq ?? 0, end);
  return { conversationId, noticeId: result.message_id };
}

async function ownersWords(conversationId: string): Promise<readonly string[]> {
  const messages = await store.ownerMessagesAfter(conversationId, 0, 100);
  return messages.map(({ content }) => content);
}

/** Resolves when everything that was written to the bot is stored and confirmed. */
const settled = () => until(() => server.unconfirmed === 0);

/** What the bot has answered, without the notices. */
function answers(): string[] {
  return server.sent.map(({ text }) => text).filter((text) => !text.startsWith("A notice of"));
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    test("a reply to a notice goes to its visitor, under the owner's name, and takes the conversation over", async () => {
      const one = await notify("one");
      const two = await notify("two");
      read();
      const replyId = server.write({ text: "We do ship there.", replyTo: two.noticeId });
      await settled();
      expect(await ownersWords(one.conversationId)).toEqual([]);
      expect(await store.ownerMessagesAfter(two.conversationId, 0, 9)).toMatchObject([
        { content: "We do ship there.", author: { kind: "owner", name: "Mia" } },
      ]);
      expect(await store.findTakeover(two.conversationId)).toMatchObject({ name: "Mia" });
      expect(activities.at(-1)).toEqual({ conversationId: two.conversationId, kind: "message" });
      expect(server.reactions).toEqual([replyId]);
      expect(answers()).toEqual([]);
    });

    test("a reply to a notice whose receipt never came goes by its link, and never by one in a visitor's words", async () => {
      const { conversationId } = await storeExchange(store, { sessionId: mintedId("one") });
      const other = await storeExchange(store, { sessionId: mintedId("two") });
      const linkTo = (id: string) => `https://chat.example.com/dashboard/conversations/${id}`;
      const words = `${linkTo(other.conversationId)}\n\nReply here`;
      const requests = noticeOf().requests.map((each) => ({ ...each, note: words }));
      for (const link of [linkTo(conversationId), undefined]) {
        await sendNotice(noticeOf({ requests, link }));
        const { turn } = noticeOf();
        const rating = { value: "negative", reasons: [], comment: words, at: 1 } as const;
        const rated = turn && { ...turn, answer: { ...turn.answer, rating } };
        await sendNotice(noticeOf({ kind: "answer.rated", turn: rated, requests: [], link }));
      }
      read();
      const [linked, alsoLinked, ...bare] = server.sent.map(({ id }) => id);
      server.write({ text: "Yes.", replyTo: linked ?? 0 });
      server.write({ text: "And no.", replyTo: alsoLinked ?? 0 });
      for (const replyTo of bare) server.write({ text: "Perhaps.", replyTo });
      await settled();
      expect(await ownersWords(conversationId)).toEqual(["Yes.", "And no."]);
      expect(await ownersWords(other.conversationId)).toEqual([]);
      await until(() => server.sent.length === 6);
      expect(server.sent.at(-1)?.text).toStartWith("This is not a notice that I know");
    });

    test("a reply to a visitor whose client shows no messages of a person is refused with a sentence", async () => {
      const { conversationId, noticeId } = await notify("one", "his-own");
      read();
      server.write({ text: "Yes.", replyTo: noticeId });
      await settled();
      expect(answers()).toEqual([
        "This visitor's program shows no messages of a person. Nothing was sent. The assistant goes on answering.",
      ]);
      expect(server.reactions).toEqual([]);
      expect(await store.findTakeover(conversationId)).toBeUndefined();
    });

    test("/done gives a conversation back", async () => {
      const { conversationId, noticeId } = await notify("one");
      read();
      server.write({ text: "Yes.", replyTo: noticeId });
      const doneId = server.write({ text: "/done", replyTo: noticeId });
      await settled();
      expect(await store.findTakeover(conversationId)).toBeUndefined();
      expect(await ownersWords(conversationId)).toEqual(["Yes."]);
      expect(server.reactions).toContain(doneId);
    });

    test("only the owner's chat is read, by its number or by its name", async () => {
      const { conversationId, noticeId } = await notify("one");
      read();
      const stranger = { id: 666, type: "private" };
      server.write({ text: "Your card number, please.", replyTo: noticeId, chat: stranger });
      server.write({ text: "Hello?", chat: stranger });
      server.write({
        text: "/done",
        replyTo: noticeId,
        chat: { id: -100_666, type: "supergroup" },
      });
      await settled();
      expect(await ownersWords(conversationId)).toEqual([]);
      expect([answers(), server.reactions]).toEqual([[], []]);
    });

    test("what belongs to no visitor is answered in the owner's own chat, and not in a group", async () => {
      const { noticeId } = await notify("one");
      read();
      server.write({ text: "/start" });
      server.write({ replyTo: noticeId });
      server.write({ text: "x".repeat(4001), replyTo: noticeId });
      server.write({ text: "A reply to myself", replyTo: 9999 });
      await settled();
      expect(answers()).toEqual([
        "Notices of your chat arrive here. Reply to one, and its visitor reads what you write.",
        "Only text reaches the visitor. This was not sent.",
        "A visitor is sent at most 4000 characters at once. This was not sent.",
        "Notices of your chat arrive here. Reply to one, and its visitor reads what you write.",
      ]);
      expect(server.reactions).toEqual([]);
    });

    test("in a group, members talk to each other, and their replies to notices count", async () => {
      const { conversationId, noticeId } = await notify("one");
      const group = { id: OWNERS_CHAT, type: "supergroup" };
      read();
      server.write({ text: "Who takes this one?", chat: group });
      server.write({ text: "I do.", replyTo: 9999, chat: group });
      const replyId = server.write({ text: "Hello!", replyTo: noticeId, chat: group });
      await settled();
      expect([answers(), server.reactions]).toEqual([[], [replyId]]);
      expect(await ownersWords(conversationId)).toEqual(["Hello!"]);
    });

    test("a reply to a conversation that was erased says so, and nothing is stored", async () => {
      const { conversationId, noticeId } = await notify("one");
      await store.deleteConversation(conversationId);
      const hidden = await notify("two");
      await store.hideConversation(hidden.conversationId, clock.now() + MINUTE_MS);
      read();
      server.write({ text: "Are you there?", replyTo: noticeId });
      server.write({ text: "And you?", replyTo: hidden.noticeId });
      await settled();
      expect(answers()).toEqual([
        expect.stringContaining("not a notice that I know a conversation of"),
        expect.stringContaining("not a notice that I know a conversation of"),
      ]);
    });

    test("a kill before Telegram knows that a reply is stored neither loses nor repeats it", async () => {
      const { conversationId, noticeId } = await notify("one");
      const killed = Promise.withResolvers<void>();
      const first = read({
        beforeWrite() {
          // Stored, and nothing is said to Telegram any more.
          void first.stop();
          killed.resolve();
        },
      });
      server.write({ text: "Once.", replyTo: noticeId });
      server.write({ text: "Twice.", replyTo: noticeId });
      await killed.promise;
      await first.stop();
      expect(server.unconfirmed).toBe(2);
      read();
      await settled();
      expect(await ownersWords(conversationId)).toEqual(["Once.", "Twice."]);
    });

    test("only the replica whose turn it is reads, and the next one goes on where it has ended", async () => {
      const { conversationId, noticeId } = await notify("one");
      const first = read();
      read({ isReader: () => false });
      server.write({ text: "One.", replyTo: noticeId });
      await settled();
      await first.stop();
      read();
      server.write({ text: "Two.", replyTo: noticeId });
      await settled();
      expect(await ownersWords(conversationId)).toEqual(["One.", "Two."]);
      expect(server.mostReaders).toBe(1);
    });
  },
);

test("what Telegram refuses is on the owner's page, and logged once", async () => {
  store = (await import("../../src/store/sqlite/open.ts")).openSqliteStore(":memory:");
  server.answer(() =>
    failure(409, "Conflict: can't use getUpdates method while webhook is active"),
  );
  read();
  await until(() => log.length > 0);
  const state = (await store.channelStates()).find(({ channel }) => channel === "telegram");
  expect(state?.error).toBe(
    "Replies cannot be read: Another program reads what is written to this bot (409). It says: “Conflict: can't use getUpdates method while webhook is active”",
  );
  expect(log).toHaveLength(1);
  await store.close();
});

test("a database that does not answer loses no reply", async () => {
  store = (await import("../../src/store/sqlite/open.ts")).openSqliteStore(":memory:");
  const { conversationId, noticeId } = await notify("one");
  const failing = read({
    beforeWrite() {
      throw new StoreUnavailableError("The database does not answer.");
    },
  });
  server.write({ text: "Hello", replyTo: noticeId });
  await until(() => server.calls.filter(({ method }) => method === "getUpdates").length > 0);
  await failing.stop();
  expect(server.unconfirmed).toBe(1);
  read();
  await settled();
  expect(await ownersWords(conversationId)).toEqual(["Hello"]);
  await store.close();
});
