import { afterEach, beforeEach, describe, expect, spyOn, test } from "bun:test";

import { offerClaim } from "../../src/dashboard/claim.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { readAnswer } from "../support/answers.ts";
import { expectErrorPage, form, PAGE_HEADERS, tryLogin } from "../support/dashboard-requests.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

const PASSWORD = "an owner's own words";
const MINUTE_MS = 60_000;

let app: TestApp;
let token: string;

beforeEach(async () => {
  app = createTestApp({ env: { DASHBOARD_PASSWORD: "" } });
  token = await offer();
});
afterEach(() => app.close());

async function offer(): Promise<string> {
  const claim = await offerClaim(app.store, app.clock.now());
  if (claim === undefined) throw new Error("There is a password already.");
  return claim.token;
}

function claimForm(fields: Readonly<Record<string, string>> = {}, headers = {}) {
  return form({ token, password: PASSWORD, again: PASSWORD, ...fields }, headers);
}

async function claim(fields?: Readonly<Record<string, string>>, headers?: Record<string, string>) {
  return readAnswer(await app.fetch("/dashboard/claim", claimForm(fields, headers)));
}

async function open(path: string, cookie = "") {
  return readAnswer(await app.fetch(path, { headers: { cookie } }));
}

describe("a claim", () => {
  test("sets the password, logs its owner in and is used up", async () => {
    const answer = await claim();
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/dashboard"]);
    const [cookie = ""] = answer.headers.get("set-cookie")?.split(";") ?? [];
    expect((await open("/dashboard", cookie)).status).toBe(200);
    expect((await tryLogin(app, PASSWORD)).status).toBe(303);
    expect((await tryLogin(app, "another password")).status).toBe(401);

    expectErrorPage(
      await claim({ password: "somebody else's", again: "somebody else's" }),
      "dashboard_claimed",
    );
    expectErrorPage(await open("/dashboard/claim"), "dashboard_claimed");
    expect((await tryLogin(app, PASSWORD)).status).toBe(303);
    expect(await offerClaim(app.store, app.clock.now())).toBeUndefined();
  });

  test("stores argon2id, and neither the password nor the token", async () => {
    const saved: unknown[] = [];
    const store = new Proxy(openSqliteStore(":memory:"), {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => {
          saved.push(...args);
          return Reflect.apply(member, target, args);
        };
      },
    });
    const observed = createTestApp({ store, env: { DASHBOARD_PASSWORD: "" } });
    const offered = await offerClaim(store, observed.clock.now());
    const init = claimForm({ token: offered?.token ?? "" });
    expect((await observed.fetch("/dashboard/claim", init)).status).toBe(303);
    expect(JSON.stringify(saved)).not.toContain(PASSWORD);
    expect(JSON.stringify(saved)).not.toContain(offered?.token ?? "");
    expect(await store.ownerPasswordHash()).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
    await observed.close();
  });

  test("takes the same letters and the white space around them in any form", async () => {
    const decomposed = "the owne\u0301r's words";
    expect((await claim({ password: ` ${decomposed}`, again: `${decomposed} ` })).status).toBe(303);
    expect((await tryLogin(app, "the own\u00e9r's words\n")).status).toBe(303);
    expect((await tryLogin(app, "the owner's words")).status).toBe(401);
  });

  test.each([
    ["without the token", { token: "" }],
    ["with another token", { token: "A".repeat(43) }],
    ["with the hash of nothing", { token: "undefined" }],
  ])("is refused %s, in a sentence", async (_name, fields) => {
    const answer = await claim(fields);
    expect(answer.status).toBe(403);
    expect(Object.fromEntries(answer.headers)).toMatchObject(PAGE_HEADERS);
    expect(answer.body).toContain("This claim token is not valid.");
    expect(answer.headers.has("set-cookie")).toBe(false);
    expect(await app.store.ownerPasswordHash()).toBeUndefined();
  });

  test("is refused after 30 minutes, and not before", async () => {
    app.clock.advance(30 * MINUTE_MS);
    expect((await claim()).status).toBe(403);
    token = await offer();
    app.clock.advance(30 * MINUTE_MS - 1);
    expect((await claim()).status).toBe(303);
  });

  test("is refused once the server that printed it has stopped, or another one has started", async () => {
    const withdrawn = await offerClaim(app.store, app.clock.now());
    expect((await claim()).status).toBe(403);
    await withdrawn?.withdraw();
    expect((await claim({ token: withdrawn?.token ?? "" })).status).toBe(403);
  });

  test("is used by one of many who send it at the same time", async () => {
    const words = ["one", "two", "three", "four"].map((word) => `${word} ${PASSWORD}`);
    const answers = await Promise.all(
      words.map((password) => claim({ password, again: password })),
    );
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([303, 403, 403, 403]);
    const winner = words[answers.findIndex(({ status }) => status === 303)] ?? "";
    expect((await tryLogin(app, winner)).status).toBe(303);
  });

  test.each([
    ["eleven words", "12345678901", "is shorter than 12 characters"],
    ["a guess", "password1234", "can be guessed"],
  ])("with a weak password (%s) says so, and can be sent again", async (_name, weak, reason) => {
    const answer = await claim({ password: weak, again: weak });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(reason);
    expect(answer.body).toContain(token);
    expect(answer.body).not.toContain(weak);
    expect((await claim()).status).toBe(303);
  });

  test("with two different passwords says so, and can be sent again", async () => {
    const answer = await claim({ again: `${PASSWORD}!` });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("The two passwords differ.");
    expect((await claim()).status).toBe(303);
  });

  test("without the token never costs the hashing of a password", async () => {
    const hash = spyOn(Bun.password, "hash");
    expect((await claim({ token: "guessed" })).status).toBe(403);
    expect((await claim({ password: "short", again: "short" })).status).toBe(400);
    expect(hash).not.toHaveBeenCalled();
    expect((await claim()).status).toBe(303);
    expect(hash).toHaveBeenCalledTimes(1);
    hash.mockRestore();
  });

  test("counts as a login: ten an address and window", async () => {
    for (let i = 0; i < 10; i++) await claim({ token: "guessed" });
    const limited = await claim();
    expectErrorPage(limited, "rate_limited");
    expect(limited.headers.get("ratelimit-policy")).toBe('"login";q=10;w=60');
    expect((await tryLogin(app, PASSWORD)).status).toBe(503);
    app.clock.advance(60_000);
    expect((await claim()).status).toBe(303);
  });

  test("from another website is refused", async () => {
    for (const origin of ["https://www.example.com", "https://evil.example", "null"]) {
      expectErrorPage(await claim({}, { origin }), "origin_not_allowed");
    }
    for (const site of ["cross-site", "same-site"]) {
      expectErrorPage(await claim({}, { "sec-fetch-site": site }), "form_refused");
    }
    expect((await claim({}, { origin: "http://localhost" })).status).toBe(303);
  });

  test.each([
    ["an unknown field", { next: "/dashboard" }],
    ["a password of 501 characters", { password: "x".repeat(501), again: "x".repeat(501) }],
    ["a token of 101 characters", { token: "x".repeat(101) }],
  ])("with %s is refused with a page", async (_name, fields) => {
    expectErrorPage(await claim(fields), "invalid_request");
  });

  test("leaves neither its token nor the password in the log", async () => {
    await claim();
    while (!app.lines.some((line) => line.includes("/dashboard/claim"))) await Bun.sleep(1);
    const log = app.lines.join("\n");
    expect(log).toContain("the dashboard was claimed");
    for (const secret of [token, encodeURIComponent(PASSWORD), PASSWORD]) {
      expect(log).not.toContain(secret);
    }
  });
});

