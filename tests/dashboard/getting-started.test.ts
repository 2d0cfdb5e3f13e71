import { afterEach, describe, expect, spyOn, test } from "bun:test";

import { answer, startModelServer } from "../../harness/model-server.ts";
import { widgetFiles } from "../../src/assets/widget-files.ts";
import { openDashboard } from "../support/dashboard-requests.ts";
import { addSource, newDocument } from "../support/stored-knowledge.ts";
import { storeExchange } from "../support/stored-turns.ts";
import { ALLOWED_ORIGIN, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

type Owner = Awaited<ReturnType<typeof openDashboard>>;

const PUBLIC_URL = "https://chat.example.com";

let app: TestApp;
let owner: Owner;

let env: Record<string, string>;

async function start(settings: Record<string, string> = {}): Promise<void> {
  env = settings;
  app = createTestApp({ env });
  owner = await openDashboard(app);
}

/** Another process on the same store: a replica, or the same one after a restart. */
async function startAgain(): Promise<void> {
  app = createTestApp({ env, store: app.store });
  owner = await openDashboard(app);
}

afterEach(() => app.close());

/** The titles of the steps that are done, or the line in place of the list. */
async function stepsDone(): Promise<string[]> {
  const { body } = await owner.get("/dashboard");
  const steps = body.matchAll(/<li class="step (done)?">\s*<h3>([^<]+)/g);
  const done = Array.from(steps).flatMap(([, isDone, title]) => (isDone && title ? [title] : []));
  return body.includes("Everything is set up") ? ["everything"] : done;
}

const WEBSITE = "Your website is named";
const TAG = "The tag is on your website";

describe("getting started", () => {
  test("begins with nothing done, and shows the tag", async () => {
    await start({ CORS_ORIGIN: "" });
    expect(await stepsDone()).toEqual([]);
    const { body } = await owner.get("/dashboard");
    expect(body).toContain("0 of 5 done");
    expect(body).toContain(`src=&quot;http://localhost${widgetFiles.loader.path}&quot;`);
  });

  test("offers to have pages read, and does not wait for it", async () => {
    await start({ CORS_ORIGIN: "" });
    expect((await owner.get("/dashboard")).body).toContain("Add your pages");
    const { id } = await addSource(app.store);
    await app.store.putDocument(newDocument({ sourceId: id }));
    expect(await stepsDone()).toEqual(["Your pages are read"]);
    expect((await owner.get("/dashboard")).body).toContain("1 of 6 done");
  });

  test("offers to change the greeting, and does not wait for it", async () => {
    await start({ CORS_ORIGIN: "" });
    const { body } = await owner.get("/dashboard");
    expect(body).toMatch(/href="\/dashboard\/settings\/widget"\s*>Change the greeting</);
    await app.settings.change({ WIDGET_GREETING: "Hello!" }, { by: "the owner" });
    expect(await stepsDone()).toEqual(["The widget has your greeting and looks"]);
  });

  test("offers to limit what the model costs, which is done with a budget, or where it costs nothing", async () => {
    await start({ CORS_ORIGIN: "", OPENAI_API_KEY: "sk-upstream" });
    const { body } = await owner.get("/dashboard");
    expect(body).toMatch(/href="\/dashboard\/settings\/spending"\s*>Set a budget</);
    const limits = [
      { BUDGET_UNIT: "tokens", BUDGET_PER_MONTH: "1000000" },
      { BUDGET_UNIT: "", BUDGET_PER_MONTH: "", PRICE_INPUT: "0", PRICE_OUTPUT: "0" },
    ];
    for (const limit of limits) {
      await app.settings.change(limit, { by: "the owner" });
      expect(await stepsDone()).toEqual(["What the model may cost is limited"]);
    }
    await app.settings.change({ PRICE_INPUT: "1" }, { by: "the owner" });
    expect(await stepsDone()).toEqual([]);
  });

  test("offers visitors a person, which is done when the owner is notified of them", async () => {
    await start({ CORS_ORIGIN: "" });
    const { body } = await owner.get("/dashboard");
    expect(body).toMatch(/href="\/dashboard\/settings\/people"\s*>Offer a person</);
    await app.settings.change({ PERSON: "poor" }, { by: "the owner" });
    expect(await stepsDone()).toEqual([]);
    expect((await owner.get("/dashboard")).body).toMatch(
      /href="\/dashboard\/settings\/notices"\s*>Choose how you are notified</,
    );
    await app.settings.change({ NTFY_URL: "https://ntfy.sh/shop" }, { by: "the owner" });
    expect(await stepsDone()).toEqual(["You hear of visitors who want a person"]);
  });

  test("sees the tag when an allowed page loads the script or asks, and nobody else's", async () => {
    await start();
    expect(await stepsDone()).toEqual([WEBSITE]);
    const script = (referer: string) =>
      app.fetch(widgetFiles.loader.path, { headers: { referer } });
    await script("https://evil.example/page");
    await script("http://localhost/dashboard/setup");
    await script("nonsense");
    await app.fetch("/v1/chat", { method: "POST", headers: { origin: "https://evil.example" } });
    expect(await stepsDone()).toEqual([WEBSITE]);
    await script(`${ALLOWED_ORIGIN}/products`);
    expect(await stepsDone()).toEqual([WEBSITE, TAG]);
    expect((await owner.get("/dashboard")).body).toContain(`Seen on ${ALLOWED_ORIGIN}`);
  });

  test("offers to allow a website that was refused, at the step that waits for it", async () => {
    await start({ CORS_ORIGIN: "" });
    const shop = "https://www.shop.example";
    const refuse = (origin: string) =>
      app.fetch("/v1/chat", { method: "POST", headers: { origin, "x-api-key": WIDGET_KEY } });
    await app.settings.change({ CORS_ORIGIN: "https://shop.example" }, { by: "the owner" });
    for (let n = 0; n < 3; n += 1) await refuse(`https://${n}.example`);
    app.clock.advance(1);
    await refuse(shop);
    const { body } = await owner.get("/dashboard");
    const [, after = ""] = body.split(`${TAG}<`);
    expect(after).toContain(shop);
    expect(after).toContain("All 4 refused websites");
    const [, action = ""] = /<form method="post" action="([^"]+)"/.exec(after) ?? [];
    const fields = { formToken: owner.formToken, website: shop, action: "allow" };
    expect((await owner.post(action, fields)).status).toBe(303);
    expect((await owner.get("/dashboard")).body).not.toContain(shop);
    expect((await refuse(shop)).status).not.toBe(403);
    await refuse("https://other.example");
    expect(await stepsDone()).toContain(TAG);
    const [steps = "", needs] = (await owner.get("/dashboard")).body.split("What needs you");
    expect(steps).not.toContain("other.example");
    expect(needs).toContain("https://other.example</bdi> and 3 other websites tried");
  });

  test("writes a busy website once a minute, and goes on when it cannot be written", async () => {
    await start();
    const written = spyOn(app.store, "noteSetupFact");
    const script = () =>
      app.fetch(widgetFiles.loader.path, { headers: { referer: `${ALLOWED_ORIGIN}/` } });
    written.mockRejectedValueOnce(new Error("The disk is full."));
    for (let n = 0; n < 5; n += 1) expect((await script()).status).toBe(200);
    expect(written).toHaveBeenCalledTimes(1);
    expect(await stepsDone()).toEqual([WEBSITE]);
    app.clock.advance(60_000);
    for (let n = 0; n < 5; n += 1) await script();
    expect(written).toHaveBeenCalledTimes(2);
    expect(await stepsDone()).toEqual([WEBSITE, TAG]);
  });

  test("believes the conversations of the last days where no website was noted", async () => {
    await start();
    await storeExchange(app.store, { at: app.clock.now() });
    expect(await stepsDone()).toEqual([WEBSITE, TAG]);
  });

  test("is a line when everything is done, and a list again when the model fails", async () => {
    const model = startModelServer(answer("ready"));
    await start({
      NODE_ENV: "production",
      PUBLIC_URL,
      OPENAI_BASE_URL: model.url,
      OPENAI_MODEL: "small-1",
      SYSTEM_PROMPT: "Be kind.",
    });
    const { cookie } = owner;
    await app.fetch(widgetFiles.loader.path, { headers: { referer: `${ALLOWED_ORIGIN}/` } });
    const tryIt = () =>
      owner.post("/dashboard/settings/model", { formToken: owner.formToken, action: "try" });
    await tryIt();
    expect(await stepsDone()).not.toContain("everything");
    // The proxy ends TLS.
    await app.app.handle(new Request("http://chat.example.com/dashboard", { headers: { cookie } }));
    expect(await stepsDone()).toEqual(["everything"]);
    const here = app;
    await startAgain();
    expect(await stepsDone()).toEqual(["everything"]);
    await app.chat.drain(0);
    app = here;
    owner = await openDashboard(app);
    model.script = () => new Response("no", { status: 500 });
    await tryIt();
    expect(await stepsDone()).not.toContain("The model answers");
    await model.stop();
  });

  test.each(["http://192.0.2.1/dashboard", "http://127.0.0.1/dashboard", "http://[::1]/dashboard"])(
    "does not take %s for the public address",
    async (address) => {
      await start({ NODE_ENV: "production", OPENAI_API_KEY: "sk-upstream" });
      const request = new Request(address, { headers: { cookie: owner.cookie } });
      expect((await app.app.handle(request)).status).toBe(200);
      expect(await stepsDone()).toEqual([WEBSITE]);
    },
  );
});
