import { describe, expect, test } from "bun:test";

import type { NewRequest } from "../../../src/store/request-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { NOON, storeExchange } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

const CONTACT = { kind: "email", value: "ada@example.com" } as const;
const CONSENT = "You may write to me. ✓ 'quoted'";
const LIMIT = { since: NOON - 1000, max: 3 };

let made = 0;

/** A request in a conversation, with defaults for what a test does not set. */
function newRequest(conversationId: string, more: Partial<NewRequest> = {}): NewRequest {
  made += 1;
  return { id: `p_${made}`, conversationId, contact: CONTACT, consent: CONSENT, at: NOON, ...more };
}

async function add(conversationId: string, more: Partial<NewRequest> = {}) {
  const request = newRequest(conversationId, more);
  const added = await store.addRequest(request, LIMIT);
  if (added.kind !== "added") throw new Error(`The request was not added: ${added.kind}.`);
  return added.request;
}

async function wanted(): Promise<string[]> {
  const { conversations } = await store.listConversations({ limit: 10, mark: "wanted" });
  return conversations.map(({ id }) => id);
}

async function open(): Promise<string[]> {
  return (await store.listRequests({ isOpen: true, limit: 100 })).requests.map(({ id }) => id);
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("a request for a person", () => {
      test("is stored with its consent, and read as it was stored", async () => {
        const { conversationId, turnId } = await storeExchange(store);
        const note = "Line one\nline 'two' \\N ✓";
        const request = await add(conversationId, { note });
        const { id } = request;
        const expected = { id, conversationId, turnId, contact: CONTACT, note, consent: CONSENT };
        expect(request).toEqual({ ...expected, at: NOON });
        expect(await store.requestsOf(conversationId)).toEqual([request]);
        expect(await store.listRequests({ isOpen: true, limit: 10 })).toEqual({
          requests: [request],
          total: 1,
          nextCursor: undefined,
        });
        expect(await store.requestsOf("c_other")).toEqual([]);
      });

      test("names a turn of its conversation, by default the newest", async () => {
        const first = await storeExchange(store);
        const second = await storeExchange(store, { question: "And?" });
        const other = await storeExchange(store, { sessionId: "other" });
        const { conversationId } = first;
        expect((await add(conversationId)).turnId).toBe(second.turnId);
        expect((await add(conversationId, { turnId: first.turnId })).turnId).toBe(first.turnId);
        for (const turnId of [other.turnId, "t_unknown"]) {
          const request = newRequest(conversationId, { turnId });
          expect(await store.addRequest(request, LIMIT)).toEqual({ kind: "gone" });
        }
        expect(await store.addRequest(newRequest("c_unknown"), LIMIT)).toEqual({ kind: "gone" });
      });

      test("without a contact has that of the request before in its conversation", async () => {
        const { conversationId } = await storeExchange(store);
        const other = await storeExchange(store, { sessionId: "other" });
        await add(other.conversationId);
        const without = newRequest(conversationId, { contact: undefined });
        expect(await store.addRequest(without, LIMIT)).toEqual({ kind: "no_contact" });
        const phone = { kind: "phone", value: "+49 30 1234" } as const;
        await add(conversationId, { at: NOON - 5 });
        await add(conversationId, { contact: phone, at: NOON - 4 });
        expect((await add(conversationId, { contact: undefined })).contact).toEqual(phone);
      });

      test("is stored once, however often it is sent", async () => {
        const { conversationId } = await storeExchange(store);
        const request = newRequest(conversationId);
        const first = await store.addRequest(request, LIMIT);
        expect(await store.addRequest(request, LIMIT)).toEqual(first);
        expect(await store.requestsOf(conversationId)).toHaveLength(1);
      });

      test("is refused where its conversation has as many as it may have, also of several at once", async () => {
        const { conversationId } = await storeExchange(store);
        await add(conversationId, { at: NOON - 1000 });
        const all = Array.from({ length: 8 }, () => newRequest(conversationId));
        const added = await Promise.all(all.map((each) => store.addRequest(each, LIMIT)));
        expect(added.filter(({ kind }) => kind === "added")).toHaveLength(3);
        const refused = added.find(({ kind }) => kind === "too_many");
        expect(refused).toEqual({ kind: "too_many", oldestAt: NOON });
        const other = await storeExchange(store, { sessionId: "other" });
        await add(other.conversationId);
      });
    });

    test("requests from before the clock was set back do not count for the limit", async () => {
      const { conversationId } = await storeExchange(store);
      for (let n = 1; n <= 3; n += 1) await add(conversationId, { at: NOON + n * 86_400_000 });
      for (let n = 1; n <= 3; n += 1) await add(conversationId);
      const fourth = await store.addRequest(newRequest(conversationId), LIMIT);
      expect(fourth).toEqual({ kind: "too_many", oldestAt: NOON });
    });

    describe("a closed request", () => {
      test("closes the earlier ones of its conversation, and no later one", async () => {
        const { conversationId } = await storeExchange(store);
        const other = await storeExchange(store, { sessionId: "other" });
        const [first, second, third, beside] = [
          await add(conversationId, { at: NOON }),
          await add(conversationId, { at: NOON + 1 }),
          await add(conversationId, { at: NOON + 2 }),
          await add(other.conversationId, { at: NOON }),
        ];
        expect(await store.closeRequest(second.id, NOON + 10)).toEqual({
          ...second,
          closedAt: NOON + 10,
        });
        expect(await open()).toEqual([third.id, beside.id]);
        expect(await store.closeRequest(first.id, NOON + 20)).toMatchObject({
          closedAt: NOON + 10,
        });
        const closed = await store.listRequests({ isOpen: false, limit: 10 });
        expect(closed.requests.map(({ id }) => id)).toEqual([second.id, first.id]);
        expect(await store.closeRequest("p_unknown", NOON)).toBeUndefined();
      });
    });

    describe("the list of requests", () => {
      test("has pages, the newest first, also of the same time", async () => {
        const { conversationId } = await storeExchange(store);
        const ids: string[] = [];
        for (const id of ["p_a", "p_b", "p_c", "p_d", "p_e"]) {
          const at = NOON + (id > "p_c" ? 1 : 0);
          await store.addRequest(newRequest(conversationId, { id, at }), { since: 0, max: 9 });
        }
        let after: Awaited<ReturnType<Store["listRequests"]>>["nextCursor"];
        do {
          const page = await store.listRequests({ isOpen: true, limit: 2, after });
          expect(page.total).toBe(5);
          ids.push(...page.requests.map(({ id }) => id));
          after = page.nextCursor;
        } while (after !== undefined);
        expect(ids).toEqual(["p_e", "p_d", "p_c", "p_b", "p_a"]);
      });
    });

    describe("a conversation with an open request", () => {
      test("is marked until all of its requests are closed", async () => {
        const { conversationId } = await storeExchange(store);
        await storeExchange(store, { sessionId: "other" });
        expect(await wanted()).toEqual([]);
        const first = await add(conversationId);
        const second = await add(conversationId, { at: NOON + 1 });
        await store.closeRequest(first.id, NOON + 2);
        expect(await wanted()).toEqual([conversationId]);
        await store.closeRequest(second.id, NOON + 2);
        expect(await wanted()).toEqual([]);
      });

      test("is hidden and restored with it", async () => {
        const { conversationId } = await storeExchange(store);
        const request = await add(conversationId);
        await store.hideConversation(conversationId, NOON + 1000);
        expect(await open()).toEqual([]);
        expect((await store.listRequests({ isOpen: true, limit: 10 })).total).toBe(0);
        expect(await store.closeRequest(request.id, NOON)).toBeUndefined();
        expect(await store.addRequest(newRequest(conversationId), LIMIT)).toEqual({ kind: "gone" });
        await store.restoreConversation(conversationId, NOON);
        expect(await open()).toEqual([request.id]);
      });

      test("takes it along when it is erased or expires", async () => {
        const erased = await storeExchange(store, { sessionId: "erased" });
        const expired = await storeExchange(store, { sessionId: "expired", at: NOON - 5000 });
        const kept = await storeExchange(store, { sessionId: "kept" });
        const ids = new Map<string, string>();
        for (const { conversationId } of [erased, expired, kept]) {
          ids.set(conversationId, (await add(conversationId)).id);
        }
        await store.deleteConversation(erased.conversationId);
        while (!(await store.expireConversations(NOON - 1000)).isDone) await Bun.sleep(0);
        expect(await open()).toEqual([ids.get(kept.conversationId) ?? ""]);
        // The same id is free again: nothing of the erased one is left.
        const again = newRequest(kept.conversationId, { id: ids.get(erased.conversationId) ?? "" });
        expect(await store.addRequest(again, LIMIT)).toMatchObject({ kind: "added" });
        expect(await store.requestsOf(kept.conversationId)).toHaveLength(2);
      });
    });
  },
);
