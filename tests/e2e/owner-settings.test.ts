import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";

import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, runChatporch, startChatporch, temporaryFolder } from "../../harness/process.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { settingsChange } from "../support/stored-settings.ts";

const SHOP = "https://shop.example";
const WIDGET_KEY = "key-of-the-shop-31415926535897";
const KEY = "sk-of-the-owner-31415926535";

let model: ModelServer;
let folder: string;

beforeEach(() => {
  model = startModelServer(answer("Hi"));
  folder = temporaryFolder();
});
afterEach(async () => {
  await cleanUp();
  await model.stop();
});

/** What an owner has set in the dashboard of a server that has stopped. */
async function storeSettings(): Promise<void> {
  const store = openSqliteStore(join(folder, "data/chatporch.db"));
  const values = {
    OPENAI_BASE_URL: model.url,
    OPENAI_API_KEY: KEY,
    OPENAI_MODEL: "stored-model",
    SYSTEM_PROMPT: "Be kind.",
    MAX_OUTPUT_TOKENS: "77",
    CORS_ORIGIN: SHOP,
  };
  const madeKeys = [{ id: "k_1", name: "Shop", key: WIDGET_KEY }];
  await store.changeSettings(settingsChange({ values, madeKeys }));
  await store.close();
}

test("a production server starts with what the owner has stored, the environment wins, and no secret is printed", async () => {
  await storeSettings();
  const env = { NODE_ENV: "production", MAX_OUTPUT_TOKENS: "55", LOG_LEVEL: "debug" };
  const server = await startChatporch(env, folder);
  const ask = (origin: string, sessionId = "visitor") =>
    fetch(`${server.url}/v1/chat`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": WIDGET_KEY, origin },
      body: JSON.stringify({ sessionId, message: "Hi" }),
    });
  const answered = await ask(SHOP);
  expect([answered.status, (await ask("https://evil.example")).status]).toEqual([200, 403]);
  expect(model.calls[0]?.headers.get("authorization")).toBe(`Bearer ${KEY}`);
  expect(model.calls[0]?.body).toMatchObject({
    model: "stored-model",
    max_tokens: 55,
    messages: [{ role: "system", content: "Be kind." }, {}],
  });
  // The model's server repeats the key in its error.
  model.script = () => Response.json({ error: { message: `bad key ${KEY}` } }, { status: 401 });
  expect((await ask(SHOP, "other")).status).toBe(502);
  expect(await server.stop()).toBe(0);
  expect(server.stderr.text()).toContain("stored-model");
  expect(server.stdout.text() + server.stderr.text()).not.toContain(KEY);
});

test("the doctor looks at the settings that the owner has stored", async () => {
  await storeSettings();
  const { stdout } = await runChatporch(["doctor"], { NODE_ENV: "production" }, folder);
  expect(stdout).toContain("stored-model");
  expect(stdout).not.toContain(KEY);
});
