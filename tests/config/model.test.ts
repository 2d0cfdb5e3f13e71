import { describe, expect, test } from "bun:test";

import { answer, startModelServer } from "../../harness/model-server.ts";
import { secretsOf } from "../../src/config/config.ts";
import { settingsInForce } from "../../src/config/groups.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { OpenAiSettings } from "../../src/config/model.ts";
import { ConfigError } from "../../src/config/problems.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { createOpenAiModel } from "../../src/model/openai.ts";

const HOST = "http://127.0.0.1:11434/v1";

function config(env: Env) {
  return loadConfig(env, () => "").config;
}

function model(env: Env): OpenAiSettings {
  const settings = config(env).model;
  if (settings.kind !== "openai") throw new Error("no server is set");
  return settings;
}

function problemsOf(env: Env): string[] {
  try {
    config(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ name, problem }) => `${name} ${problem}`);
  }
}

/** The headers and the address of a request to the model server. */
async function asked(env: (url: string) => Env) {
  const urls: string[] = [];
  const server = startModelServer(answer("Hi"));
  const proxy = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      urls.push(new URL(request.url).pathname + new URL(request.url).search);
      return fetch(`${server.url}/chat/completions`, {
        method: "POST",
        headers: request.headers,
        body: request.body,
      });
    },
  });
  try {
    const openai = createOpenAiModel(model(env(`127.0.0.1:${proxy.port}`)));
    const request = { systemPrompt: "", history: [], maxOutputTokens: 5 };
    await openai.complete(request, new AbortController().signal);
    const call = await server.call(0);
    return { headers: call.headers, body: call.body, url: urls[0] };
  } finally {
    await proxy.stop(true);
    await server.stop();
  }
}

describe("a user and a password in OPENAI_BASE_URL", () => {
  test("are sent as Basic authorization, not dropped", async () => {
    const { headers } = await asked((host) => ({
      OPENAI_BASE_URL: `http://user:s%C3%A9cret%40@${host}/v1`,
    }));
    expect(headers.get("authorization")).toBe(
      `Basic ${Buffer.from("user:sécret@").toString("base64")}`,
    );
  });

  test("are shown and logged nowhere", () => {
    const loaded = config({ OPENAI_BASE_URL: "http://user:top%40secret@127.0.0.1:11434/v1/" });
    expect(JSON.stringify(settingsInForce(loaded))).not.toContain("secret");
    expect(loaded.model).toMatchObject({ baseUrl: HOST });
    const authorization = `Basic ${Buffer.from("user:top@secret").toString("base64")}`;
    expect(secretsOf(loaded)).toContain("top@secret");
    expect(secretsOf(loaded)).toContain(authorization);
  });

  test("are refused beside a key, because only one of them can be sent", () => {
    const env = { OPENAI_BASE_URL: "http://user:secret@localhost/v1", OPENAI_API_KEY: "sk-0123" };
    expect(problemsOf(env)).toEqual([expect.stringMatching(/^OPENAI_API_KEY is one of several/)]);
    expect(problemsOf(env).join()).not.toContain("secret");
  });

  test("with a % that encodes nothing are refused", () => {
    expect(problemsOf({ OPENAI_BASE_URL: "http://user:100%@localhost/v1" })).toEqual([
      expect.stringContaining("OPENAI_BASE_URL"),
    ]);
  });
});

describe("OPENAI_BASE_URL", () => {
  test.each([
    ["/v1", "/v1/chat/completions"],
    ["/v1/", "/v1/chat/completions"],
    ["/v1//", "/v1/chat/completions"],
    ["/v1/chat/completions", "/v1/chat/completions"],
    ["/v1/chat/completions/", "/v1/chat/completions"],
    ["/v1/models", "/v1/chat/completions"],
    ["/v1/responses", "/v1/chat/completions"],
    ["", "/chat/completions"],
    ["/", "/chat/completions"],
    [
      "/openai/deployments/gpt?api-version=2026-01-01",
      "/openai/deployments/gpt/chat/completions?api-version=2026-01-01",
    ],
  ])("that ends with %p is asked at %s", async (path, expected) => {
    const { url } = await asked((host) => ({ OPENAI_BASE_URL: `http://${host}${path}` }));
    expect(url).toBe(expected);
  });
});

