import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import {
  type EmbeddingServerForTests,
  startEmbeddingServer,
} from "../../../harness/embedding-server.ts";
import { KnowledgeVectors } from "../../../src/knowledge/vectors/knowledge-vectors.ts";
import { VectorMaker } from "../../../src/knowledge/vectors/vector-maker.ts";
import { VectorSearch } from "../../../src/knowledge/vectors/vector-search.ts";
import { Metrics } from "../../../src/metrics/metrics.ts";
import type { EmbeddingModel } from "../../../src/model/embedding-model.ts";
import { createOpenAiEmbeddings } from "../../../src/model/openai-embeddings.ts";
import { createRedactionInForce, type RedactionInForce } from "../../../src/redaction/redaction.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { addSource, newDocument, section } from "../../support/stored-knowledge.ts";
import { until } from "../../support/until.ts";

/** Words that mean the same. */
const TOPICS = [
  ["parcels", "shipping", "lieferung"],
  ["refund", "money", "return"],
  ["opening", "hours"],
];

let store: Store;
let server: EmbeddingServerForTests;
let lines: string[];

beforeEach(async () => {
  store = openSqliteStore(":memory:");
  server = startEmbeddingServer(TOPICS);
  lines = [];
  await put("shipping", "Parcels take three days.");
  await put("refund", "You get a refund within a week.");
  await put("visit", "Opening hours are from nine to five.");
});

afterEach(async () => {
  await store.close();
  await server.stop();
});

const note = (line: string) => void lines.push(line);
const log = { info: note, warn: note };

async function put(page: string, text: string): Promise<void> {
  const { id: sourceId } = await addSource(store);
  const uri = `https://shop.example/${page}`;
  await store.putDocument(newDocument({ sourceId, uri, title: "", sections: [section(text)] }));
}

function newModel(name = "small", url = server.url): EmbeddingModel {
  const options = { apiKey: undefined, baseUrl: url, headers: {} };
  return createOpenAiEmbeddings({ name, dimensions: undefined, server: options });
}

async function makeAll(model: EmbeddingModel): Promise<void> {
  const maker = new VectorMaker({ store, log, now: Date.now });
  while (!(await maker.step(model)));
}

/** A search that has read what there is. */
async function newSearch({ key }: EmbeddingModel, patienceMs = 30_000): Promise<VectorSearch> {
  const search = new VectorSearch({ store, key, log, patienceMs });
  await search.read();
  return search;
}

const asked = (text: string) => [{ text, weight: 1, maxPostings: 30_000 }];

async function pagesOf(ids: readonly number[] | undefined): Promise<string[] | undefined> {
  const sections = ids && (await store.readSections(ids));
  return sections?.map(({ uri }) => uri.split("/").at(-1) ?? "");
}

describe("vectors of sections", () => {
  test("find what is meant in other words, also together with the question before", async () => {
    const model = newModel();
    await makeAll(model);
    const search = await newSearch(model);
    const best = async (question: string) =>
      (await pagesOf(await search.rank(model, asked(question))))?.[0];
    expect(await best("Wann kommt die Lieferung?")).toBe("shipping");
    expect(await best("Do I get my money back?")).toBe("refund");
    const followUp = [...asked("And my order?"), { text: "money?", weight: 0.5, maxPostings: 1 }];
    expect((await pagesOf(await search.rank(model, followUp)))?.[0]).toBe("refund");
  });

  test("are made of title, headings and text, once for each section", async () => {
    await put("long", "Text. ".repeat(10));
    const model = newModel();
    await makeAll(model);
    await makeAll(model);
    expect(server.requests.flatMap(({ input }) => input)).toContain(
      "You get a refund within a week.",
    );
    expect(server.requests.flatMap(({ input }) => input)).toHaveLength(4);
    await put("new", "Something new.");
    await makeAll(model);
    expect(server.requests.at(-1)?.input).toEqual(["Something new."]);
    expect(lines).toEqual(["made vectors", "made vectors"]);
  });

  test("are made anew for another model, and questions are searched by words until then", async () => {
    await makeAll(newModel());
    const other = newModel("large");
    const search = await newSearch(other);
    expect(await search.rank(other, asked("money"))).toBeUndefined();
    await makeAll(other);
    await search.read();
    expect((await pagesOf(await search.rank(other, asked("money"))))?.[0]).toBe("refund");
  });

  test("are not made of a text that the model refuses, while others are", async () => {
    server.answer = ({ input }) =>
      input.some((text) => text.includes("refund"))
        ? new Response("too long", { status: 400 })
        : undefined;
    const model = newModel();
    await makeAll(model);
    expect(await store.countVectors(model.key)).toEqual({ vectors: 3, sections: 3 });
    const search = await newSearch(model);
    expect(await pagesOf(await search.rank(model, asked("hours")))).toEqual(["visit", "shipping"]);
  });

  test("are tried again when the model refuses everything", async () => {
    server.answer = () => new Response("no such length", { status: 400 });
    await expect(makeAll(newModel())).rejects.toThrow(
      "check EMBEDDING_MODEL and EMBEDDING_DIMENSIONS",
    );
    expect(await store.countVectors("small/own")).toEqual({ vectors: 0, sections: 3 });
  });

  test("of pages that are gone are forgotten", async () => {
    const model = newModel();
    await makeAll(model);
    const search = await newSearch(model);
    const refund = await store.findDocument("https://shop.example/refund");
    await store.removeDocument(refund?.id ?? 0);
    expect(await pagesOf(await search.rank(model, asked("money")))).not.toContain("refund");
  });
});

