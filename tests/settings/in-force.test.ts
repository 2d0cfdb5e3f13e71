import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";

import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { followBody } from "../../harness/streams.ts";
import { widgetFiles } from "../../src/assets/widget-files.ts";
import { createDemoModel } from "../../src/model/demo.ts";
import { createOpenAiModel } from "../../src/model/openai.ts";
import { derived } from "../../src/runtime/derived.ts";
import { RefusedOrigins } from "../../src/settings/refused-origins.ts";
import { Websites } from "../../src/settings/websites.ts";
import { tryLogin } from "../support/dashboard-requests.ts";
import {
  ALLOWED_ORIGIN,
  chatRequest,
  createTestApp,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

/** What the owner changes, as a visitor sees it: with the next request, without a restart. */

const BY = { by: "the dashboard" };
const SHOP = "https://shop.example";

let app: TestApp;
/** The environment of the tests, without the settings that the owner changes here. */
const FREE = { CORS_ORIGIN: "", RATE_LIMIT_MAX_REQUESTS: "", MAX_STREAMS_PER_ADDRESS: "" };

function start(options: Parameters<typeof createTestApp>[0] = {}): void {
  app = createTestApp({ ...options, env: { ...FREE, ...options.env } });
}

afterEach(() => app.close());

async function statusOf(path: string, headers: Record<string, string>): Promise<number> {
  return (await app.fetch(path, { headers })).status;
}

/** Asks for a session with a widget key. */
async function ask(key = WIDGET_KEY): Promise<number> {
  const headers = { "x-api-key": key, "content-type": "application/json" };
  const init = { method: "POST", headers, body: "{}" };
  return (await app.fetch("/v1/sessions", init)).status;
}

describe("a website", () => {
  const PRODUCTION = { NODE_ENV: "production", OPENAI_API_KEY: "sk-upstream" };
  const preflight = {
    method: "OPTIONS",
    headers: { origin: SHOP, "access-control-request-method": "POST" },
  };

  test("may chat from the request after it was named, and may not from the request after it was removed", async () => {
    start({ env: PRODUCTION });
    const websites = new Websites(app.settings);
    const asShop = { origin: SHOP, "x-api-key": WIDGET_KEY };
    expect(await statusOf("/v1/chat/history", asShop)).toBe(403);
    expect((await app.fetch("/v1/chat", preflight)).status).toBe(403);

    expect(await websites.allow(SHOP, "the dashboard")).toMatchObject({ kind: "changed" });
    const allowed = await app.fetch("/v1/chat", preflight);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get("access-control-allow-origin")).toBe(SHOP);
    const asked = await app.fetch("/widget/settings.json", { headers: asShop });
    expect(asked.headers.get("access-control-allow-origin")).toBe(SHOP);

    await websites.remove(SHOP, "the dashboard");
    // A browser may still have the preflight of before, and sends the request itself.
    const refused = await app.fetch("/widget/settings.json", { headers: asShop });
    expect(refused.status).toBe(403);
    expect(refused.headers.has("access-control-allow-origin")).toBe(false);
  });

  test("that is refused is counted for the owner, who can allow it", async () => {
    start({ env: PRODUCTION });
    const { store, clock, config, log } = app;
    const refused = new RefusedOrigins({ store, config, log, now: clock.now });
    for (let n = 0; n < 3; n += 1) await statusOf("/v1/chat/history", { origin: SHOP });
    clock.advance(5000);
    await statusOf("/v1/chat/history", { origin: SHOP });
    // Nobody can allow these, or needs to.
    await statusOf("/v1/chat/history", { origin: "null" });
    await statusOf("/dashboard", { origin: "https://evil.example" });
    // Writes are committed in their order.
    await store.forgetRefusedOrigin("https://nobody.example");
    const counted = { origin: SHOP, count: 4, lastAt: clock.now() };
    expect(await refused.list()).toEqual([counted]);
    clock.advance(7 * 24 * 60 * 60 * 1000);
    expect(await refused.list()).toEqual([counted]);
    await new Websites(app.settings).allow(SHOP, "the dashboard");
    expect(await refused.list()).toEqual([]);
    expect(await statusOf("/widget/settings.json", { origin: SHOP })).toBe(200);
  });

  test("that is refused soon after another one is stored too, although the owner looks at another replica", async () => {
    start({ env: PRODUCTION });
    const { store, clock, config, log } = app;
    jest.useFakeTimers();
    const refused = new RefusedOrigins({ store, config, log, now: clock.now });
    refused.note("https://first.example");
    clock.advance(1000);
    refused.note(SHOP);
    jest.advanceTimersByTime(4000);
    jest.useRealTimers();
    // Writes are committed in their order.
    await store.forgetRefusedOrigin("https://first.example");
    expect(await store.listRefusedOrigins(0)).toMatchObject([{ origin: SHOP }]);
  });

  test("that is no website is refused with a sentence, and the others stay", async () => {
    start({ env: PRODUCTION });
    const websites = new Websites(app.settings);
    await websites.allow(SHOP, "the dashboard");
    for (const wrong of ["*", "shop.example", `${SHOP}/page`, "null", ""]) {
      const outcome = await websites.allow(wrong, "the dashboard");
      expect([wrong, outcome.kind]).toEqual([wrong, wrong === "" ? "changed" : "refused"]);
    }
    expect(websites.list()).toEqual([SHOP]);
  });
});

