import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import {
  type EmbeddingServerForTests,
  startEmbeddingServer,
} from "../../harness/embedding-server.ts";
import { RefusedTextsError } from "../../src/model/embedding-model.ts";
import { ModelError } from "../../src/model/model.ts";
import { createOpenAiEmbeddings } from "../../src/model/openai-embeddings.ts";

let server: EmbeddingServerForTests;

beforeEach(() => {
  server = startEmbeddingServer([["one"], ["two"]]);
});

afterEach(() => server.stop());

function model({ dimensions, url = server.url }: { dimensions?: number; url?: string } = {}) {
  return createOpenAiEmbeddings({
    name: "small",
    dimensions,
    server: { apiKey: "secret", baseUrl: url, headers: { "x-team": "shop" } },
  });
}

const anyTime = () => AbortSignal.timeout(30_000);

test("texts get vectors in their order, as numbers", async () => {
  const vectors = await model().embed(["one", "two two"], anyTime());
  expect(
    vectors.map((vector) => [
      vector.length,
      Math.round(vector[0] ?? 0),
      Math.round(vector[1] ?? 0),
    ]),
  ).toEqual([
    [64, 1, 0],
    [64, 0, 2],
  ]);
  expect(server.requests).toEqual([
    { model: "small", input: ["one", "two two"], encoding_format: "float" },
  ]);
});

test("what the server reports of the texts is passed on, unchecked", async () => {
  server.answer = () =>
    Response.json({ data: [{ embedding: [1, 2] }], usage: { prompt_tokens: 7, total_tokens: 7 } });
  const report = {};
  await model().embed(["one"], anyTime(), report);
  expect(report).toEqual({ promptTokens: 7 });
});

test("a request has the key, the headers and the query of the address", async () => {
  let seen = "";
  server.answer = (_request, headers) => {
    seen = `${headers.get("authorization")} ${headers.get("x-team")}`;
    return undefined;
  };
  await model({ url: `${server.url}?api-version=1` }).embed(["one"], anyTime());
  expect(seen).toBe("Bearer secret shop");
});

test("the length of the vectors is asked for, and is part of the key", async () => {
  await expect(model().key).toBe("small/own");
  const short = model({ dimensions: 8 });
  expect(short.key).toBe("small/8");
  expect((await short.embed(["one"], anyTime()))[0]).toHaveLength(8);
  expect(server.requests[0]?.dimensions).toBe(8);
});

test("a server that does not know the form of the numbers is asked without it from then on", async () => {
  server.answer = ({ encoding_format }) =>
    encoding_format === undefined
      ? undefined
      : Response.json({ error: { message: "Unknown field: encoding_format" } }, { status: 400 });
  const asked = model();
  await asked.embed(["one"], anyTime());
  await asked.embed(["two"], anyTime());
  expect(server.requests.map(({ encoding_format }) => encoding_format ?? "none")).toEqual([
    "float",
    "none",
    "none",
  ]);
});

describe("an answer that is not what was asked for", () => {
  test.each([
    ["no list", {}],
    ["too few", { data: [] }],
    ["Base64", { data: [{ index: 0, embedding: "AAAA" }] }],
    ["no numbers", { data: [{ index: 0, embedding: [1, null] }] }],
    ["nothing in it", { data: [{ index: 0, embedding: [] }] }],
    ["another place", { data: [{ index: 5, embedding: [1] }] }],
    ["too many numbers", { data: [{ index: 0, embedding: Array(9000).fill(1) }] }],
  ])("with %s is refused", async (_what, json) => {
    server.answer = () => Response.json(json);
    await expect(model().embed(["one"], anyTime())).rejects.toThrow(
      "the model for embeddings did not send",
    );
  });

  test("with another length is refused", async () => {
    server.answer = () => Response.json({ data: [{ index: 0, embedding: [1, 2, 3] }] });
    await expect(model({ dimensions: 8 }).embed(["one"], anyTime())).rejects.toThrow(
      "vectors of 8 numbers",
    );
  });

  test("without JSON is refused", async () => {
    server.answer = () => new Response("<html>");
    await expect(model().embed(["one"], anyTime())).rejects.toBeInstanceOf(ModelError);
  });

  test("without an end is cut off", async () => {
    server.answer = () => {
      const chunk = new Uint8Array(1024 * 1024).fill(0x20);
      return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }));
    };
    await expect(model().embed(["one"], anyTime())).rejects.toBeInstanceOf(ModelError);
  });
});

describe("a refusal", () => {
  test.each([
    [401, "check EMBEDDING_API_KEY"],
    [404, "check EMBEDDING_MODEL and EMBEDDING_BASE_URL"],
    [302, "check EMBEDDING_MODEL and EMBEDDING_BASE_URL"],
    [429, "(status 429)"],
    [500, "(status 500)"],
  ])("with status %d says what to do and nothing of the server's text", async (status, mend) => {
    server.answer = () =>
      new Response("a visitor's words", { status, headers: { location: "http://127.0.0.1:1/" } });
    const error: unknown = await model()
      .embed(["one"], anyTime())
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelError);
    expect(error).not.toBeInstanceOf(RefusedTextsError);
    expect(String(error)).toContain(mend);
    expect(String(error)).not.toContain("visitor");
  });

  test.each([400, 413, 422])("with status %d may be about the texts", async (status) => {
    server.answer = () => Response.json({ error: "too long" }, { status });
    await expect(model().embed(["one"], anyTime())).rejects.toBeInstanceOf(RefusedTextsError);
  });
});

test("a server that is away or slow is an error in words", async () => {
  server.answer = () => new Promise(() => {});
  await expect(model().embed(["one"], AbortSignal.timeout(50))).rejects.toMatchObject({
    code: "model_timeout",
    message: "the model for embeddings did not answer in time",
  });
  await expect(
    model({ url: "http://127.0.0.1:1/v1" }).embed(["one"], anyTime()),
  ).rejects.toMatchObject({
    code: "model_error",
    message: "the model for embeddings could not be reached",
  });
});
