import { describe, expect, test } from "bun:test";

import type { AnswerTest } from "../../../src/store/answer-test-store.ts";
import { ANSWERS_URI } from "../../../src/store/knowledge-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { addSource, newDocument } from "../../support/stored-knowledge.ts";
import { NOON } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

async function writeAnswer(uri: string): Promise<number> {
  const { id: sourceId } = await addSource(store, { kind: "notes", uri: ANSWERS_URI });
  await store.putDocument(newDocument({ sourceId, uri }));
  return (await store.findDocument(uri))?.id ?? 0;
}

function tested(documentId: number, more: Partial<AnswerTest> = {}): AnswerTest {
  const source = { number: 1, title: "A?", heading: "", url: undefined, isCited: true };
  return {
    documentId,
    at: NOON,
    answer: "Yes [1]. ✓",
    grounding: "cited",
    sources: [source],
    ...more,
  };
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("the last test of a written answer", () => {
      test("is kept in place of the one before", async () => {
        const [first, second] = [await writeAnswer("answer:1"), await writeAnswer("answer:2")];
        await store.saveAnswerTest(tested(first));
        const other = tested(second, { grounding: undefined, sources: [] });
        await store.saveAnswerTest(other);
        const newer = tested(first, { at: NOON + 1, answer: "No.", grounding: "none" });
        await store.saveAnswerTest(newer);
        expect(await store.listAnswerTests()).toEqual([newer, other]);
      });

      test("goes with the answer, and with all of them", async () => {
        const [first, second] = [await writeAnswer("answer:1"), await writeAnswer("answer:2")];
        await store.saveAnswerTest(tested(first));
        await store.saveAnswerTest(tested(second));
        await store.removeDocument(first);
        expect(await store.listAnswerTests()).toEqual([tested(second)]);
        await store.saveAnswerTest(tested(first));
        expect(await store.listAnswerTests()).toHaveLength(1);
        for (const { id } of await store.listSources()) await store.removeSource(id);
        expect(await store.listAnswerTests()).toEqual([]);
      });
    });
  },
);
