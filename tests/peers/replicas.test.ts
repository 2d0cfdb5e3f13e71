import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { followBody, parseSse } from "../../harness/streams.ts";
import { createSessionTokens } from "../../src/chat/session-tokens.ts";
import { NO_BUS } from "../../src/peers/bus.ts";
import { DAY_MS } from "../../src/runtime/time.ts";
import type { Store } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { forEachDatabase } from "../support/peers/databases.ts";
import { FakeBusHub } from "../support/peers/fake-bus.ts";
import { startReplica, type TestReplica } from "../support/peers/replicas.ts";
import type { SharedDatabase } from "../support/peers/shared-store.ts";
import { addSource, newDocument, section } from "../support/stored-knowledge.ts";
import { chatRequest, SESSION_SECRET, WIDGET_KEY } from "../support/test-app.ts";
import { until } from "../support/until.ts";

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

interface StartOptions {
  readonly abandonedTurnGraceMs?: number;
  /** The shared one by default. */
  readonly store?: Store;
  readonly env?: Record<string, string>;
}

async function start(hasBus: boolean, options: StartOptions = {}): Promise<TestReplica> {
  const { store = database.store, abandonedTurnGraceMs = 10_000 } = options;
  const replica = await startReplica({
    database: { ...database, store },
    bus: hasBus ? hub.connect() : NO_BUS,
    modelUrl: model.url,
    abandonedTurnGraceMs,
    env: options.env ?? {},
  });
  replicas.push(replica);
  return replica;
}

/** Asks a question and returns the stream of its answer, which has said "one ". */
async function ask(replica: TestReplica, headers: Record<string, string> = {}, message = "Hi") {
  const index = model.calls.length;
  const body = { sessionId: SESSION, message };
  const response = await replica.fetch(
    "/v1/chat/stream",
    chatRequest(body, { ...KEY, ...headers }),
  );
  const stream = followBody(response);
  const call = await model.call(index);
  call.token("one ");
  // A space is held back where sources were given, until it is clear that no number follows.
  const begun = await stream.until('"one');
  return { stream, call, turnId: /"turnId":"([^"]+)"/.exec(begun)?.[1] ?? "" };
}

function resume(replica: TestReplica, turnId: string, after = 0, method = "GET") {
  return replica.fetch(`/v1/chat/stream/${turnId}?after=${after}`, { method, headers: KEY });
}

function stop(replica: TestReplica, turnId: string) {
  return replica.fetch(`/v1/chat/stream/${turnId}/stop`, { method: "POST", headers: KEY });
}

async function wholeStream(response: Response) {
  return parseSse(await followBody(response).end());
}

