import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { followBody } from "../../harness/streams.ts";
import { createSessionTokens } from "../../src/chat/session-tokens.ts";
import { NO_BUS } from "../../src/peers/bus.ts";
import { DAY_MS } from "../../src/runtime/time.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { forEachDatabase } from "../support/peers/databases.ts";
import { FakeBusHub } from "../support/peers/fake-bus.ts";
import { startReplica, type TestReplica } from "../support/peers/replicas.ts";
import type { SharedDatabase } from "../support/peers/shared-store.ts";
import { ADMIN_KEY, chatRequest, SESSION_SECRET, WIDGET_KEY } from "../support/test-app.ts";

/** The owner answers at one replica, and his visitor is at another. */

const { sessionId: SESSION, sessionToken } = createSessionTokens({
  secret: SESSION_SECRET,
  ttlMs: DAY_MS,
  now: new FakeClock().now,
}).mint();
const KEY = { "x-api-key": WIDGET_KEY, "x-session-token": sessionToken };

let database: SharedDatabase;
let model: ModelServer;
let hub: FakeBusHub;
let replicas: TestReplica[];

async function start(hasBus: boolean): Promise<TestReplica> {
  const replica = await startReplica({
    database,
    bus: hasBus ? hub.connect() : NO_BUS,
    modelUrl: model.url,
    abandonedTurnGraceMs: 10_000,
  });
  replicas.push(replica);
  return replica;
}

/** Asks a question, whose answer says "one " and goes on. */
async function ask(replica: TestReplica) {
  const index = model.calls.length;
  const body = { sessionId: SESSION, message: "Hi" };
  const response = await replica.fetch("/v1/chat/stream", chatRequest(body, KEY));
  const stream = followBody(response);
  (await model.call(index)).token("one ");
  const [, conversationId = ""] =
    /"conversationId":"([^"]+)"/.exec(await stream.until('"one')) ?? [];
  return { stream, conversationId };
}

async function openTab(replica: TestReplica, after = 0) {
  const path = `/v1/chat/events?sessionId=${SESSION}&after=${after}`;
  const response = await replica.fetch(path, { headers: KEY });
  expect(response.status).toBe(200);
  return followBody(response);
}

async function asOwner(replica: TestReplica, conversationId: string, what: string, body = {}) {
  const response = await replica.fetch(`/v1/admin/conversations/${conversationId}/${what}`, {
    method: "POST",
    headers: { "x-admin-api-key": ADMIN_KEY, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status).toBeLessThan(300);
}

function textsIn(text: string): string[] {
  return Array.from(text.matchAll(/"text":"([^"]*)"/g), ([, each = ""]) => each);
}

forEachDatabase((open) => {
  beforeEach(async () => {
    database = await open();
    model = startModelServer(() => {});
    hub = new FakeBusHub();
    replicas = [];
  });

  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await model.stop();
    await database.store.close();
  });

  describe.each([
    ["with a bus", true],
    ["without a bus", false],
  ])("%s", (_, hasBus) => {
    test("the owner's first word stops the answer that another replica generates, and comes after it", async () => {
      const [visitors, owners] = [await start(hasBus), await start(hasBus)];
      const { stream, conversationId } = await ask(visitors);
      const tabs = [await openTab(visitors), await openTab(owners)];
      await asOwner(owners, conversationId, "messages", { text: "I am here." });
      expect(await stream.end()).toContain('"finishReason":"stopped"');
      for (const tab of tabs) await tab.until("I am here.");
      const messages = await database.store.listMessages(conversationId);
      // The visitor did not stop it, and it is no poor answer.
      expect(messages.map(({ content, finishReason }) => [content, finishReason])).toEqual([
        ["Hi", undefined],
        ["one", "person"],
        ["I am here.", undefined],
      ]);
      expect(await database.store.listUnanswered(9)).toEqual([]);
      for (const tab of tabs) await tab.cancel();
    });

    test("what the owner writes at two replicas reaches each tab once and in the stored order", async () => {
      const [one, two] = [await start(hasBus), await start(hasBus)];
      const { conversationId } = await ask(one);
      const tabs = [await openTab(one), await openTab(two)];
      for (let round = 0; round < 5; round += 1) {
        await Promise.all([
          asOwner(one, conversationId, "messages", { text: `one ${round}` }),
          asOwner(two, conversationId, "messages", { text: `two ${round}` }),
        ]);
      }
      await asOwner(one, conversationId, "messages", { text: "the last" });
      const stored = await database.store.ownerMessagesAfter(conversationId, 0, 50);
      const texts = stored.map(({ content }) => content);
      for (const tab of tabs) {
        expect(textsIn(await tab.until("the last"))).toEqual(texts);
        await tab.cancel();
      }
    });

    test("a tab hears at another replica that the owner gives back, and that the conversation is erased", async () => {
      const [one, two] = [await start(hasBus), await start(hasBus)];
      const { conversationId } = await ask(one);
      const tab = await openTab(two);
      await asOwner(one, conversationId, "takeover", { name: "Anna" });
      await tab.until('"isHere":true,"name":"Anna"');
      const path = `/v1/admin/conversations/${conversationId}`;
      const init = { method: "DELETE", headers: { "x-admin-api-key": ADMIN_KEY } };
      await one.fetch(`${path}/takeover`, init);
      await tab.until(/"isHere":true[^]*"isHere":false/);
      // The tab's own replica knows of the beginning at once, and of the end by the database.
      await asOwner(two, conversationId, "takeover", { name: "Bea" });
      await tab.until('"isHere":true,"name":"Bea"');
      await one.fetch(`${path}/takeover`, init);
      await tab.until(/"Bea"[^]*"isHere":false/);
      await one.fetch(path, init);
      await tab.end();
    });
  });

  test("that the owner is writing is seen at another replica, by the bus", async () => {
    const [one, two] = [await start(true), await start(true)];
    const { conversationId } = await ask(one);
    const tab = await openTab(two);
    await tab.until("event: person");
    await asOwner(one, conversationId, "typing");
    await tab.until("event: typing");
    await tab.cancel();
  });
});
