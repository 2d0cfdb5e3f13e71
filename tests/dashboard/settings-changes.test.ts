import { afterEach, beforeEach, expect, test } from "bun:test";

import { readAnswer } from "../support/answers.ts";
import { expectErrorPage, form, openDashboard } from "../support/dashboard-requests.ts";
import { createTestApp, PEER, type TestApp } from "../support/test-app.ts";

const PATH = "/dashboard/settings/changes";

let app: TestApp;
let browser: Awaited<ReturnType<typeof openDashboard>>;

beforeEach(async () => {
  app = createTestApp();
  browser = await openDashboard(app);
});
afterEach(() => app.close());

test("the list says who has changed what from what to what, the newest first, and never a secret", async () => {
  expect((await browser.get(PATH)).body).toContain("Nothing has been changed yet.");
  const { formToken } = browser;
  const send = (section: string, fields: Record<string, string>) =>
    browser.post(`/dashboard/settings/${section}`, { formToken, action: "save", ...fields });
  await send("widget", { WIDGET_TITLE: "<b>Ask</b>" });
  await send("widget", { WIDGET_TITLE: "Ask me" });
  await app.settings.change({ OPENAI_API_KEY: "sk-of-the-owner-0123456789" }, { by: "a test" });
  const page = (await browser.get(PATH)).body;
  expect(page).toContain(`by the dashboard, from ${PEER}`);
  expect(page).toContain("<del>&lt;b&gt;Ask&lt;/b&gt;</del> → <ins>Ask me</ins>");
  expect(page.indexOf("OPENAI_API_KEY")).toBeLessThan(page.indexOf("WIDGET_TITLE"));
  expect(page).not.toContain("sk-of-the-owner");
});

test("the list is short at first, and shows everything on demand", async () => {
  for (let i = 1; i <= 51; i++) {
    await app.settings.change({ WIDGET_TITLE: `Title ${i}.` }, { by: "a test" });
  }
  const short = (await browser.get(PATH)).body;
  expect(short).not.toContain("<ins>Title 1.</ins>");
  expect(short).toContain(`href="${PATH}?all=1"`);
  const all = (await browser.get(`${PATH}?all=1`)).body;
  expect(all).toContain("<ins>Title 1.</ins>");
  expect(all).not.toContain("?all=1");
});

test.each(["widget", "keys", "limits", "password", "changes"])(
  "nobody but the owner reads or sends the settings: %s",
  async (section) => {
    const path = `/dashboard/settings/${section}`;
    const fields = { action: "save", WIDGET_TITLE: "Theirs", RATE_LIMIT_MAX_REQUESTS: "1" };
    expectErrorPage(await readAnswer(await app.fetch(path)), "login_required");
    expectErrorPage(await readAnswer(await app.fetch(path, form(fields))), "login_required");
    expectErrorPage(await browser.post(path, { ...fields, formToken: "guessed" }), "form_refused");
    const own = { ...fields, formToken: browser.formToken };
    const elsewhere = { "sec-fetch-site": "cross-site" };
    expectErrorPage(await browser.post(path, own, elsewhere), "form_refused");
    expect(await app.settings.audit(10)).toEqual([]);
  },
);
