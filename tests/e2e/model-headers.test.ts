import { afterAll, beforeAll, expect, test } from "bun:test";

import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, startChatporch, temporaryFolder } from "../../harness/process.ts";

const KEYS = { NODE_ENV: "development", WIDGET_API_KEY: "q7Xw2LmZ-widget-key-31415926" };
const LINE = "HTTP-Referer: https://www.example.com; X-Gateway-Key: gateway secret #7";

let model: ModelServer;

beforeAll(() => {
  model = startModelServer(answer("Hi"));
});

afterAll(async () => {
  await cleanUp();
  await model.stop();
});

test.each([
  [".env, in quotes", `OPENAI_HEADERS='${LINE}'\n`, {}, undefined],
  ["the environment", "", { OPENAI_HEADERS: LINE }, undefined],
  [
    "the environment, with the quotes that Docker leaves",
    "",
    { OPENAI_HEADERS: `'${LINE}'` },
    undefined,
  ],
  ["a file, one a line", "", { OPENAI_HEADERS_FILE: "headers.txt" }, LINE.replace("; ", "\r\n")],
] as const)("OPENAI_HEADERS from %s are sent, and are in no log", async (_, dotEnv, env, file) => {
  const folder = temporaryFolder();
  await Bun.write(`${folder}/.env`, dotEnv);
  if (file !== undefined) await Bun.write(`${folder}/headers.txt`, file);
  const settings = { ...KEYS, OPENAI_BASE_URL: model.url, OPENAI_MODEL: "m", LOG_LEVEL: "debug" };
  const server = await startChatporch({ ...settings, ...env }, folder);
  const before = model.calls.length;
  const response = await fetch(`${server.url}/v1/chat`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": KEYS.WIDGET_API_KEY },
    body: JSON.stringify({ sessionId: "visitor", message: "Hi" }),
  });
  expect(response.status).toBe(200);
  const { headers } = await model.call(before);
  expect(headers.get("http-referer")).toBe("https://www.example.com");
  expect(headers.get("x-gateway-key")).toBe("gateway secret #7");
  expect(await server.stop()).toBe(0);
  expect(server.stdout.text() + server.stderr.text()).not.toContain("gateway secret");
});

test("OPENAI_HEADERS with headers that HTTP sets itself prevent the start, and their values are not printed", async () => {
  const settings = { ...KEYS, OPENAI_BASE_URL: model.url, OPENAI_HEADERS: "Host: secret.example" };
  const failed = await startChatporch(settings).catch((error: unknown) => String(error));
  expect(failed).toContain("OPENAI_HEADERS: has host, which belongs to the connection");
  expect(failed).not.toContain("secret.example");
});
