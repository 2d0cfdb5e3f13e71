import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { startWebhookReceiver, type WebhookReceiver } from "../../harness/webhook-receiver.ts";
import { DeliveryError } from "../../src/notices/channel.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/runtime/time.ts";
import type { Store } from "../../src/store/store.ts";
import { forEachStore } from "../store/contract/stores.ts";
import { eventsOf, startDelivery } from "../support/notices.ts";
import { storedRequest } from "../support/stored-requests.ts";
import { NOON } from "../support/stored-turns.ts";
import { until } from "../support/until.ts";

let store: Store;
let receiver: WebhookReceiver;

beforeEach(() => {
  receiver = startWebhookReceiver();
});
afterEach(() => receiver.stop());

const DOWN = () => new Response("down for maintenance", { status: 500 });
const UP = () => new Response(null, { status: 204 });

function typesOf(from = receiver): string[] {
  return eventsOf(from).map(({ type }) => type);
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("the outbox", () => {
      test("is delivered in the order of each conversation, with links, once each", async () => {
        const delivery = await startDelivery(store, receiver);
        const stored = [];
        for (const visitor of ["a", "b", "c", "d", "e", "f"])
          stored.push(await delivery.fail(visitor));
        await delivery.deliver();
        const events = eventsOf(receiver);
        for (const { conversationId, turnId } of stored) {
          const url = `https://chat.example.com/dashboard/conversations/${conversationId}`;
          expect(events.filter((event) => event.conversationId === conversationId)).toEqual([
            { id: expect.any(String), type: "conversation.started", conversationId, url },
            {
              id: expect.any(String),
              type: "answer.failed",
              conversationId,
              turnId,
              errorCode: "model_error",
              url,
            },
          ]);
        }
        expect(new Set(events.map(({ id }) => id)).size).toBe(12);
        expect(delivery.metrics.write()).toContain(
          'chatporch_notices_total{channel="webhook",result="delivered"} 12',
        );
        await delivery.deliver();
        expect(receiver.received).toHaveLength(12);
      });

      test("survives a receiver that is down for hours: each event comes, with its first id, in order", async () => {
        const delivery = await startDelivery(store, receiver);
        const { clock } = delivery;
        receiver.answer(DOWN);
        await delivery.fail("one");
        const tries: number[] = [];
        const pauses = [0, 5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS];
        for (const pauseMs of pauses) {
          clock.advance(Math.max(0, pauseMs - 1));
          await delivery.deliver();
          if (pauseMs > 0) expect(receiver.received).toHaveLength(tries.length);
          clock.advance(pauseMs > 0 ? 1 : 0);
          await delivery.deliver();
          tries.push(clock.now());
          expect(receiver.received).toHaveLength(tries.length);
        }
        await delivery.fail("one");
        expect((await store.channelStates())[1]).toMatchObject({
          waiting: 3,
          error: "The receiver answered with status 500. It says: “down for maintenance”",
        });
        receiver.answer(UP);
        clock.advance(5 * HOUR_MS);
        await delivery.deliver();
        expect(typesOf()).toEqual([
          ...pauses.map(() => "conversation.started"),
          "conversation.started",
          "answer.failed",
          "answer.failed",
        ]);
        const ids = eventsOf(receiver).map(({ id }) => id);
        expect(new Set(ids.slice(0, 6)).size).toBe(1);
        expect(new Set(ids).size).toBe(3);
        expect(delivery.lines).toEqual([
          expect.stringContaining("notices are not delivered"),
          'notices are delivered again {"channel":"webhook"}',
        ]);
      });

      test("is sent soon after the clock was set back, also to a receiver that had asked for a pause", async () => {
        const delivery = await startDelivery(store, receiver);
        receiver.answer(
          () => new Response(null, { status: 429, headers: { "retry-after": "3600" } }),
        );
        await delivery.fail("one");
        await delivery.deliver();
        receiver.answer(UP);
        delivery.clock.advance(-30 * 24 * HOUR_MS);
        await delivery.fail("two");
        await delivery.deliver();
        expect(typesOf().slice(1)).toEqual(["conversation.started", "answer.failed"]);
      });

      test("gives an event up after three days, goes on with the next one, and sends it again when asked", async () => {
        const delivery = await startDelivery(store, receiver);
        receiver.answer(DOWN);
        await delivery.fail("one");
        for (let day = 0; day < 80; day += 1) {
          await delivery.deliver();
          const nextAt = await store.nextNoticeAt(["webhook"]);
          if ((await store.listGivenUp("webhook", 9)).length > 0) break;
          delivery.clock.advance((nextAt ?? 0) - delivery.clock.now());
        }
        expect(typesOf().filter((type) => type === "conversation.started")).toHaveLength(10);
        receiver.answer(UP);
        delivery.clock.advance(24 * HOUR_MS);
        await delivery.deliver();
        expect(typesOf().at(-1)).toBe("answer.failed");
        await store.sendAgain("webhook", delivery.clock.now());
        await delivery.deliver();
        expect(eventsOf(receiver).at(-1)?.id).toBe(eventsOf(receiver)[0]?.id ?? "");
        expect(await store.listGivenUp("webhook", 9)).toEqual([]);
      });

      test("is not sent any more to a receiver that is gone, and nothing more is noted", async () => {
        const delivery = await startDelivery(store, receiver);
        receiver.answer(() => new Response(null, { status: 410 }));
        await delivery.fail("one");
        await delivery.deliver();
        await delivery.fail("two");
        delivery.clock.advance(24 * HOUR_MS);
        await delivery.deliver();
        expect(receiver.received).toHaveLength(1);
        const [, state] = await store.channelStates();
        expect(state).toMatchObject({ waiting: 0, givenUp: 2, off: { at: expect.any(Number) } });
        // The same receiver stays off after a restart; another one is served.
        expect(await (await startDelivery(store, receiver)).deliver()).toBeUndefined();
        await delivery.fail("three");
        expect(await store.nextNoticeAt(["webhook"])).toBeUndefined();
        const other = startWebhookReceiver();
        const anew = await startDelivery(store, other);
        await anew.fail("four");
        await anew.deliver();
        expect(typesOf(other)).toEqual(["conversation.started", "answer.failed"]);
        await other.stop();
      });

      test("leaves a receiver alone for as long as it asks, up to an hour", async () => {
        const delivery = await startDelivery(store, receiver);
        const { clock } = delivery;
        const headers = { "retry-after": "90" };
        receiver.answer(() => new Response(null, { status: 429, headers }));
        await delivery.fail("one");
        await delivery.deliver();
        await delivery.fail("two");
        clock.advance(89 * SECOND_MS);
        await delivery.deliver();
        expect(receiver.received).toHaveLength(1);
        receiver.answer(
          () => new Response(null, { status: 503, headers: { "retry-after": "999999" } }),
        );
        clock.advance(SECOND_MS);
        await delivery.deliver();
        const afterTwo = receiver.received.length;
        receiver.answer(UP);
        clock.advance(HOUR_MS - 1);
        await delivery.deliver();
        expect(receiver.received).toHaveLength(afterTwo);
        clock.advance(1);
        await delivery.deliver();
        expect(new Set(eventsOf(receiver).map(({ id }) => id)).size).toBe(4);
      });

      test("is sent to a slow receiver four at a time, while other channels go on", async () => {
        let underWay = 0;
        let most = 0;
        const { promise: slow, resolve: answerAll } = Promise.withResolvers<void>();
        receiver.answer(async () => {
          most = Math.max(most, ++underWay);
          await slow;
          underWay -= 1;
          return UP();
        });
        const pushed: string[] = [];
        const ntfy = {
          send: async ({ kind }: { kind: string }) => ({ receipt: String(pushed.push(kind)) }),
        };
        const env = { NTFY_URL: "https://ntfy.sh/topic", NTFY_EVENTS: "answer.failed" };
        const delivery = await startDelivery(store, receiver, { channels: { ntfy }, env });
        for (const visitor of "abcdefgh") await delivery.fail(visitor);
        await delivery.deliverer.look();
        await until(() => underWay === 4);
        await until(async () => {
          await delivery.deliverer.look();
          return pushed.length === 8;
        });
        expect(receiver.received).toHaveLength(4);
        answerAll();
        await delivery.deliverer.settle();
        await delivery.deliver();
        expect(most).toBe(4);
        expect(receiver.received).toHaveLength(16);
      });

      test("of a process that was killed in the middle of it is sent by the next one", async () => {
        const delivery = await startDelivery(store, receiver);
        const { clock } = delivery;
        await delivery.fail("one");
        // The receiver has it, and nobody has stored that.
        const now = clock.now();
        const claim = { channel: "webhook", limit: 1, owner: "dead", now } as const;
        const [claimed] = await store.claimNotices({ ...claim, until: now + 30 * SECOND_MS });
        await delivery.deliver();
        expect(receiver.received).toEqual([]);
        clock.advance(30 * SECOND_MS);
        await delivery.deliver();
        expect(eventsOf(receiver).map(({ id }) => id)[0]).toBe(claimed?.eventId ?? "none");
        expect(typesOf()).toEqual(["conversation.started", "answer.failed"]);
      });

      test("is sent by several processes at once, each event by one of them, and in order", async () => {
        const delivery = await startDelivery(store, receiver);
        const others = [delivery.start(), delivery.start()];
        const all = [delivery.deliverer, ...others];
        const underWay = new Set<string>();
        const twice: string[] = [];
        receiver.answer(async ({ headers }) => {
          const id = headers["webhook-id"] ?? "";
          if (underWay.has(id)) twice.push(id);
          underWay.add(id);
          await new Promise((resolve) => setImmediate(resolve));
          underWay.delete(id);
          return UP();
        });
        const stored = [];
        for (let count = 0; count < 20; count += 1) {
          stored.push(await delivery.fail(`visitor ${count}`));
        }
        await until(async () => {
          await Promise.all(all.map((each) => each.look()));
          await Promise.all(all.map((each) => each.settle()));
          return (await store.nextNoticeAt(["webhook"])) === undefined;
        });
        const events = eventsOf(receiver);
        expect([twice, events.length]).toEqual([[], 40]);
        for (const { conversationId } of stored) {
          const own = events.filter((event) => event.conversationId === conversationId);
          expect(own.map(({ type }) => type)).toEqual(["conversation.started", "answer.failed"]);
        }
      });

      test("goes to nobody for a conversation that was erased before it was sent", async () => {
        const delivery = await startDelivery(store, receiver);
        const { conversationId } = await delivery.fail("one");
        await delivery.fail("two");
        await store.deleteConversation(conversationId);
        await delivery.deliver();
        expect(JSON.stringify(receiver.received)).not.toContain(conversationId);
        expect(receiver.received).toHaveLength(2);
      });

      test("has all that a visitor has asked a person for since the question, of what is open when it is sent", async () => {
        const env = { WEBHOOK_EVENTS: "handoff.requested" };
        const delivery = await startDelivery(store, receiver, { env });
        const { conversationId } = await delivery.fail("one");
        const first = await storedRequest(store, conversationId);
        const second = await storedRequest(store, conversationId, { at: NOON + 1 });
        const { turnId } = await delivery.fail("one");
        const third = await storedRequest(store, conversationId, { at: NOON + 2, turnId });
        delivery.clock.advance(2);
        await delivery.deliver();
        const sent = receiver.received.map(({ body }) => JSON.parse(body).data.requestIds);
        expect(sent).toEqual([[second.id, first.id], [third.id]]);
        const { conversationId: closed } = await delivery.fail("two");
        const { id } = await storedRequest(store, closed);
        await store.closeRequest(id, NOON);
        await delivery.deliver();
        expect(receiver.received).toHaveLength(2);
        expect(await store.nextNoticeAt(["webhook"])).toBeUndefined();
      });

      test("has at the next start what a stop has cut off, and what could not be stored", async () => {
        const delivery = await startDelivery(store, receiver);
        const { promise, resolve } = Promise.withResolvers<Response>();
        receiver.answer(() => promise);
        await delivery.fail("one");
        await delivery.deliverer.look();
        await until(() => receiver.received.length === 1);
        await delivery.deliverer.stop();
        resolve(UP());
        receiver.answer(UP);
        await delivery.deliver(delivery.start());
        expect(typesOf()).toEqual([
          "conversation.started",
          "conversation.started",
          "answer.failed",
        ]);
      });
    });

    test("a notice that its receiver refuses for good is given up at once", async () => {
      const channels = {
        webhook: {
          send: () =>
            Promise.reject(
              new DeliveryError("No such address.", { kind: "refused", says: "5.1.1" }),
            ),
        },
      };
      const delivery = await startDelivery(store, receiver, { channels });
      await delivery.fail("one");
      await delivery.deliver();
      await delivery.deliver();
      const givenUp = await store.listGivenUp("webhook", 9);
      expect(givenUp.map(({ error, attempts }) => [error, attempts])).toEqual([
        ["No such address. It says: “5.1.1”", 1],
        ["No such address. It says: “5.1.1”", 1],
      ]);
    });
  },
);