describe("with DASHBOARD_PASSWORD", () => {
  test("a claim is refused, and the setting wins over a password that was chosen before", async () => {
    expect((await claim()).status).toBe(303);
    const set = createTestApp({ store: app.store });
    expectErrorPage(
      await readAnswer(await set.fetch("/dashboard/claim", claimForm())),
      "dashboard_claimed",
    );
    expect((await tryLogin(set, PASSWORD)).status).toBe(401);
    expect((await tryLogin(set)).status).toBe(303);
  });
});

describe("a password that the owner chose", () => {
  async function logInWith(password: string): Promise<string> {
    const answer = await tryLogin(app, password);
    return answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  }

  test("ends every session when it is changed, also by another process", async () => {
    await claim();
    const cookie = await logInWith(PASSWORD);
    expect((await open("/dashboard", cookie)).status).toBe(200);
    const passwordHash = await Bun.password.hash("another owner's words");
    const by = "chatporch password";
    await app.store.changeOwnerPassword({ passwordHash, at: app.clock.now(), by });
    const authors = (await app.settings.audit(9)).map((entry) => entry.by);
    expect(authors).toEqual([by, "the claim link, from 192.0.2.10"]);
    expectErrorPage(await open("/dashboard", cookie), "login_required");
    expect((await tryLogin(app, PASSWORD)).status).toBe(401);
    expect((await tryLogin(app, "another owner's words")).status).toBe(303);
  });

  test("is checked one login after the other, and other requests do not wait for that", async () => {
    await claim();
    app.clock.advance(60_000);
    let finished = 0;
    const logins = Array.from({ length: 9 }, async (_, i) => {
      await tryLogin(app, `wrong ${i}`);
      finished++;
    });
    expect((await app.fetch("/health")).status).toBe(200);
    expect(finished).toBeLessThan(2);
    await Promise.all(logins);
    expect((await tryLogin(app, "")).status).toBe(401);
  });
});
