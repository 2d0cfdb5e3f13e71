import { afterEach, describe, expect, test } from "bun:test";

import {
  answer,
  type ModelScript,
  type ModelServer,
  startModelServer,
} from "../../harness/model-server.ts";
import { settingsInForce } from "../../src/config/groups.ts";
import * as fields from "../../src/dashboard/settings/fields.ts";
import {
  expectErrorPage,
  form,
  openDashboard,
  PAGE_HEADERS,
} from "../support/dashboard-requests.ts";
import { settingsChange } from "../support/stored-settings.ts";
import { ALLOWED_ORIGIN, chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

const SETTINGS = "/dashboard/settings";
const KEY = "sk-of-the-owner-0123456789";
/** Nothing that a form could change is set by the environment. */
const FREE = { CORS_ORIGIN: "", RATE_LIMIT_MAX_REQUESTS: "", MAX_STREAMS_PER_ADDRESS: "" };

/** Every setting that a form could change, as the environment may set it. */
const FIXED = {
  OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
  OPENAI_API_KEY: "sk-of-the-environment-0123456789",
  OPENAI_MODEL: "small-1",
  OPENAI_REASONING_EFFORT: "low",
  OPENAI_HEADERS: "x-title: Example",
  MAX_OUTPUT_TOKENS: "99",
  MAX_HISTORY_MESSAGES: "9",
  MAX_HISTORY_TOKENS: "999",
  SYSTEM_PROMPT: "Fixed words.",
  CORS_ORIGIN: ALLOWED_ORIGIN,
  RATE_LIMIT_MAX_REQUESTS: "500",
  RATE_LIMIT_WINDOW_MS: "20000",
  MAX_STREAMS_PER_ADDRESS: "50",
  RETENTION_DAYS: "30",
  WIDGET_TITLE: "Ask us",
  WIDGET_SUBTITLE: "At once",
  WIDGET_GREETING: "Hello!",
  WIDGET_SUGGESTIONS: "Prices | Hours",
  WIDGET_NOTICE: "An AI answers.",
  WIDGET_PRIVACY_URL: "https://example.com/privacy",
  WIDGET_COLOR: "#0f766e",
  WIDGET_LOGO: "https://example.com/logo.svg",
};

type Owner = Awaited<ReturnType<typeof openDashboard>>;

let app: TestApp;
let owner: Owner;
let model: ModelServer | undefined;

async function start(env: Record<string, string> = FREE): Promise<void> {
  app = createTestApp({ env });
  owner = await openDashboard(app);
}

function startModel(script?: ModelScript): ModelServer {
  model = startModelServer(script);
  return model;
}

afterEach(async () => {
  await app.close();
  await model?.stop();
  model = undefined;
});

function send(section: string, fields: Record<string, string>, headers = {}) {
  return owner.post(`${SETTINGS}/${section}`, { formToken: owner.formToken, ...fields }, headers);
}

/** The page with white space and markup between words taken together. */
function wordsOf(page: string): string {
  return page.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
}

async function textOf(section: string): Promise<string> {
  return wordsOf((await owner.get(`${SETTINGS}/${section}`)).body);
}

test("every page of the settings is a page, and no other is there", async () => {
  await start();
  const sections = ["model", "instructions", "websites", "keys", "limits", "changes"];
  for (const section of ["", ...sections.map((each) => `/${each}`)]) {
    const page = await owner.get(SETTINGS + section);
    expect([section, page.status]).toEqual([section, 200]);
    expect(Object.fromEntries(page.headers)).toMatchObject(PAGE_HEADERS);
    expect(page.body).not.toMatch(
      /<style|<[a-z][^<>]*\s(?:style|on[a-z]+)=|<script(?![^>]*\ssrc=")/,
    );
  }
  expectErrorPage(await owner.get(`${SETTINGS}/nothing`), "not_found");
  expectErrorPage(await owner.get(`${SETTINGS}/__proto__`), "not_found");
});

describe("a form of the settings", () => {
  test("is stored, in force at once and in the list of changes", async () => {
    await start();
    const saved = await send("model", { action: "save-limits", MAX_OUTPUT_TOKENS: "77" });
    expect([saved.status, saved.headers.get("location")]).toEqual([
      303,
      `${SETTINGS}/model?done=saved`,
    ]);
    expect(app.config.assistant.maxOutputTokens).toBe(77);
    const page = await owner.get(`${SETTINGS}/model?done=saved`);
    expect(page.body).toContain("Saved. It is in use now.");
    expect(await textOf("changes")).toContain(
      "MAX_OUTPUT_TOKENS 1024 → 77 23 Nov 2026, 12:00 UTC , by the dashboard, from 192.0.2.10",
    );
  });

  test("with a wrong field changes nothing, and comes back with the problem beside the field", async () => {
    await start();
    const fields = { MAX_OUTPUT_TOKENS: "55", MAX_HISTORY_MESSAGES: "none" };
    const refused = await send("model", { action: "save-limits", ...fields });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatch(/name="MAX_HISTORY_MESSAGES"\s+aria-invalid="true"/);
    expect(refused.body).toContain('value="55"');
    expect(refused.body).toContain('id="problem-MAX_HISTORY_MESSAGES"');
    expect(refused.body).not.toContain('id="problem-MAX_OUTPUT_TOKENS"');
    expect(app.config.assistant).toMatchObject({ maxOutputTokens: 1024, maxHistoryMessages: 30 });
  });

  test("is not stored over what somebody else has changed since", async () => {
    await start();
    await app.settings.change({ MAX_OUTPUT_TOKENS: "7" }, { by: "somebody" });
    const late = { action: "save-limits", MAX_OUTPUT_TOKENS: "8", version: "0" };
    const refused = await send("model", late);
    expect(refused.status).toBe(409);
    expect(wordsOf(refused.body)).toContain("Somebody else has changed this");
    expect(app.config.assistant.maxOutputTokens).toBe(7);
    expect((await send("model", { ...late, version: "1" })).status).toBe(303);
  });

  test("shows what the environment fixes, and cannot change it", async () => {
    await start({ MAX_OUTPUT_TOKENS: "99", SYSTEM_PROMPT: "Fixed words." });
    const page = await owner.get(`${SETTINGS}/model`);
    expect(wordsOf(page.body)).toContain("99 Fixed by MAX_OUTPUT_TOKENS in the environment.");
    expect(page.body).not.toContain('name="MAX_OUTPUT_TOKENS"');
    expect(await textOf("instructions")).toContain("Fixed words. Fixed by SYSTEM_PROMPT");
    expect(await textOf("websites")).toContain(`${ALLOWED_ORIGIN} Fixed by CORS_ORIGIN`);
    for (const [section, fields] of [
      ["model", { action: "save-limits", MAX_OUTPUT_TOKENS: "5" }],
      ["instructions", { action: "save", SYSTEM_PROMPT: "Mine" }],
      ["websites", { action: "allow", website: "https://mine.example" }],
      ["websites", { action: "remove", website: ALLOWED_ORIGIN }],
    ] as const) {
      expect((await send(section, fields)).status).toBe(400);
    }
    expect(app.settings.version).toBe(0);
  });

  test("shows each of its settings locked where the environment sets it, stored or not, and changes none", async () => {
    await start({ ...FREE, ...FIXED });
    const forms = [fields.MODEL_FIELDS, fields.ANSWER_FIELDS, fields.INSTRUCTION_FIELDS];
    const others = [fields.LIMIT_FIELDS, fields.RETENTION_FIELDS, fields.WIDGET_FIELDS];
    const names = [...forms, ...others].flat().map(({ name }) => name);
    expect([...names, "CORS_ORIGIN"].toSorted()).toEqual(Object.keys(FIXED).toSorted());
    // As if it was stored before the environment had it.
    const values = Object.fromEntries(Object.keys(FIXED).map((name) => [name, "1"]));
    await app.store.changeSettings(settingsChange({ values }));
    const before = structuredClone(settingsInForce(app.config));
    await app.settings.refresh();
    const sections = ["model", "instructions", "websites", "limits", "widget"];
    const pages = (await Promise.all(sections.map((section) => textOf(section)))).join(" ");
    for (const name of Object.keys(FIXED)) {
      expect([name, pages.includes(`Fixed by ${name} in the environment.`)]).toEqual([name, true]);
      const changed = await app.settings.change({ [name]: "2" }, { by: "the owner" });
      expect([name, changed.kind]).toEqual([name, "refused"]);
    }
    expect(settingsInForce(app.config)).toEqual(before);
  });

  test("without one of its buttons does nothing", async () => {
    await start();
    for (const section of ["model", "instructions", "websites", "keys", "limits", "changes"]) {
      const fields = { SYSTEM_PROMPT: "x", MAX_OUTPUT_TOKENS: "5", website: "https://x.example" };
      expect((await send(section, fields)).status).toBe(400);
      expect((await send(section, { ...fields, action: "other" })).status).toBe(400);
    }
    expect(app.settings.version).toBe(0);
  });
});

describe("the model", () => {
  const fieldsOf = ({ url }: ModelServer) => ({
    provider: "other",
    OPENAI_BASE_URL: url,
    OPENAI_API_KEY: KEY,
    OPENAI_MODEL: "small-1",
  });

  test("is tried, then saved, and its key is never shown again", async () => {
    await start();
    const server = startModel(answer("ready"));
    expect((await send("model", { action: "save", ...fieldsOf(server) })).status).toBe(303);
    expect(server.calls).toHaveLength(1);
    expect(app.config.model).toMatchObject({ name: "small-1", apiKey: KEY, baseUrl: server.url });
    const page = await owner.get(`${SETTINGS}/model`);
    expect(page.body).toContain("stored, ends with 6789");
    expect(wordsOf(page.body)).toContain("small-1 answers; first token after");
    const all = [page.body, await textOf("changes"), ...app.lines].join("\n");
    expect(all).not.toContain(KEY);
    // The key is left as it is by a form with an empty field, and goes with the box.
    const { OPENAI_API_KEY: _, ...rest } = fieldsOf(server);
    await send("model", { action: "save", ...rest, OPENAI_API_KEY: "", OPENAI_MODEL: "large-1" });
    expect(app.config.model).toMatchObject({ name: "large-1", apiKey: KEY });
    await send("model", { action: "save-untried", ...rest, "remove.OPENAI_API_KEY": "1" });
    expect(app.config.model).toMatchObject({ apiKey: undefined });
  });

  test("that does not answer is not saved, unless the owner insists", async () => {
    await start();
    const refusal = { error: { message: `No such key: ${KEY}` } };
    const server = startModel(() => Response.json(refusal, { status: 401 }));
    const failed = await send("model", { action: "save", ...fieldsOf(server) });
    expect(failed.status).toBe(200);
    const words = wordsOf(failed.body);
    expect(words).toContain(
      "The model refused the key (status 401); it says: “No such key: [redacted]”",
    );
    expect(words).toContain("Nothing was saved.");
    expect(app.settings.version).toBe(0);
    expect((await send("model", { action: "save-untried", ...fieldsOf(server) })).status).toBe(303);
    expect(app.config.model).toMatchObject({ apiKey: KEY });
    expect((await send("model", { action: "try", ...fieldsOf(server) })).status).toBe(200);
    expect(app.settings.version).toBe(1);
  });

  test("needs a name where its server has several, and takes the only one", async () => {
    await start();
    const server = startModel(answer("ready"));
    const { OPENAI_MODEL: _, ...unnamed } = fieldsOf(server);
    const list = (...ids: string[]) => {
      server.get = () => Response.json({ object: "list", data: ids.map((id) => ({ id })) });
    };
    const withoutList = await send("model", { action: "save", ...unnamed, OPENAI_MODEL: "" });
    expect(withoutList.status).toBe(400);
    expect(wordsOf(withoutList.body)).toContain("This address returned no list of models.");
    list("small-1", "large-1", "nomic-embed-text");
    const asked = await send("model", { action: "save", ...unnamed, OPENAI_MODEL: " " });
    expect(asked.status).toBe(400);
    expect(asked.body).toContain('<option value="large-1"');
    expect(asked.body).not.toContain("nomic");
    expect(server.calls).toHaveLength(0);
    list("small-1", "nomic-embed-text");
    const saved = await send("model", { action: "save", ...unnamed, OPENAI_MODEL: "" });
    expect(saved.status).toBe(303);
    expect(app.config.model).toMatchObject({ name: "small-1" });
    // The trial was of the model that is in force now.
    const page = wordsOf((await owner.get(saved.headers.get("location") ?? "")).body);
    expect(page).toContain("small-1 answers; first token after");
    expect(page).not.toContain("Next: choose a model");
  });

  test("is not asked any longer when the owner leaves the page", async () => {
    await start();
    const server = startModel(() => undefined);
    const leaving = new AbortController();
    const fields = { formToken: owner.formToken, action: "save", ...fieldsOf(server) };
    const { signal } = leaving;
    const answered = app.fetch(`${SETTINGS}/model`, {
      ...form(fields, { cookie: owner.cookie }),
      signal,
    });
    const call = await server.call(0);
    leaving.abort();
    await call.left;
    await answered;
    expect(app.settings.version).toBe(0);
  });

  test("has to have a key or an address", async () => {
    await start();
    const noKey = await send("model", { action: "save", provider: "", OPENAI_API_KEY: "" });
    expect(wordsOf(noKey.body)).toContain("OpenAI needs a key.");
    const noAddress = await send("model", {
      action: "list",
      provider: "other",
      OPENAI_BASE_URL: " ",
    });
    expect(wordsOf(noAddress.body)).toContain("Enter the server’s address.");
  });

  test("gets no stored key at another address, tried or saved", async () => {
    await start();
    const server = startModel(answer("ready"));
    await send("model", { action: "save", ...fieldsOf(server) });
    const thief = startModelServer(answer("thanks"));
    const elsewhere = { provider: "other", OPENAI_BASE_URL: thief.url, OPENAI_MODEL: "m" };
    for (const action of ["try", "save", "save-untried", "list"]) {
      const refused = await send("model", { action, ...elsewhere });
      expect([action, refused.status]).toEqual([action, 400]);
      expect(wordsOf(refused.body)).toContain("This was entered for another address");
    }
    expect(thief.calls).toHaveLength(0);
    await thief.stop();
  });
});

describe("the playground", () => {
  test("asks with instructions that are not stored, and stores nothing", async () => {
    await start();
    const ask = { action: "ask", SYSTEM_PROMPT: "Only unsaved.", question: "Who are you?" };
    const streamed = await send("instructions", ask, { accept: "application/x-ndjson" });
    expect(streamed.headers.get("content-type")).toStartWith("application/x-ndjson");
    const events = streamed.body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ type: "start" });
    expect(events.at(-1)).toMatchObject({ type: "done", finishReason: "stop" });
    const whole = await send("instructions", ask);
    expect(wordsOf(whole.body)).toContain("Who are you?");
    expect(whole.body).toContain("Only unsaved.");
    expect(app.settings.version).toBe(0);
    expect((await app.store.listConversations({ limit: 1 })).total).toBe(0);
  });

  test("tests the owner's answers with instructions that are not stored, and stores nothing", async () => {
    await start();
    expect((await owner.get(`${SETTINGS}/instructions`)).body).not.toContain('value="test"');
    const entered = { action: "answer", question: "Do you ship to Norway?", answer: "Yes." };
    await owner.post("/dashboard/knowledge/questions", { formToken: owner.formToken, ...entered });
    expect((await owner.get(`${SETTINGS}/instructions`)).body).toContain('value="test"');
    const test = { action: "test", SYSTEM_PROMPT: "Only unsaved." };
    const streamed = await send("instructions", test, { accept: "application/x-ndjson" });
    expect(streamed.headers.get("content-type")).toStartWith("application/x-ndjson");
    const lines = streamed.body
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      { type: "tested", done: 1, of: 1, isLoss: false, text: "ok    Do you ship to Norway?" },
      { type: "end", text: "1 asked, 0 lost." },
    ]);
    const whole = await send("instructions", test);
    expect(whole.body).toContain("ok    Do you ship to Norway?\n1 asked, 0 lost");
    expect(whole.body).toContain("Only unsaved.");
    expect(app.settings.version).toBe(0);
    expect(await app.store.listAnswerTests()).toEqual([]);
    expect((await app.store.listConversations({ limit: 1 })).total).toBe(0);
  });

  test("asks no model where the budget has no room for it, and says so", async () => {
    await start({ BUDGET_UNIT: "tokens", BUDGET_PER_DAY: "100000" });
    const amount = { inputTokens: 100_000, outputTokens: 0, cost: 0 };
    const { day, month } = app.spending.periods();
    await app.store.settle("c_before", { day, month, amount, isReserved: false });
    const ask = { action: "ask", SYSTEM_PROMPT: "Only unsaved.", question: "Who are you?" };
    const { body } = await send("instructions", ask);
    expect(wordsOf(body)).toContain("the budget has no room for it");
    const [sum] = await app.store.spentIn([day]);
    expect(sum).toMatchObject(amount);
  });

  test("refuses what is too long, and what has no question", async () => {
    await start();
    const tooLong = { action: "ask", SYSTEM_PROMPT: "x".repeat(100_001), question: "Hi" };
    expect((await send("instructions", tooLong)).status).toBe(400);
    expect((await send("instructions", { ...tooLong, action: "test" })).status).toBe(400);
    expect((await send("instructions", { action: "ask", question: " " })).status).toBe(400);
    const longQuestion = { action: "ask", question: "x".repeat(4001) };
    expect((await send("instructions", longQuestion)).status).toBe(400);
  });

  test("is there without script, and has the versions to go back to", async () => {
    await start();
    await send("instructions", { action: "save", SYSTEM_PROMPT: "First <b>words</b>." });
    await send("instructions", { action: "save", SYSTEM_PROMPT: "Second words." });
    const look = await owner.get(`${SETTINGS}/instructions?look=1`);
    expect(look.body).toContain("\nFirst &lt;b&gt;words&lt;/b&gt;.</textarea");
    expect(wordsOf(look.body)).toContain("2 versions, newest first");
    expect(app.config.assistant.systemPrompt).toBe("Second words.");
  });
});