test("a widget key is changed without a visitor being refused on the way", async () => {
  start();
  const old = await app.settings.keys.make("Old tag", "the dashboard");
  const fresh = await app.settings.keys.make("New tag", "the dashboard");
  expect([await ask(old.key), await ask(fresh.key), await ask(WIDGET_KEY)]).toEqual([
    200, 200, 200,
  ]);
  await app.settings.keys.revoke(old.id, "the dashboard");
  expect([await ask(old.key), await ask(fresh.key), await ask(WIDGET_KEY)]).toEqual([
    401, 200, 200,
  ]);
});

test("a lower rate limit counts what was asked before, and a higher one lets the visitor go on at once", async () => {
  start();
  for (let n = 0; n < 3; n += 1) expect(await ask()).toBe(200);
  await app.settings.change({ RATE_LIMIT_MAX_REQUESTS: "3" }, BY);
  expect(await ask()).toBe(429);
  await app.settings.change({ RATE_LIMIT_MAX_REQUESTS: "5" }, BY);
  expect(await ask()).toBe(200);
  await app.settings.change({ RATE_LIMIT_MAX_REQUESTS: "1", RATE_LIMIT_WINDOW_MS: "1000" }, BY);
  // The window under way is longer than windows are now, so a new one begins.
  expect([await ask(), await ask()]).toEqual([200, 429]);
  app.clock.advance(1000);
  expect(await ask()).toBe(200);
});

test("logins are counted in the window that is in force", async () => {
  start();
  const policy = async () =>
    (await tryLogin(app, "a guess")).headers.get("ratelimit-policy")?.split(";").at(-1);
  expect(await policy()).toBe("w=60");
  await app.settings.change({ RATE_LIMIT_WINDOW_MS: "5000" }, BY);
  expect(await policy()).toBe("w=5");
});

test("the texts of the widget are public at once", async () => {
  start();
  const shown = async () => (await app.fetch("/widget/settings.json")).json();
  const people = { ratings: true, person: "off" };
  expect(await shown()).toEqual({ suggestions: [], people });
  const texts = {
    WIDGET_TITLE: "Ask us",
    WIDGET_SUGGESTIONS: "Prices | Opening hours",
    WIDGET_COLOR: "#0F766E",
  };
  await app.settings.change(texts, BY);
  expect(await shown()).toEqual({
    title: "Ask us",
    suggestions: ["Prices", "Opening hours"],
    color: "#0f766e",
    people,
  });
  const hours = "Mo-Fr 09:00-17:00 Europe/Berlin";
  const consent = "You may write to me.";
  await app.settings.change(
    { RATINGS: "off", PERSON: "poor", HOURS: hours, PERSON_CONSENT: consent },
    BY,
  );
  expect(await shown()).toMatchObject({
    people: { ratings: false, person: "poor", hours, consent },
  });
});

test("the widget's script has the owner's texts at its plain address, and not where a page checks its hash", async () => {
  start({ env: { NODE_ENV: "production", OPENAI_API_KEY: "sk-upstream" } });
  const load = (path: string, headers = {}) => app.fetch(path, { headers });
  const before = await load(widgetFiles.loader.path);
  expect(await before.text()).toBe(widgetFiles.loader.source);
  await app.settings.change({ WIDGET_TITLE: 'A "title" </script>', WIDGET_COLOR: "#0f766e" }, BY);
  const etag = before.headers.get("etag") ?? "";
  const after = await load(widgetFiles.loader.path, { "if-none-match": etag });
  expect(after.status).toBe(200);
  const source = await after.text();
  expect(source).toEndWith(widgetFiles.loader.source);
  const dataset: Record<string, string> = { title: "of the page" };
  const line = source.slice(0, -widgetFiles.loader.source.length);
  // oxlint-disable-next-line no-new-func -- this is the line that browsers run
  new Function("document", line)({ currentScript: { dataset } });
  expect(dataset).toEqual({ title: "of the page", accentColor: "#0f766e" });
  // A script without a tag, such as a module, goes on.
  new Function("document", line)({ currentScript: null });
  const zipped = await load(widgetFiles.loader.path, { "accept-encoding": "gzip" });
  expect(Bun.gunzipSync(await zipped.arrayBuffer())).toEqual(Buffer.from(source));
  expect(await (await load(widgetFiles.whole.path)).text()).toBe(widgetFiles.whole.source);
});

