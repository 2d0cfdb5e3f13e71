import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import { questionTexts } from "../../src/knowledge/question-texts.ts";
import { Retrieval } from "../../src/knowledge/retrieval.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Section } from "../../src/text/document.ts";
import { addSource, newDocument } from "../support/stored-knowledge.ts";

let store: ReturnType<typeof openSqliteStore>;
let retrieval: Retrieval;

beforeEach(async () => {
  store = openSqliteStore(join(temporaryFolder(), "chat.db"));
  retrieval = new Retrieval({ store });
  await put("shipping", [
    { heading: "Norway", anchor: "norway", text: "Parcels take 3 to 7 days." },
    { heading: "Spain", anchor: "spain", text: "Parcels take 2 days." },
  ]);
  await put("returns", [
    {
      heading: "",
      anchor: "",
      text: "Send it back within a month, and a return from Norway takes a week.",
    },
  ]);
});

afterEach(async () => {
  await store.close();
  await cleanUp();
});

async function put(page: string, sections: readonly Section[]): Promise<void> {
  const { id: sourceId } = await addSource(store);
  const uri = `https://shop.example/${page}`;
  await store.putDocument(newDocument({ sourceId, uri, title: page, hash: page, sections }));
}

function history(...contents: readonly string[]) {
  return contents.map((content, n) => ({
    role: n % 2 === contents.length % 2 ? ("assistant" as const) : ("user" as const),
    content,
  }));
}

test("a question finds passages with the address and the place of their page", async () => {
  const [passage] = await retrieval.findPassages(history("How long are parcels to Spain?"), 1400);
  expect(passage).toMatchObject({
    uri: "https://shop.example/shipping",
    title: "shipping",
    heading: "Spain",
    anchor: "spain",
    text: "Parcels take 2 days.",
  });
  expect(await retrieval.findPassages(history("Quokkas?"), 1400)).toEqual([]);
  expect(await retrieval.findPassages(history("😀"), 1400)).toEqual([]);
});

test("a follow-up question finds what the question before it was about", async () => {
  const first = async (...contents: readonly string[]) =>
    (await retrieval.findPassages(history(...contents), 1400))[0]?.heading;
  expect(await first("Returns from Norway?")).toBe("");
  expect(await first("How long is shipping of parcels to Spain?", "Two days.", "And Norway?")).toBe(
    "Norway",
  );
});

test("the texts of a follow-up are the question, the one before it and the beginning of its answer", () => {
  const long = `Two days ${"and more ".repeat(100)}`;
  const texts = questionTexts(history("first", "old", "To Spain?", long, "And Norway?"));
  expect(texts.map(({ text, weight }) => [text, weight])).toEqual([
    ["And Norway?", 1],
    ["To Spain?", 0.5],
    [long.slice(0, 200), 0.2],
  ]);
  expect(questionTexts(history("hello")).map(({ text }) => text)).toEqual(["hello"]);
  expect(questionTexts([])).toEqual([]);
});

test("a search is explained: scores, what is given, and which words matched where", async () => {
  const explained = await retrieval.explain(history("Parcels to Norway"), 6);
  expect(explained.map(({ heading, isGiven }) => [heading, isGiven])).toEqual([
    ["Norway", true],
    ["Spain", false],
    ["", false],
  ]);
  const [best, second] = explained;
  expect(best?.score).toBeGreaterThan(second?.score ?? Infinity);
  expect(best?.matches).toEqual({
    title: [],
    heading: [{ start: 0, end: 6 }],
    text: [
      { start: 0, end: 7 },
      { start: 15, end: 17 },
    ],
  });
});
