import { afterEach, expect, test } from "bun:test";

import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, startChatporch } from "../../harness/process.ts";

const KEYS = { NODE_ENV: "development", WIDGET_API_KEY: "q7Xw2LmZ-widget-key-31415926" };

let model: ModelServer;

afterEach(async () => {
  await cleanUp();
  await model.stop();
});

/** A model server on the owner's machine, as Ollama is. */
function serveModels(...ids: string[]): string[] {
  const asked: string[] = [];
  model = startModelServer(answer("Hi"));
  model.get = (path) => {
    asked.push(path);
    return Response.json({ object: "list", data: ids.map((id) => ({ id })) });
  };
  return asked;
}

test("with an Ollama address and without OPENAI_MODEL, the log lists the models that are there", async () => {
  serveModels("llama3.2:latest", "qwen3:8b");
  const server = await startChatporch({ ...KEYS, OPENAI_BASE_URL: model.url });
  await server.stdout.until(
    /WARN +OPENAI_MODEL is not set, and the model's server has no gpt-6-luna has="llama3\.2:latest, qwen3:8b"/,
  );
  expect(await server.stop()).toBe(0);
});

test("a model server that has the default model causes no warning", async () => {
  const asked = serveModels("gpt-6-luna");
  const server = await startChatporch({ ...KEYS, OPENAI_BASE_URL: model.url });
  while (asked.length === 0) await Bun.sleep(5);
  expect(await server.stop()).toBe(0);
  expect(server.stdout.text()).not.toContain("OPENAI_MODEL");
});

test("a model server is not asked for its models when OPENAI_MODEL is set", async () => {
  const asked = serveModels("qwen3:8b");
  const settings = { ...KEYS, OPENAI_BASE_URL: model.url, OPENAI_MODEL: "llama3.2" };
  const server = await startChatporch(settings);
  const response = await fetch(`${server.url}/v1/chat`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": KEYS.WIDGET_API_KEY },
    body: JSON.stringify({ sessionId: "visitor", message: "Hi" }),
  });
  expect(response.status).toBe(200);
  expect(await server.stop()).toBe(0);
  expect(asked).toEqual([]);
});