describe("OPENAI_HEADERS", () => {
  test("are sent with every request, as gateways want them", async () => {
    const { headers } = await asked((host) => ({
      OPENAI_BASE_URL: `http://${host}/v1`,
      OPENAI_API_KEY: "sk-0123456789",
      OPENAI_HEADERS: 'HTTP-Referer: https://shop.example; X-Title: My, shop;cf-meta: {"a":1}',
    }));
    expect(headers.get("http-referer")).toBe("https://shop.example");
    expect(headers.get("x-title")).toBe("My, shop");
    expect(headers.get("cf-meta")).toBe('{"a":1}');
    expect(headers.get("authorization")).toBe("Bearer sk-0123456789");
  });

  test.each([
    ["A: 1; b: 2", { a: "1", b: "2" }],
    ["A: 1;b:2;", { a: "1", b: "2" }],
    ["A: x; y=z; q", { a: "x; y=z; q" }],
    ["A: one; b: two\nC: 3", { a: "one; b: two", c: "3" }],
    ["A: 1\r\n\r\n  B : 2  \r\n", { a: "1", b: "2" }],
    ["Authorization: Token 0123456789", { authorization: "Token 0123456789" }],
    ["", {}],
  ])("%p are read", (text, headers) => {
    expect(model({ OPENAI_BASE_URL: HOST, OPENAI_HEADERS: text }).headers).toEqual(headers);
  });

  test.each([
    ["no-colon", "does not begin with a header's name"],
    ["with space: x", "does not begin with a header's name"],
    ["ä: x", "does not begin with a header's name"],
    [": x", "does not begin with a header's name"],
    ["a:", "has a value of a that is empty or cannot travel"],
    ["a: gr\u00fcn", "has a value of a that is empty or cannot travel"],
    ["a: x\u0007", "has a value of a that is empty or cannot travel"],
    ["a: x\ra", "has a value of a that is empty or cannot travel"],
    ["Host: x", ", which belongs to the connection or the body"],
    ["content-length: 1", ", which belongs to the connection or the body"],
    ["Content-Type: text/plain", ", which belongs to the connection or the body"],
    ["Transfer-Encoding: chunked", ", which belongs to the connection or the body"],
    ["Connection: close", ", which belongs to the connection or the body"],
    ["Proxy-Authorization: Basic x", ", which belongs to the connection or the body"],
    ["a: 1; A: 2", "has a twice"],
  ])("%p are refused with the reason, and without the value", (text, reason) => {
    const problems = problemsOf({ OPENAI_BASE_URL: HOST, OPENAI_HEADERS: text });
    expect(problems).toEqual([expect.stringContaining(reason)]);
  });

  test("with Authorization are refused beside a key", () => {
    const env = { OPENAI_API_KEY: "sk-0123456789", OPENAI_HEADERS: "authorization: Bearer abc" };
    expect(problemsOf(env)).toEqual([expect.stringMatching(/keep one/)]);
  });

  test("are secrets: the setup page shows their names, and the log masks their values", () => {
    const loaded = config({
      OPENAI_BASE_URL: HOST,
      OPENAI_HEADERS: "X-Gateway-Key: gateway-secret; Authorization: Bearer bearer-secret",
    });
    const shown = JSON.stringify(settingsInForce(loaded));
    expect(shown).toContain("x-gateway-key");
    expect(shown).not.toContain("secret");
    expect(secretsOf(loaded)).toEqual(expect.arrayContaining(["gateway-secret", "bearer-secret"]));
  });
});

describe("OPENAI_REASONING_EFFORT", () => {
  test.each([
    ["gpt-6-luna", "none"],
    ["gpt-6.1-sol", "none"],
    ["gpt-5.1", "none"],
    ["gpt-5.4-mini", "none"],
    ["ft:gpt-6-luna:shop", "none"],
    ["gpt-10", "none"],
    ["gpt-5", undefined],
    ["gpt-5-mini", undefined],
    ["gpt-4.1-mini", undefined],
    ["gpt-4o", undefined],
    ["o3", undefined],
    ["chat-latest", undefined],
  ])("has a default that OpenAI's %s accepts: %p", (name, effort) => {
    const settings = model({ OPENAI_API_KEY: "sk-0123456789", OPENAI_MODEL: name });
    expect(settings.reasoningEffort).toBe(effort);
  });

  test("is not sent to other servers, whatever the model's name", () => {
    expect(model({ OPENAI_BASE_URL: HOST, OPENAI_MODEL: "gpt-6-luna" }).reasoningEffort).toBe(
      undefined,
    );
  });

  test("is sent as it is set, and not at all as `default`", async () => {
    const env = (host: string, effort: string) => ({
      OPENAI_BASE_URL: `http://${host}/v1`,
      OPENAI_REASONING_EFFORT: effort,
    });
    expect((await asked((host) => env(host, "low"))).body).toMatchObject({
      reasoning_effort: "low",
    });
    expect((await asked((host) => env(host, "default"))).body).not.toHaveProperty(
      "reasoning_effort",
    );
    const luna = { OPENAI_API_KEY: "sk-0123456789", OPENAI_REASONING_EFFORT: "default" };
    expect(model(luna)).toMatchObject({ name: "gpt-6-luna", reasoningEffort: undefined });
  });

  test("is refused when its value is not an effort", () => {
    expect(problemsOf({ OPENAI_REASONING_EFFORT: "hihg" })).toEqual([
      expect.stringContaining("must be one of default, none, minimal"),
    ]);
  });
});
