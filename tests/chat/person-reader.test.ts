import { expect, test } from "bun:test";

import type { PersonEvent } from "../../src/chat/person-events.ts";
import { createPersonSource, type PersonSourceDeps } from "../../src/chat/person-reader.ts";
import { Followers } from "../../src/conversation/followers.ts";
import type { Message } from "../../src/conversation/records.ts";
import { type Takeover, TAKEOVER_MS } from "../../src/store/takeover-store.ts";
import { until } from "../support/until.ts";

const ID = "c_1";
const NOON = Date.parse("2026-11-23T12:00:00Z");

function message(id: number): Message {
  return {
    id,
    turnId: `t_${id}`,
    role: "assistant",
    content: `Message ${id}.`,
    status: "complete",
    createdAt: NOON,
    author: { kind: "owner", name: "Anna" },
  };
}

/** A store with so many messages, which counts how often these are read. */
function createStore(messages: number, takeover?: Takeover) {
  const all = Array.from({ length: messages }, (_, n) => message(n + 1));
  let reads = 0;
  const store: PersonSourceDeps["store"] = {
    findConversation: async () => ({
      id: ID,
      sessionId: "visitor",
      createdAt: NOON,
      updatedAt: NOON,
      lastMessage: "",
      messageCount: messages,
    }),
    findTakeover: async () => takeover,
    async ownerMessagesAfter(_, after, limit) {
      reads += 1;
      return all.filter(({ id }) => id > after).slice(0, limit);
    },
  };
  return { store, reads: () => reads };
}

function open(store: PersonSourceDeps["store"], now = () => NOON) {
  const followers = new Followers(async () => new Map());
  const deps = { store, followers, now, requests: { newestOf: async () => undefined } };
  let notified = 0;
  const reader = createPersonSource(deps, { id: ID }).read(0, { onEvents: () => notified++ });
  return { reader, followers, notified: () => notified };
}

const idsIn = (events: readonly PersonEvent[]) =>
  events.flatMap((event) => (event.type === "message" ? [event.id] : []));

test("while a client takes nothing, no more is read than is sent at once", async () => {
  const { store, reads } = createStore(45);
  const { reader, followers, notified } = open(store);
  await until(() => notified() === 1);
  for (let n = 0; n < 5; n += 1) {
    followers.publish({ conversationId: ID, kind: "message" });
    followers.typing(ID);
  }
  await Bun.sleep(0);
  expect([notified(), reads()]).toEqual([1, 1]);

  const ids = idsIn(reader.take().events);
  while (ids.length < 45) {
    await until(() => notified() > 1);
    ids.push(...idsIn(reader.take().events));
  }
  expect(ids).toEqual(Array.from({ length: 45 }, (_, n) => n + 1));
  reader.close();
});

test("a client hears that the owner's time is over, although nothing is stored then", async () => {
  let now = NOON;
  const takeover = { name: "Anna", begunAt: NOON, lastWordAt: NOON - TAKEOVER_MS + 20 };
  const { reader, notified } = open(createStore(0, takeover).store, () => now);
  await until(() => notified() === 1);
  expect(reader.take().events).toEqual([{ type: "person", isHere: true, name: "Anna" }]);
  now = NOON + 20;
  await until(() => notified() === 2);
  expect(reader.take().events).toEqual([{ type: "person", isHere: false }]);
  reader.close();
});

test("a client whose store is away is sent off, to come again", async () => {
  const { store } = createStore(1);
  const away = { ...store, findTakeover: () => Promise.reject(new Error("away")) };
  const { reader, notified } = open(away);
  await until(() => notified() === 1);
  expect(reader.isDone).toBe(true);
  expect(reader.take().events).toEqual([]);
});

test("whoever comes while the server goes down is sent off", async () => {
  const followers = new Followers(async () => new Map());
  followers.end();
  const { store } = createStore(0);
  const deps = { store, followers, now: () => NOON, requests: { newestOf: async () => undefined } };
  const reader = createPersonSource(deps, { id: ID }).read(0, { onEvents: () => {} });
  await until(() => reader.isDone);
});
