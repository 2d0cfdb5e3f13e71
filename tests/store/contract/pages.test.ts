import { beforeEach, describe, expect, test } from "bun:test";

import type { Message } from "../../../src/conversation/records.ts";
import type { Store } from "../../../src/store/store.ts";
import { storeExchange } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

function texts(messages: readonly Message[]): string[] {
  return messages.map(({ content }) => content);
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("messages read a page at a time", () => {
      let conversationId: string;
      let ids: readonly number[];

      beforeEach(async () => {
        ({ conversationId } = await storeExchange(store, { question: "12345", answer: "äöü" }));
        await storeExchange(store, { sessionId: "other", question: "Not this one" });
        await storeExchange(store, { question: "67890", answer: "1234567890" });
        ids = (await store.listMessages(conversationId)).map(({ id }) => id);
      });

      test("have increasing ids within the conversation", () => {
        expect(ids).toEqual(ids.toSorted((a, b) => a - b));
        expect(new Set(ids).size).toBe(4);
      });

      test("follow the given id, oldest first, up to a count", async () => {
        const page = (after = 0, limit = 9) => store.messagesAfter(conversationId, after, limit);
        expect(texts(await page())).toEqual(["12345", "äöü", "67890", "1234567890"]);
        expect(texts(await page(ids[0], 2))).toEqual(["äöü", "67890"]);
        expect(texts(await page(ids[3]))).toEqual([]);
        expect(await store.messagesAfter("c_unknown", 0, 9)).toEqual([]);
      });

      test("are the newest ones before the given id, oldest first", async () => {
        expect(texts(await store.listMessages(conversationId, 2, ids[2]))).toEqual([
          "12345",
          "äöü",
        ]);
        expect(texts(await store.listMessages(conversationId, 1, ids[2]))).toEqual(["äöü"]);
      });

      test.each([
        [1, ["12345"]],
        [5, ["12345"]],
        [6, ["12345", "äöü"]],
        [8, ["12345", "äöü"]],
        [9, ["12345", "äöü", "67890"]],
      ])(
        "end once their texts have %i characters, but contain at least one message",
        async (most, expected) => {
          expect(texts(await store.messagesAfter(conversationId, 0, 9, most))).toEqual(expected);
          const exported = texts(await store.exportMessages(0, 2, most));
          expect(exported).toEqual(expected.slice(0, 2));
        },
      );

      test("are limited by the characters of their texts from the newest on, too", async () => {
        const newest = (most: number) => store.listMessages(conversationId, 9, undefined, most);
        expect(texts(await newest(1))).toEqual(["1234567890"]);
        expect(texts(await newest(11))).toEqual(["67890", "1234567890"]);
      });

      test.each([
        [9, 1000, 4],
        [2, 1000, 2],
        // The limit counts bytes of UTF-8: äöü has six.
        [9, 21, 3],
        [9, 20, 2],
        [9, 1, 1],
      ])(
        "begin, for at most the newest %i with %i bytes in all, so that there are %i",
        async (limit, bytes, count) => {
          const start = await store.historyStart(conversationId, limit, bytes);
          expect(await store.messagesAfter(conversationId, start, 9)).toHaveLength(count);
        },
      );
    });
  },
);
