import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { readAnswer } from "../support/answers.ts";
import {
  expectErrorPage,
  form,
  logIn,
  openDashboard,
  PAGE_HEADERS,
  tryLogin,
} from "../support/dashboard-requests.ts";
import {
  ADMIN_KEY,
  ALLOWED_ORIGIN,
  createTestApp,
  DASHBOARD_PASSWORD,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

let app: TestApp;

beforeEach(() => {
  app = createTestApp();
});
afterEach(() => app.close());

/** Every route of the dashboard, without those that are open on purpose. */
function guardedRoutes() {
  const open = /^(?:GET|POST) \/dashboard\/(?:(?:login|claim)$|assets\/)/;
  return app.app.routes.filter(
    ({ method, path }) =>
      method !== "OPTIONS" && path.startsWith("/dashboard") && !open.test(`${method} ${path}`),
  );
}

const HOUR_MS = 60 * 60 * 1000;

describe("without a session", () => {
  test("every page shows the login and nothing else, whatever key or cookie is sent", async () => {
    const attempts: Record<string, string>[] = [
      {},
      { cookie: "chatporch=guessed" },
      { cookie: `__Host-chatporch=${"A".repeat(43)}` },
      { "x-admin-api-key": ADMIN_KEY, "x-api-key": WIDGET_KEY },
      { authorization: `Bearer ${ADMIN_KEY}` },
      { authorization: `Bearer ${DASHBOARD_PASSWORD}` },
    ];
    expect(guardedRoutes().length).toBeGreaterThanOrEqual(8);
    for (const { method, path } of guardedRoutes()) {
      for (const headers of attempts) {
        const init = method === "POST" ? form({ formToken: "guessed" }, headers) : { headers };
        const answer = await readAnswer(await app.fetch(path.replace(":id", "c_1"), init));
        expectErrorPage(answer, "login_required", ["guessed"]);
        expect(answer.body).toContain('name="password"');
        expect(answer.body).not.toContain("Log out");
      }
    }
  });

  test("HEAD is guarded as GET is", async () => {
    for (const { method, path } of guardedRoutes()) {
      if (method === "GET") expect((await app.fetch(path, { method: "HEAD" })).status).toBe(401);
    }
  });

  test("the login leads back to the page that was asked for", async () => {
    const answer = await readAnswer(await app.fetch("/dashboard/setup"));
    expect(answer.body).toContain('name="next" value="/dashboard/setup"');
    const fields = { password: DASHBOARD_PASSWORD, next: "/dashboard/setup" };
    const response = await app.fetch("/dashboard/login", form(fields));
    expect([response.status, response.headers.get("location")]).toEqual([303, "/dashboard/setup"]);
  });

  test.each([
    [
      "GET",
      "/dashboard/conversations?q=lamp&mark=failed",
      "/dashboard/conversations?q=lamp&mark=failed",
    ],
    ["GET", "/dashboard/conversations/c_1/export?format=csv", "/dashboard/conversations/c_1"],
    ["GET", "/dashboard/export?format=csv", "/dashboard"],
    ["GET", `/dashboard/conversations?q=${"x".repeat(500)}`, "/dashboard/conversations"],
    ["POST", "/dashboard/conversations/c_1/takeover?q=lamp", "/dashboard/conversations/c_1?q=lamp"],
    ["POST", "/dashboard/conversations/c_1/requests/r_1/close", "/dashboard/conversations/c_1"],
    ["POST", "/dashboard/settings/people", "/dashboard/settings/people"],
    ["POST", "/dashboard/logout", "/dashboard"],
  ])("the login leads to a page where it is asked for by %s %s", async (method, path, next) => {
    const answer = await readAnswer(
      await app.fetch(path, method === "POST" ? form({ formToken: "guessed" }) : {}),
    );
    expect(answer.body).toContain(`name="next" value="${next.replaceAll("&", "&amp;")}"`);
    const isSaid = answer.body.includes("so nothing was changed");
    expect(isSaid).toBe(method === "POST");
  });

  test.each([
    "https://evil.example/",
    "//evil.example/dashboard",
    "/dashboard.evil.example",
    "/dashboard\n/x",
    "/dashboard/\u00e9",
    "/\\evil.example",
    "javascript:alert(1)",
    "",
  ])("the login leads nowhere else: %p", async (next) => {
    const response = await app.fetch(
      "/dashboard/login",
      form({ password: DASHBOARD_PASSWORD, next }),
    );
    expect([response.status, response.headers.get("location")]).toEqual([303, "/dashboard"]);
  });
});

describe("the login", () => {
  test("has a name above its password, which password managers store it under", async () => {
    const { body } = await readAnswer(await app.fetch("/dashboard/login"));
    expect(body).toMatch(
      /<input type="text" autocomplete="username" value="owner" hidden \/>\s*<label>\s*Password/,
    );
  });

  test("takes a password with white space around it, in the setting and in the form", async () => {
    const padded = createTestApp({ env: { DASHBOARD_PASSWORD: " correct horse \r" } });
    for (const password of ["correct horse", " correct horse \r", "correct horse\n"]) {
      expect((await tryLogin(padded, password)).status).toBe(303);
    }
    expect((await tryLogin(padded, "correcthorse")).status).toBe(401);
    await padded.close();
  });

  test("says that a password is wrong, and repeats nothing of it", async () => {
    const answer = await readAnswer(await tryLogin(app, "wrong<password>"));
    expect(answer.status).toBe(401);
    expect(Object.fromEntries(answer.headers)).toMatchObject(PAGE_HEADERS);
    expect(answer.body).toContain("Wrong password.");
    expect(answer.body).not.toContain("wrong");
    expect(answer.headers.has("set-cookie")).toBe(false);
  });

  test.each([
    ["no password", form({}), "invalid_request"],
    ["an unknown field", form({ password: "x", user: "y" }), "invalid_request"],
    ["a password of 1001 characters", form({ password: "x".repeat(1001) }), "invalid_request"],
    ["half a million fields", { ...form({}), body: "a=&".repeat(500_000) }, "invalid_request"],
    [
      "JSON",
      { ...form({ a: "b" }), headers: { "content-type": "application/json" } },
      "unsupported_media_type",
    ],
    ["no body", { method: "POST" }, "invalid_request"],
    [
      "bytes that are no text",
      { ...form({}), body: new Uint8Array([0xff, 0x25, 0x3d]) },
      "invalid_request",
    ],
  ] as const)("with %s is refused with a page", async (_name, init, code) => {
    expectErrorPage(await readAnswer(await app.fetch("/dashboard/login", init)), code);
  });

  test("with a body that is too large for its form is refused before it is parsed", async () => {
    const fields = {
      password: "x",
      ...Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [i, ""])),
    };
    const answer = await readAnswer(await app.fetch("/dashboard/login", form(fields)));
    expectErrorPage(answer, "invalid_request");
    expect(answer.body).toContain("is larger than a form may be");
  });

  test("takes a password of 1000 characters of any kind", async () => {
    const password = "\u{304d}".repeat(1000);
    const open = createTestApp({ env: { DASHBOARD_PASSWORD: password } });
    const fields = { password, next: `/dashboard/${"x".repeat(489)}` };
    expect((await open.fetch("/dashboard/login", form(fields))).status).toBe(303);
    await open.close();
  });

  test("allows each address ten attempts a window, including the successful ones", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 9; i++) statuses.push((await tryLogin(app, "wrong")).status);
    statuses.push((await tryLogin(app)).status);
    expect(statuses).toEqual([...Array<number>(9).fill(401), 303]);

    const limited = await readAnswer(await tryLogin(app));
    expectErrorPage(limited, "rate_limited");
    expect(limited.headers.get("retry-after")).toBe("60");
    expect(limited.headers.get("ratelimit-policy")).toBe('"login";q=10;w=60');
    expect(limited.body).toContain("in 60 seconds");
    expect(limited.headers.has("set-cookie")).toBe(false);

    app.clock.advance(60_000);
    expect((await tryLogin(app)).status).toBe(303);
  });

  test("counts attempts that come at once, and those that are malformed", async () => {
    const tries = Array.from({ length: 30 }, (_, i) =>
      i % 2 ? tryLogin(app, "wrong") : app.fetch("/dashboard/login", form({})),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
  });

  test("limits each address separately", async () => {
    let peer = "192.0.2.1";
    const many = createTestApp({ peerAddress: () => peer });
    for (let i = 0; i < 11; i++) await tryLogin(many, "wrong");
    expect((await tryLogin(many)).status).toBe(429);
    peer = "192.0.2.2";
    expect((await tryLogin(many)).status).toBe(303);
    await many.close();
  });

  test("leaves neither password nor cookie in the log", async () => {
    const owner = await openDashboard(app);
    await owner.get("/dashboard/conversations?q=secret-words");
    // Lines are written after the answers.
    while (!app.lines.some((line) => line.includes("/dashboard/conversations"))) await Bun.sleep(1);
    const log = app.lines.join("\n");
    for (const secret of [DASHBOARD_PASSWORD, owner.cookie, owner.formToken, "secret-words"]) {
      expect(log).not.toContain(secret);
    }
  });
});

