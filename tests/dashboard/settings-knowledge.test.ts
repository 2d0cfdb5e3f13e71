import { afterEach, beforeEach, expect, test } from "bun:test";

import { openDashboard } from "../support/dashboard-requests.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

const PATH = "/dashboard/settings/knowledge";
const KEY = "sk-of-embeddings-1234";

let app: TestApp;
let browser: Awaited<ReturnType<typeof openDashboard>>;

beforeEach(async () => {
  app = createTestApp();
  browser = await openDashboard(app);
});
afterEach(() => app.close());

function send(fields: Record<string, string>) {
  return browser.post(PATH, { formToken: browser.formToken, ...fields });
}

test("how the pages are used is in force at once, and the form shows it", async () => {
  const fields = { KNOWLEDGE_MODE: "strict", KNOWLEDGE_WORDS: "600", KNOWLEDGE_REFRESH_HOURS: "" };
  const saved = await send({ action: "save", ...fields });
  expect(saved.headers.get("location")).toBe(`${PATH}?done=saved`);
  expect(app.config.knowledge).toMatchObject({ mode: "strict", words: 600, refreshHours: 24 });
  const page = (await browser.get(PATH)).body;
  expect(page).toContain('<option value="strict" selected>');
  expect(page).toContain('value="600"');
});

test("a model for embeddings is stored with its key, which is not shown again", async () => {
  const fields = {
    EMBEDDING_MODEL: "bge-m3",
    EMBEDDING_BASE_URL: "http://127.0.0.1:9/v1",
    EMBEDDING_API_KEY: KEY,
    EMBEDDING_DIMENSIONS: "512",
  };
  expect((await send({ action: "save-embeddings", ...fields })).status).toBe(303);
  expect(app.config.knowledge.embedding).toMatchObject({
    model: "bge-m3",
    server: { baseUrl: "http://127.0.0.1:9/v1", apiKey: KEY },
    dimensions: 512,
  });
  const page = (await browser.get(PATH)).body;
  expect(page).toContain("stored, ends with 1234");
  expect(page).not.toContain(KEY);
});

test("what is wrong is said beside its field, and nothing is stored", async () => {
  const answer = await send({ action: "save", KNOWLEDGE_MODE: "", KNOWLEDGE_WORDS: "8001" });
  expect(answer.status).toBe(400);
  expect(answer.body).toContain('id="problem-KNOWLEDGE_WORDS" role="alert">This must be a whole');
  expect((await send({ action: "other" })).status).toBe(400);
  expect(await app.settings.audit(10)).toEqual([]);
});