describe("websites", () => {
  test("that were refused are allowed by one button, without a restart", async () => {
    await start({ ...FREE, NODE_ENV: "production", PUBLIC_URL: "http://localhost" });
    const shop = "https://shop.example";
    const body = { sessionId: "visitor", message: "Hi" };
    const ask = () => app.fetch("/v1/chat", chatRequest(body, { origin: shop }));
    expect((await ask()).status).toBe(403);
    expect(await textOf("websites")).toContain(`${shop} 1 request, the latest on`);
    const allowed = await send("websites", { action: "allow", website: shop });
    expect(allowed.headers.get("location")).toBe(`${SETTINGS}/websites?done=allowed`);
    expect((await ask()).status).not.toBe(403);
    expect(await textOf("websites")).not.toContain("Recently refused");
    await send("websites", { action: "remove", website: shop });
    expect((await ask()).status).toBe(403);
  });

  test.each([
    ["shop.example", "https://shop.example"],
    ["https://Shop.example/products?page=2", "https://shop.example"],
    ["localhost:3000", "http://localhost:3000"],
    ["https://*.shop.example/", "https://*.shop.example"],
    ["capacitor://localhost", "capacitor://localhost"],
  ])("are taken as people write them: %s", async (typed, stored) => {
    await start();
    expect((await send("websites", { action: "allow", website: typed })).status).toBe(303);
    expect(await textOf("websites")).toContain(`${stored} Remove`);
  });

  test.each(["", "  ", "not a website", "https://*.com", "javascript:alert(1)", "*"])(
    "are refused with a sentence when they are none: '%s'",
    async (typed) => {
      await start({ ...FREE, NODE_ENV: "production", PUBLIC_URL: "http://localhost" });
      const refused = await send("websites", { action: "allow", website: typed });
      expect(refused.status).toBe(400);
      expect(refused.body).toContain('id="problem-website"');
      expect(app.config.origins.allowed).toEqual([]);
    },
  );
});

test("what is stored and does not fit any more is named on its page", async () => {
  app = createTestApp({ env: { ...FREE, NODE_ENV: "production", PUBLIC_URL: "http://localhost" } });
  owner = await openDashboard(app);
  // As an earlier version could have stored it.
  const change = { madeKeys: [], revokedKeys: [], instructions: undefined, at: 1, by: "before" };
  const audit = [{ setting: "CORS_ORIGIN", before: "", after: "*" }];
  const values = { CORS_ORIGIN: "*" };
  await app.store.changeSettings({ ...change, audit, values, expectedVersion: 0 });
  await app.settings.refresh();
  expect(await textOf("websites")).toContain("Stored but not in use");
  expect(await textOf("model")).not.toContain("Stored but not in use");
});