describe("the end of a dashboard session", () => {
  test("comes with the logout, after which the server refuses the cookie", async () => {
    const owner = await openDashboard(app);
    const other = await openDashboard(app);
    const answer = await owner.post("/dashboard/logout");
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/dashboard/login"]);
    expectErrorPage(await owner.get("/dashboard"), "login_required");
    expect((await other.get("/dashboard")).status).toBe(200);
  });

  test("comes after 24 idle hours", async () => {
    const owner = await openDashboard(app);
    app.clock.advance(24 * HOUR_MS + 1);
    expectErrorPage(await owner.get("/dashboard"), "login_required");
  });

  test("comes after 24 hours even if an open page sends requests by itself", async () => {
    const cookie = await logIn(app);
    app.clock.advance(23 * HOUR_MS);
    const refresh = { cookie, "x-dashboard-refresh": "1" };
    expect((await app.fetch("/dashboard", { headers: refresh })).status).toBe(200);
    const events = await app.fetch("/dashboard/events", { headers: { cookie } });
    expect(events.status).toBe(200);
    await events.body?.cancel();
    app.clock.advance(2 * HOUR_MS);
    const answer = await readAnswer(await app.fetch("/dashboard", { headers: { cookie } }));
    expectErrorPage(answer, "login_required");
  });

  test("is put off by every page that is opened", async () => {
    const owner = await openDashboard(app);
    app.clock.advance(23 * HOUR_MS);
    expect((await owner.get("/dashboard")).status).toBe(200);
    app.clock.advance(2 * HOUR_MS);
    expect((await owner.get("/dashboard")).status).toBe(200);
  });

  test("comes with another DASHBOARD_PASSWORD", async () => {
    const { store } = app;
    const cookie = await logIn(app);
    const changed = createTestApp({ store, env: { DASHBOARD_PASSWORD: "changed-password" } });
    const old = await readAnswer(await changed.fetch("/dashboard", { headers: { cookie } }));
    expectErrorPage(old, "login_required");
    expect((await tryLogin(changed)).status).toBe(401);
  });
});

