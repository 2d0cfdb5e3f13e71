import { describe, expect, test } from "bun:test";

import { secretsOf } from "../../src/config/config.ts";
import { settingsInForce } from "../../src/config/groups.ts";
import { embeddingServer } from "../../src/config/knowledge.ts";
import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/problems.ts";
import type { Env } from "../../src/config/setting-reader.ts";

const MODEL = { OPENAI_API_KEY: "sk-of-the-model-0123" };
const OWN_KEY = "sk-of-embeddings-0123";

function config(env: Env) {
  return loadConfig(env, () => "").config;
}

function serverFor(env: Env) {
  const { knowledge, model } = config(env);
  return embeddingServer(knowledge.embedding, model);
}

test("the pages that may be read in the owner's own network are hosts, addresses and ranges", () => {
  const env = { KNOWLEDGE_ALLOW_PRIVATE: "Intranet.local, 10.1.0.0/16, 192.168.0.7, fd00::/8" };
  const loaded = config(env);
  expect(loaded.knowledge.allowPrivate).toEqual({
    hosts: ["intranet.local"],
    cidrs: [
      { address: [10, 1, 0, 0], prefixLength: 16 },
      { address: [192, 168, 0, 7], prefixLength: 32 },
      { address: [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], prefixLength: 8 },
    ],
  });
  expect(settingsInForce(loaded)).toContainEqual({
    name: "KNOWLEDGE_ALLOW_PRIVATE",
    value: "intranet.local, 10.1.0.0/16, 192.168.0.7/32, fd00:0:0:0:0:0:0:0/8",
  });
});

describe("the server of the model for embeddings", () => {
  test("is none without a model for them, or without a server", () => {
    expect(serverFor({ ...MODEL, EMBEDDING_API_KEY: OWN_KEY })).toBeUndefined();
    expect(serverFor({ EMBEDDING_MODEL: "bge-m3" })).toBeUndefined();
  });

  test("is that of the model, with its key, when nothing else is said", () => {
    const env = { ...MODEL, OPENAI_HEADERS: "X-Title: Example", EMBEDDING_MODEL: "bge-m3" };
    expect(serverFor(env)).toMatchObject({
      apiKey: MODEL.OPENAI_API_KEY,
      baseUrl: undefined,
      headers: { "x-title": "Example" },
    });
  });

  test("does not get the model's key and headers where it has an address of its own", () => {
    const env = { ...MODEL, OPENAI_HEADERS: "X-Key: 0123456789", EMBEDDING_MODEL: "bge-m3" };
    const own = { ...env, EMBEDDING_BASE_URL: "http://me:secret%20word@127.0.0.1:9/v1/embeddings" };
    const server = serverFor(own);
    expect(server).toMatchObject({ apiKey: undefined, baseUrl: "http://127.0.0.1:9/v1" });
    expect(Object.keys(server?.headers ?? {})).toEqual(["authorization"]);
    expect(secretsOf(config(own))).toContain("secret word");
    expect(JSON.stringify(settingsInForce(config(own)))).not.toContain("secret");
  });

  test("is OpenAI for a key without an address, also where another server answers", () => {
    const env = { OPENAI_BASE_URL: "http://127.0.0.1:9/v1", EMBEDDING_MODEL: "text-embedding-3" };
    expect(serverFor({ ...env, EMBEDDING_API_KEY: OWN_KEY })).toEqual({
      apiKey: OWN_KEY,
      baseUrl: undefined,
      headers: {},
    });
  });

  test("gets one Authorization: a key and a user in the address are refused together", () => {
    const env = {
      EMBEDDING_BASE_URL: "http://me:secret@127.0.0.1:9/v1",
      EMBEDDING_API_KEY: OWN_KEY,
    };
    expect(() => config(env)).toThrow(ConfigError);
  });
});
