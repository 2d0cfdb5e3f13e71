import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { hashPassword } from "../../src/dashboard/password-hash.ts";
import { readAnswer } from "../support/answers.ts";
import { expectErrorPage, form, formTokenIn, tryLogin } from "../support/dashboard-requests.ts";
import { createTestApp, DASHBOARD_PASSWORD, type TestApp } from "../support/test-app.ts";

const OLD = "an owner's own words";
const NEW = "other words of the owner";
const PATH = "/dashboard/settings/password";
const MINUTE_MS = 60_000;

let app: TestApp;

beforeEach(async () => {
  app = createTestApp({ env: { DASHBOARD_PASSWORD: "" } });
  await app.store.changeOwnerPassword({
    passwordHash: await hashPassword(OLD),
    at: 1,
    by: "before",
  });
});
afterEach(() => app.close());

/** A browser that is logged in. */
async function open(password = OLD) {
  const response = await tryLogin(app, password);
  const [cookie = ""] = response.headers.get("set-cookie")?.split(";") ?? [];
  const get = async (path = PATH) => readAnswer(await app.fetch(path, { headers: { cookie } }));
  const formToken = formTokenIn((await get()).body);
  return {
    get,
    formToken,
    change: async (fields: Record<string, string> = {}, headers = {}) => {
      const sent = { action: "change", current: OLD, password: NEW, again: NEW, formToken };
      const init = form({ ...sent, ...fields }, { cookie, ...headers });
      return readAnswer(await app.fetch(PATH, init));
    },
  };
}

describe("the owner's new password", () => {
  test("opens the dashboard, ends every other login, and is in the audit list without a word of it", async () => {
    const [here, elsewhere] = [await open(), await open()];
    const answer = await here.change();
    expect([answer.status, answer.headers.get("location")]).toEqual([303, `${PATH}?done=password`]);
    const [cookie = ""] = answer.headers.get("set-cookie")?.split(";") ?? [];
    const after = await readAnswer(
      await app.fetch(`${PATH}?done=password`, { headers: { cookie } }),
    );
    expect(after.status).toBe(200);
    expect(after.body).toContain("The password is changed. Everybody else is logged out.");
    expectErrorPage(await elsewhere.get(), "login_required");
    expectErrorPage(await here.get(), "login_required");
    expect((await tryLogin(app, OLD)).status).toBe(401);
    expect((await tryLogin(app, NEW)).status).toBe(303);

    const list = (
      await readAnswer(await app.fetch("/dashboard/settings/changes", { headers: { cookie } }))
    ).body;
    expect(await app.settings.audit(1)).toMatchObject([
      { setting: "Password of the dashboard", by: "the dashboard, from 192.0.2.10" },
    ]);
    expect(list).toContain("Password of the dashboard");
    expect(JSON.stringify([list, app.lines])).not.toMatch(/owner's own words|words of the owner/);
  });
});

describe("a new password is refused, and the old one stays,", () => {
  test.each([
    ["without the old one", { current: "a wrong guess" }, "current", "Wrong password."],
    ["with an endless old one", { current: "x".repeat(20_000) }, "current", "Wrong password"],
    ["that is empty", { password: " ", again: " " }, "password", "Enter a new password."],
    [
      "that is short",
      { password: "short", again: "short" },
      "password",
      "The password is shorter than 12",
    ],
    ["that is too long", { password: "x".repeat(501) }, "password", "The password is longer than"],
    ["that was mistyped", { again: `${NEW}!` }, "again", "The two passwords differ."],
  ])("%s", async (_, fields, field, sentence) => {
    const browser = await open();
    const answer = await browser.change(fields);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(`id="problem-${field}" role="alert">${sentence}`);
    for (const password of [OLD, NEW, "a wrong guess"]) expect(answer.body).not.toContain(password);
    expect((await browser.get()).status).toBe(200);
    expect((await tryLogin(app, OLD)).status).toBe(303);
    expect(await app.settings.audit(10)).toHaveLength(1);
  });

  test("after as many attempts as a login has, until the minute is over", async () => {
    const browser = await open();
    const statuses: number[] = [];
    for (let i = 0; i < 10; i++) statuses.push((await browser.change({ current: "wrong" })).status);
    expect(statuses).toEqual([...Array<number>(9).fill(400), 429]);
    expectErrorPage(await browser.change(), "rate_limited");
    app.clock.advance(MINUTE_MS);
    expect((await browser.change()).status).toBe(303);
  });

  test("without a session, without its token and from another website", async () => {
    const browser = await open();
    const fields = { action: "change", current: OLD, password: NEW, again: NEW };
    expectErrorPage(await readAnswer(await app.fetch(PATH, form(fields))), "login_required");
    expectErrorPage(await browser.change({ formToken: "guessed" }), "form_refused");
    const fromElsewhere = { "sec-fetch-site": "cross-site" };
    expectErrorPage(await browser.change({}, fromElsewhere), "form_refused");
    expect((await tryLogin(app, OLD)).status).toBe(303);
  });

  test("where the environment sets it, which the page says", async () => {
    await app.close();
    app = createTestApp();
    const browser = await open(DASHBOARD_PASSWORD).catch(() => undefined);
    expect(browser).toBeDefined();
    const page = (await browser?.get())?.body ?? "";
    expect(page).toContain("Fixed by <code>DASHBOARD_PASSWORD</code> in the environment.");
    expect(page).not.toContain('name="current"');
    expect((await browser?.change({ current: DASHBOARD_PASSWORD }))?.status).toBe(400);
    expect((await tryLogin(app)).status).toBe(303);
  });
});