describe("without a password", () => {
  test("every path except the assets says how the owner sets one, whatever is sent", async () => {
    const disabled = createTestApp({ env: { DASHBOARD_PASSWORD: "change-me" } });
    const paths = guardedRoutes().map(({ method, path }) => [method, path.replace(":id", "c_1")]);
    for (const [method = "", path = ""] of [...paths, ["GET", "/dashboard/login"]]) {
      const answer = await readAnswer(
        await disabled.fetch(path, method === "POST" ? form({ password: "change-me" }) : {}),
      );
      expectErrorPage(answer, "dashboard_unclaimed");
      expect(answer.body).toContain("chatporch password");
      expect(answer.body).not.toContain('name="password"');
    }
    for (const password of ["", "change-me", "undefined"]) {
      expect((await tryLogin(disabled, password)).status).toBe(503);
    }
    const [style] = app.app.routes.filter(({ path }) => path.endsWith(".css"));
    expect((await disabled.fetch(style?.path ?? "")).status).toBe(200);
    await disabled.close();
  });
});

describe("a post from another site", () => {
  const OWN = "http://localhost";

  test("is refused by its Origin, even of an allowed website", async () => {
    const owner = await openDashboard(app);
    for (const origin of [ALLOWED_ORIGIN, "https://evil.example", "null", "http://localhost:81"]) {
      expectErrorPage(
        await owner.post("/dashboard/logout", undefined, { origin }),
        "origin_not_allowed",
      );
      const login = await readAnswer(await tryLogin(app, DASHBOARD_PASSWORD, { origin }));
      expectErrorPage(login, "origin_not_allowed");
    }
    expect((await owner.get("/dashboard")).status).toBe(200);
    expect((await owner.post("/dashboard/logout", undefined, { origin: OWN })).status).toBe(303);
  });

  test("is refused by Sec-Fetch-Site", async () => {
    const owner = await openDashboard(app);
    for (const site of ["cross-site", "same-site", "anything"]) {
      const headers = { "sec-fetch-site": site };
      expectErrorPage(await owner.post("/dashboard/logout", undefined, headers), "form_refused");
      const login = await readAnswer(await tryLogin(app, DASHBOARD_PASSWORD, headers));
      expectErrorPage(login, "form_refused");
    }
    expect((await owner.get("/dashboard")).status).toBe(200);
    const headers = { "sec-fetch-site": "same-origin" };
    expect((await owner.post("/dashboard/logout", undefined, headers)).status).toBe(303);
  });

  test("is refused without the token of the session, in every form", async () => {
    const owner = await openDashboard(app);
    const other = await openDashboard(app);
    const posts = guardedRoutes().filter(({ method }) => method === "POST");
    expect(posts.length).toBe(13);
    for (const { path } of posts) {
      const forms: Record<string, string>[] = [
        {},
        { formToken: "" },
        { formToken: "guessed" },
        { formToken: other.formToken },
        { formToken: owner.formToken.slice(1) },
      ];
      for (const fields of forms) {
        expectErrorPage(await owner.post(path.replace(":id", "c_1"), fields), "form_refused");
      }
    }
    expect((await owner.get("/dashboard")).status).toBe(200);
  });

  test("cannot be a GET", async () => {
    const owner = await openDashboard(app);
    for (const path of ["/dashboard/logout", "/dashboard/conversations/c_1/delete"]) {
      expectErrorPage(await owner.get(path), "method_not_allowed");
    }
  });
});

test("two servers on one database share the sessions", async () => {
  const store = openSqliteStore(":memory:");
  const [one, other] = [createTestApp({ store }), createTestApp({ store })];
  const cookie = await logIn(one);
  expect((await other.fetch("/dashboard", { headers: { cookie } })).status).toBe(200);
});