describe("the model", () => {
  let servers: ModelServer[];
  beforeEach(() => {
    servers = [
      startModelServer(answer("from the first")),
      startModelServer(answer("from the second")),
    ];
  });
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });

  const url = (index: number) => servers[index]?.url ?? "";

  test("that is changed answers the next question, and an answer under way goes on with its own", async () => {
    const env = { OPENAI_BASE_URL: "", OPENAI_API_KEY: "" };
    start({ env, modelOf: (model) => derived(model, createModel) });
    const first = {
      OPENAI_BASE_URL: url(0),
      OPENAI_API_KEY: "sk-of-the-first",
      OPENAI_MODEL: "one",
    };
    await app.settings.change({ ...first, SYSTEM_PROMPT: "Be brief." }, BY);
    const [one, two] = servers;
    if (one) one.script = (call) => call.token("Under ");
    const init = chatRequest({ sessionId: "a", message: "Hi" });
    const body = followBody(await app.fetch("/v1/chat/stream", init));
    await body.until("Under");

    const second = {
      OPENAI_BASE_URL: url(1),
      OPENAI_API_KEY: "sk-of-the-second",
      OPENAI_MODEL: "two",
    };
    await app.settings.change(
      { ...second, SYSTEM_PROMPT: "Be kind.", MAX_OUTPUT_TOKENS: "99" },
      BY,
    );
    const next = await app.fetch("/v1/chat", chatRequest({ sessionId: "b", message: "Hi" }));
    expect(await next.json()).toMatchObject({ message: "from the second" });
    const call = await two?.call(0);
    expect(call?.headers.get("authorization")).toBe("Bearer sk-of-the-second");
    expect(call?.body).toMatchObject({
      model: "two",
      messages: [{ role: "system", content: "Be kind." }, {}],
    });

    const underWay = await one?.call(0);
    underWay?.token("way");
    underWay?.finish();
    expect(await body.end()).toContain("Under way");
    const { conversations } = await app.store.listConversations({ limit: 5 });
    const models = await Promise.all(
      conversations.map(async ({ id, sessionId }) => {
        const [, stored] = await app.store.listMessages(id);
        return `${sessionId}: ${stored?.model}`;
      }),
    );
    expect(models.toSorted()).toEqual(["a: one", "b: two"]);
  });

  test("keeps its connections when another setting is changed", async () => {
    let made = 0;
    start({
      env: { OPENAI_BASE_URL: url(0) },
      modelOf: (model) =>
        derived(model, (settings) => {
          made += 1;
          return createModel(settings);
        }),
    });
    await app.settings.change({ SYSTEM_PROMPT: "Be kind." }, BY);
    await app.fetch("/v1/chat", chatRequest({ sessionId: "a", message: "Hi" }));
    expect(made).toBe(1);
    await app.settings.change({ OPENAI_REASONING_EFFORT: "low" }, BY);
    await app.fetch("/v1/chat", chatRequest({ sessionId: "a", message: "Hi" }));
    expect(made).toBe(2);
  });
});

function createModel(settings: TestApp["config"]["model"]) {
  return settings.kind === "openai" ? createOpenAiModel(settings) : createDemoModel(0);
}

test("answers are shorter and histories are cut from the question after the owner has said so", async () => {
  const server = startModelServer(answer("Fine"));
  start({ modelUrl: server.url });
  const chat = () => app.fetch("/v1/chat", chatRequest({ sessionId: "a", message: "Hi" }));
  await chat();
  await chat();
  await app.settings.change({ MAX_HISTORY_MESSAGES: "1", MAX_OUTPUT_TOKENS: "7" }, BY);
  await chat();
  const sent = server.calls.map(({ body }) => body.messages.length);
  expect(sent).toEqual([2, 4, 2]);
  expect(server.calls[2]?.body).toMatchObject({ max_tokens: 7 });
  await server.stop();
});

test("an origin that the environment names stays allowed, and the dashboard says why it cannot be removed", async () => {
  start({ env: { CORS_ORIGIN: ALLOWED_ORIGIN } });
  const outcome = await new Websites(app.settings).remove(ALLOWED_ORIGIN, "the dashboard");
  expect(outcome).toMatchObject({ kind: "refused", problems: [{ name: "CORS_ORIGIN" }] });
  expect(await statusOf("/widget/settings.json", { origin: ALLOWED_ORIGIN })).toBe(200);
});
