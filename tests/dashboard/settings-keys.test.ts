import { afterEach, beforeEach, expect, test } from "bun:test";

import { openDashboard } from "../support/dashboard-requests.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

const FIXED = "widget-key-of-the-environment-0123";
const PATH = "/dashboard/settings/keys";

let app: TestApp;
let browser: Awaited<ReturnType<typeof openDashboard>>;

async function start(widgetKey: string): Promise<void> {
  app = createTestApp({ env: { WIDGET_API_KEY: widgetKey } });
  browser = await openDashboard(app);
}

beforeEach(() => start(FIXED));
afterEach(() => app.close());

function send(fields: Record<string, string>) {
  return browser.post(PATH, { formToken: browser.formToken, ...fields });
}

/** Asks for a session with a widget key. */
async function ask(key: string): Promise<number> {
  const headers = { "x-api-key": key, "content-type": "application/json" };
  return (await app.fetch("/v1/sessions", { method: "POST", headers, body: "{}" })).status;
}

test("a key that the owner makes is shown, is good until it is revoked, and stays readable then", async () => {
  expect((await send({ action: "make", keyName: " The <shop> " })).status).toBe(303);
  const [made = { id: "", key: "" }] = app.settings.keys.list();
  const page = (await browser.get(PATH)).body;
  expect(page).toContain("The &lt;shop&gt;");
  expect(page).toContain(made.key);
  expect(await ask(made.key)).toBe(200);

  const revoked = await send({ action: "revoke", keyId: made.id });
  expect([revoked.status, revoked.headers.get("location")]).toEqual([303, `${PATH}?done=revoked`]);
  expect(await ask(made.key)).toBe(401);
  expect(await ask(FIXED)).toBe(200);
  expect((await browser.get(PATH)).body).toContain("1 revoked key");
});

test("a key of the environment is listed with its variable, and has no button", async () => {
  const page = (await browser.get(PATH)).body;
  expect(page).toContain(FIXED);
  expect(page).toContain("<code>WIDGET_API_KEY</code> in the environment");
  expect(page).not.toContain('value="revoke"');
});

test("a key without a name is not made, and the form says why", async () => {
  const answer = await send({ action: "make", keyName: "x".repeat(61) });
  expect(answer.status).toBe(400);
  expect(answer.body).toContain(
    'id="problem-key" role="alert">This needs a name of 1 to 60 characters.',
  );
  expect(answer.body).toContain(`value="${"x".repeat(61)}"`);
  expect(app.settings.keys.list()).toEqual([]);
});

test("a key that is not there is not revoked, nor is the only good one", async () => {
  expect((await send({ action: "revoke", keyId: "k_nobody" })).status).toBe(400);
  await app.close();
  await start("");
  await app.settings.keys.makeFirst("first-key-0123456789", "the first start");
  const [only = { id: "" }] = app.settings.keys.list();
  expect((await browser.get(PATH)).body).not.toContain('value="revoke"');
  const answer = await send({ action: "revoke", keyId: only.id });
  expect(answer.status).toBe(400);
  expect(answer.body).toContain("make another one first");
  expect(app.settings.keys.list()).toMatchObject([{ revokedAt: undefined }]);
});