const erase = (replica: TestReplica) =>
  replica.fetch(`/v1/chat/history?sessionId=${SESSION}`, { method: "DELETE", headers: KEY });

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

  describe("with a bus", () => {
    async function two() {
      return [await start(true), await start(true)] as const;
    }

    test("a reader at another replica is shown what was replaced in the question, and no more", async () => {
      const env = { REDACT: "cards" };
      const [owner, other] = [await start(true, { env }), await start(true, { env })];
      const message = "My card is 4111 1111 1111 1111.";
      const { stream, call, turnId } = await ask(owner, {}, message);
      const whole = followBody(await resume(other, turnId));
      await whole.until("one ");
      call.token("5555 5555 ");
      call.token("5555 4444");
      call.finish();
      const own = parseSse(await stream.end());
      expect(own[0]?.data).toMatchObject({ question: "My card is •••• •••• •••• ••••." });
      expect(own.at(-1)?.data).toMatchObject({ message: "one •••• •••• •••• ••••" });
      expect(parseSse(await whole.end())).toEqual(own);
    });

    test("an answer is read at another replica with the same events and numbers", async () => {
      const [owner, other] = await two();
      const { stream, call, turnId } = await ask(owner);
      const whole = followBody(await resume(other, turnId));
      await whole.until("one ");
      const late = followBody(await resume(other, turnId, 2));
      call.token("two ");
      await late.until("two ");
      call.token("three");
      call.finish();
      const own = await stream.end();
      expect(parseSse(await whole.end())).toEqual(parseSse(own));
      expect(parseSse(await late.end())).toEqual(parseSse(own).slice(2));
      expect(parseSse(own).map(({ id }) => Number(id))).toEqual([1, 2, 3, 4, 5]);
    });

    test("an answer that was given sources is read there with them, too", async () => {
      const { id: sourceId } = await addSource(database.store);
      const sections = [section("Hi is what visitors say.")];
      await database.store.putDocument(newDocument({ sourceId, sections }));
      const [owner, other] = await two();
      const { stream, call, turnId } = await ask(owner);
      const whole = followBody(await resume(other, turnId));
      await whole.until('"one');
      const late = followBody(await resume(other, turnId, 2));
      call.token("two [1] [7]");
      call.finish();
      const own = parseSse(await stream.end());
      expect(parseSse(await whole.end())).toEqual(own);
      expect(parseSse(await late.end())).toEqual(own.slice(2));
      expect(own.map(({ event }) => event).slice(0, 3)).toEqual(["start", "sources", "token"]);
      const cited = [{ number: 1, title: "Shipping", url: "https://shop.example/shipping" }];
      expect(own.at(-1)?.data).toMatchObject({
        message: "one two [1]",
        sources: cited,
        grounding: "cited",
      });
    });

    test("a handoff is read at another replica before the end, under the same number", async () => {
      const [owner, other] = [await start(true), await start(true)];
      for (const { settings } of [owner, other]) {
        await settings.change({ PERSON: "poor" }, { by: "the owner" });
      }
      const { stream, call, turnId } = await ask(owner);
      const whole = followBody(await resume(other, turnId));
      await whole.until('"one');
      const late = followBody(await resume(other, turnId, 2));
      call.cut();
      const own = parseSse(await stream.end());
      expect(own.map(({ event }) => event).slice(-2)).toEqual(["handoff", "error"]);
      expect(own.map(({ id }) => Number(id))).toEqual(own.map((_, index) => index + 1));
      expect(parseSse(await whole.end())).toEqual(own);
      expect(parseSse(await late.end())).toEqual(own.slice(2));
    });

    test("an answer that begins anew does so at another replica, too", async () => {
      const [owner, other] = await two();
      const { stream, call, turnId } = await ask(owner);
      const elsewhere = followBody(await resume(other, turnId));
      await elsewhere.until("one ");
      call.token("\n</think>\n\nFine");
      call.finish();
      const own = parseSse(await stream.end());
      expect(own.filter(({ event }) => event === "start")).toHaveLength(2);
      expect(parseSse(await elsewhere.end())).toEqual(own);
    });

    test("an ended answer is read on at another replica exactly, as long as its owner has it", async () => {
      const [owner, other] = await two();
      const { stream, call, turnId } = await ask(owner);
      call.token("two");
      call.finish();
      const own = parseSse(await stream.end());
      expect(await wholeStream(await resume(other, turnId, 2))).toEqual(own.slice(2));
      expect((await resume(other, turnId, own.length)).status).toBe(204);
      expect((await resume(other, turnId, own.length + 1)).status).toBe(400);
      expect((await resume(other, turnId, 0, "HEAD")).status).toBe(200);
    });

    test("a number that no event has reached is a 400 at another replica, too", async () => {
      const [owner, other] = await two();
      const { turnId } = await ask(owner);
      expect((await resume(other, turnId, 40)).status).toBe(400);
      expect((await resume(other, turnId, 0, "HEAD")).status).toBe(200);
    });

    test("nothing is sent over the bus while nobody follows", async () => {
      const [owner] = await two();
      const { stream, call } = await ask(owner);
      call.finish();
      await stream.end();
      expect(hub.sent.filter((message) => !message.startsWith('["a"'))).toEqual([]);
    });

    test("an answer goes on when only another replica's reader is left", async () => {
      const owner = await start(true, { abandonedTurnGraceMs: 150 });
      const other = await start(true);
      const { stream, call, turnId } = await ask(owner);
      const elsewhere = followBody(await resume(other, turnId));
      await elsewhere.until("one ");
      await stream.cancel();
      await Bun.sleep(400);
      call.token("two");
      call.finish();
      expect(await elsewhere.end()).toContain('"message":"one two"');
    });

    test("an answer is stopped when its last reader has left another replica", async () => {
      const owner = await start(true, { abandonedTurnGraceMs: 50 });
      const other = await start(true);
      const { stream, call, turnId } = await ask(owner);
      const elsewhere = followBody(await resume(other, turnId));
      await elsewhere.until("one ");
      await stream.cancel();
      await elsewhere.cancel();
      await call.left;
      expect(other.metrics()).toContain("chatporch_turns_followed 0\n");
      expect(owner.metrics()).toContain("chatporch_followers_served 0\n");
    });

    test("a message that this version does not know is dropped", async () => {
      const [owner, other] = await two();
      const { stream, call, turnId } = await ask(owner);
      for (const message of ["", "[]", "{", '["z",1]', '["f",1]', `["s",{"turnId":"${turnId}"}]`]) {
        hub.inject(owner.address, message);
      }
      call.finish();
      expect(await stream.end()).toContain('"message":"one"');
      expect(other.lines.filter((line) => line.includes('"error"'))).toEqual([]);
    });

    test("an erased answer is nowhere read again, and one under way ends", async () => {
      const [owner, other] = await two();
      const { turnId } = await ask(owner);
      expect((await erase(other)).status).toBe(204);
      expect((await resume(owner, turnId)).status).toBe(404);
      expect((await resume(other, turnId)).status).toBe(404);
    });

    test("the feed of another replica hears what was stored", async () => {
      const [owner, other] = await two();
      const heard: string[] = [];
      other.chat.activity.subscribe({ onActivity: ({ kind }) => heard.push(kind), onEnd() {} });
      const { stream, call } = await ask(owner);
      call.finish();
      await stream.end();
      await erase(owner);
      await until(() => heard.length === 3);
      expect(heard).toEqual(["question", "answer", "erased"]);
    });

    test("a replica that leaves does not say how an answer ends that another one generates", async () => {
      const [owner, other] = await two();
      const key = { "idempotency-key": "once" };
      const { stream, call } = await ask(owner, key);
      const body = { sessionId: SESSION, message: "Hi" };
      const whole = other.fetch("/v1/chat", chatRequest(body, { ...KEY, ...key }));
      while (!other.metrics().includes("chatporch_turns_followed 1")) await Bun.sleep(5);
      await other.close();
      const response = await whole;
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ code: "draining" });
      call.finish();
      await stream.end();
    });

    test("a reader of a replica that leaves is cut, and reads on at the owner", async () => {
      const [owner, other] = await two();
      const { stream, call, turnId } = await ask(owner);
      const elsewhere = followBody(await resume(other, turnId));
      await elsewhere.until("one ");
      await other.close();
      expect(await elsewhere.end()).not.toContain("event: error");
      const again = await resume(owner, turnId, 2);
      call.token("two");
      call.finish();
      await stream.end();
      expect((await wholeStream(again)).map(({ id }) => id)).toEqual(["3", "4"]);
    });
  });

  describe.each([
    ["with a bus", true],
    ["without a bus", false],
  ])("%s", (_, hasBus) => {
    async function two() {
      return [await start(hasBus), await start(hasBus)] as const;
    }

    test("the history of another replica names the answer under way", async () => {
      const [owner, other] = await two();
      const { turnId } = await ask(owner);
      const path = `/v1/chat/history?sessionId=${SESSION}`;
      const history = await other.fetch(path, { headers: KEY });
      expect(await history.json()).toMatchObject({ activeTurnId: turnId });
    });

    test("a stop at another replica ends the answer", async () => {
      const [owner, other] = await two();
      const { stream, turnId } = await ask(owner);
      const stopped = await stop(other, turnId);
      expect(await stopped.json()).toMatchObject({ message: "one", finishReason: "stopped" });
      expect(await stream.end()).toContain('"finishReason":"stopped"');
    });

    test("a repeated question is answered by the same turn at another replica", async () => {
      const [owner, other] = await two();
      const { stream, call, turnId } = await ask(owner, { "idempotency-key": "once" });
      const body = { sessionId: SESSION, message: "Hi" };
      const again = other.fetch(
        "/v1/chat",
        chatRequest(body, { ...KEY, "idempotency-key": "once" }),
      );
      await Bun.sleep(30);
      call.token("two");
      call.finish();
      expect(await (await again).json()).toMatchObject({ turnId, message: "one two" });
      await stream.end();
      expect(model.calls).toHaveLength(1);
    });

    test("a second question of the session is a 409 at another replica", async () => {
      const [owner, other] = await two();
      await ask(owner);
      const refused = await other.fetch(
        "/v1/chat",
        chatRequest({ sessionId: SESSION, message: "2" }, KEY),
      );
      expect(refused.status).toBe(409);
    });

    test("thirty questions of one session at three replicas begin one turn", async () => {
      const three = [...(await two()), await start(hasBus)];
      model.script = (call) => {
        call.token("Hello");
        setTimeout(() => call.finish(), 200);
      };
      const asked = Array.from({ length: 30 }, (_each, i) => {
        const body = { sessionId: SESSION, message: `Question ${i}` };
        return three[i % 3]?.fetch("/v1/chat", chatRequest(body, KEY));
      });
      const statuses = (await Promise.all(asked)).map((response) => response?.status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 409)).toHaveLength(29);
    });

    test("an answer that was erased at another replica is not read from memory", async () => {
      const [owner, other] = await two();
      const { stream, call, turnId } = await ask(owner);
      call.finish();
      await stream.end();
      expect((await resume(owner, turnId)).status).toBe(200);
      expect((await erase(other)).status).toBe(204);
      expect((await resume(owner, turnId)).status).toBe(404);
      expect((await resume(other, turnId)).status).toBe(404);
    });

    test("an erasure stops the answer of another replica", async () => {
      const [owner, other] = await two();
      const { stream, turnId } = await ask(owner);
      expect((await erase(other)).status).toBe(204);
      await stream.end();
      expect((await resume(owner, turnId)).status).toBe(404);
    });

    test("a question that comes to another replica during an erasure leaves nothing behind", async () => {
      const owner = await start(hasBus);
      let asked: Awaited<ReturnType<typeof ask>> | undefined;
      const { store } = database;
      const other = await start(hasBus, {
        store: new Proxy(store, {
          get(target, name) {
            const member: unknown = Reflect.get(target, name);
            if (typeof member !== "function") return member;
            if (name !== "deleteConversation") return member.bind(target);
            return async (id: string) => {
              asked = await ask(owner);
              return store.deleteConversation(id);
            };
          },
        }),
      });
      const { stream, call } = await ask(owner);
      call.finish();
      await stream.end();
      expect((await erase(other)).status).toBe(204);
      asked?.call.finish();
      expect(await asked?.stream.end()).toContain('"code":"interrupted"');
      expect((await resume(owner, asked?.turnId ?? "")).status).toBe(404);
      expect(await store.findConversationBySession(SESSION)).toBeUndefined();
    });

    test("an answer of a replica that has died ends as interrupted, for readers and in the store", async () => {
      const [owner, other] = await two();
      const { turnId, stream } = await ask(owner);
      const elsewhere = followBody(await resume(other, turnId));
      owner.pause();
      if (hasBus) hub.cutOff(owner.address);
      expect(await elsewhere.end()).toContain('"code":"interrupted"');
      expect((await database.store.findTurn(turnId))?.answer.status).toBe("interrupted");
      const next = await other.fetch(
        "/v1/chat/stream",
        chatRequest({ sessionId: SESSION, message: "2" }, KEY),
      );
      expect(next.status).toBe(200);
      owner.resume();
      expect(await stream.end()).toContain('"code":"interrupted"');
      expect((await database.store.findTurn(turnId))?.answer.status).toBe("interrupted");
      expect(owner.peers.self).toBe(`${owner.address}.2`);
    });

    test("the feed of another replica learns that it has missed something", async () => {
      const [owner, other] = await two();
      if (hasBus) hub.cutOff(other.address);
      const missed = Promise.withResolvers<void>();
      other.chat.activity.subscribe({ onActivity() {}, onEnd: missed.resolve });
      await ask(owner);
      await missed.promise;
    });
  });

  test("without a bus, an answer is read to its end at another replica, which keeps it alive", async () => {
    const owner = await start(false, { abandonedTurnGraceMs: 300 });
    const other = await start(false);
    const { stream, call, turnId } = await ask(owner);
    const elsewhere = followBody(await resume(other, turnId));
    await Bun.sleep(250);
    await stream.cancel();
    await Bun.sleep(800);
    call.token("two");
    call.finish();
    const events = parseSse(await elsewhere.end()).map(({ data }) => data);
    expect(events).toMatchObject([
      { type: "start", turnId },
      { type: "token", token: "one two" },
      { type: "done", message: "one two" },
    ]);
  });

  test("a replica that leaves is not waited for", async () => {
    const leaving = await start(true);
    const staying = await start(true);
    await leaving.close();
    expect(await staying.peers.replicas()).toMatchObject([{ isSelf: true, isReached: true }]);
    await staying.peers.ping();
  });

  test("a replica whose beats fail gets no traffic", async () => {
    const replica = await start(false);
    await replica.peers.ping();
    replica.pause();
    const refusal = () =>
      replica.peers.ping().then(
        () => undefined,
        (error: unknown) => error,
      );
    await until(async () => (await refusal()) !== undefined);
    expect(await refusal()).toMatchObject({
      message: expect.stringContaining("cannot show the others that it lives"),
    });
    replica.resume();
  });
});