describe("a question whose model", () => {
  test("is down is searched by words, and does not wait for it again for a while", async () => {
    const model = newModel();
    await makeAll(model);
    const search = await newSearch(model);
    server.answer = () => new Response("down", { status: 503 });
    const before = server.requests.length;
    expect(await search.rank(model, asked("money"))).toBeUndefined();
    expect(await search.rank(model, asked("hours"))).toBeUndefined();
    expect(server.requests.length).toBe(before + 1);
    expect(lines.at(-1)).toBe("questions are searched by their words alone for a while");
    // Another address or key is tried at once.
    server.answer = undefined;
    expect(await search.rank(newModel(), asked("money"))).toBeDefined();
  });

  test("is slow is searched by words in time", async () => {
    const model = newModel();
    await makeAll(model);
    const search = await newSearch(model, 20);
    server.answer = () => new Promise(() => {});
    expect(await search.rank(model, asked("money"))).toBeUndefined();
  });

  test("has made its vector before does not ask for it again", async () => {
    const model = newModel();
    await makeAll(model);
    const search = await newSearch(model);
    await search.rank(model, asked("money"));
    const before = server.requests.length;
    expect((await pagesOf(await search.rank(model, asked("money"))))?.[0]).toBe("refund");
    expect(server.requests.length).toBe(before);
  });
});

describe("the search of a server", () => {
  function newVectors(model: EmbeddingModel | undefined, redaction?: RedactionInForce) {
    const loop = { isBehind: false };
    const options = { store, model: () => model, loop, log, now: Date.now, firstStepMs: 0 };
    const vectors = new KnowledgeVectors({ ...options, ...(redaction && { redaction }) });
    const search = vectors.fused(store.searchKnowledge.bind(store));
    return {
      vectors,
      find: async (text: string) => pagesOf((await search(asked(text))).map(({ id }) => id)),
    };
  }

  test.each([
    ["the database and the model", "model", "money •••• •••• •••• ••••"],
    ["the database alone", "storage", "money 4111 1111 1111 1111"],
  ] as const)(
    "asks the model with what may reach it, where numbers are kept from %s",
    async (_, before, expected) => {
      const config = { redaction: { kinds: ["cards"], before } } as const;
      const model = newModel();
      const redaction = createRedactionInForce({ config, metrics: new Metrics() });
      const { vectors, find } = newVectors(model, redaction);
      await makeAll(model);
      vectors.start();
      await until(async () => (await find("money 4111 1111 1111 1111"))?.[0] === "refund");
      await vectors.stop();
      const questions = server.requests.flatMap(({ input }) => input);
      expect(questions.filter((text) => text.startsWith("money"))).toContain(expected);
      expect(questions.join().includes("1111")).toBe(before === "storage");
    },
  );

  test("is by words where no model is set, and nobody is asked", async () => {
    const { vectors, find } = newVectors(undefined);
    vectors.start();
    expect(await find("refund")).toEqual(["refund"]);
    expect(await find("money")).toEqual([]);
    await vectors.stop();
    expect(server.requests).toEqual([]);
  });

  test("is by words and by meaning as soon as the vectors are made", async () => {
    const { vectors, find } = newVectors(newModel());
    expect(await find("money")).toEqual([]);
    vectors.start();
    await until(async () => (await find("money"))?.[0] === "refund");
    expect((await find("opening money"))?.toSorted()).toEqual(["refund", "shipping", "visit"]);
    await vectors.stop();
  });
});
