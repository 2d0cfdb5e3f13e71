import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { offerClaim } from "../../src/dashboard/claim.ts";
import { readAnswer } from "../support/answers.ts";
import { expectErrorPage, form } from "../support/dashboard-requests.ts";
import { createTestApp, DASHBOARD_PASSWORD, type TestApp } from "../support/test-app.ts";

const PRODUCTION = { NODE_ENV: "production", PORT: "4321" };
const NOTICE = "This page needs https.";

let app: TestApp;

beforeEach(() => {
  app = createTestApp({ env: PRODUCTION });
});
afterEach(() => app.close());

async function open(url: string, headers: Record<string, string> = {}, server = app) {
  return readAnswer(await server.app.handle(new Request(url, { headers })));
}

async function logIn(url: string, headers: Record<string, string>) {
  const init = form({ password: DASHBOARD_PASSWORD }, headers);
  return readAnswer(await app.app.handle(new Request(`${url}/dashboard/login`, init)));
}

describe("a login in production", () => {
  test.each(["/dashboard", "/dashboard/login", "/dashboard/setup"])(
    "over plain http says at %s that it needs https, and how to get it",
    async (path) => {
      const { body } = await open(`http://203.0.113.5:4321${path}`);
      expect(body).toContain(NOTICE);
      expect(body).toContain("ssh -L 4321:localhost:4321 ");
      expect(body).toContain("caddy reverse-proxy ");
      // The form is there for those who have https after all.
      expect(body.indexOf("<details>")).toBeLessThan(body.indexOf('name="password"'));
    },
  );

  test.each([
    ["over https, as its browser says", { "sec-fetch-site": "none" }],
    ["behind a proxy that says https", { "x-forwarded-proto": "https" }],
    ["behind two proxies that say https", { "x-forwarded-proto": "https,http" }],
    ["behind a proxy that says https in Forwarded", { forwarded: 'for=192.0.2.1;proto="https"' }],
  ])("%s has the form only", async (_name, headers) => {
    const { body } = await open("http://chat.example.com/dashboard/login", headers);
    expect(body).toContain('name="password"');
    expect(body).not.toContain(NOTICE);
  });

  test.each(["http://localhost:4321", "http://127.0.0.1:4321", "http://[::1]:4321"])(
    "on the server's own machine, at %s, has the form only and keeps its cookie without https",
    async (url) => {
      expect((await open(`${url}/dashboard/login`)).body).not.toContain(NOTICE);
      const answer = await logIn(url, { origin: url });
      expect(answer.status).toBe(303);
      const [cookie = ""] = answer.headers.get("set-cookie")?.split(";") ?? [];
      expect(answer.headers.get("set-cookie")).not.toContain("Secure");
      expect((await open(`${url}/dashboard`, { cookie })).status).toBe(200);
    },
  );

  test("on the server's own machine works beside the cookie of an earlier login over https", async () => {
    const earlier = await logIn("http://localhost", { origin: "https://localhost" });
    const [secure = ""] = earlier.headers.get("set-cookie")?.split(";") ?? [];
    const { body } = await open("http://localhost/dashboard", { cookie: secure });
    const [, formToken = ""] = /name="formToken" value="([^"]+)"/.exec(body) ?? [];
    const logout = form({ formToken }, { cookie: secure, origin: "http://localhost" });
    await app.app.handle(new Request("http://localhost/dashboard/logout", logout));

    const later = await logIn("http://localhost", { origin: "http://localhost", cookie: secure });
    const [plain = ""] = later.headers.get("set-cookie")?.split(";") ?? [];
    const cookie = `${secure}; ${plain}`;
    expect(plain).toStartWith("chatporch=");
    expect((await open("http://localhost/dashboard", { cookie: secure })).status).toBe(401);
    expect((await open("http://localhost/dashboard", { cookie })).status).toBe(200);
    expect((await open("http://chat.example.com/dashboard", { cookie })).status).toBe(401);
  });

  test("at an https PUBLIC_URL has the form only, whatever its browser and its proxy leave out", async () => {
    const server = createTestApp({
      env: { ...PRODUCTION, PUBLIC_URL: "https://chat.example.com" },
    });
    const { body } = await open("http://chat.example.com/dashboard/login", {}, server);
    expect(body).not.toContain(NOTICE);
    expect((await open("http://203.0.113.5/dashboard/login", {}, server)).body).toContain(NOTICE);
    await server.close();
  });

  test("of a form that came over plain http is refused before the password is checked", async () => {
    const url = "http://203.0.113.5:4321";
    const answer = await logIn(url, { origin: url });
    expect(answer.status).toBe(403);
    expect(answer.body).toContain(NOTICE);
    expect(answer.headers.has("set-cookie")).toBe(false);
  });

  test("over https gets a cookie that only https may carry", async () => {
    const answer = await logIn("http://chat.example.com", { origin: "https://chat.example.com" });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("set-cookie")).toMatch(/^__Host-chatporch=.*; Secure/);
  });
});

test("a login in development works over plain http at any address", async () => {
  const server = createTestApp({ env: { NODE_ENV: "development" } });
  const { body } = await open("http://192.0.2.7:4000/dashboard/login", {}, server);
  expect(body).not.toContain(NOTICE);
  await server.close();
});

test("a claim in production over plain http is refused, and can be made over https", async () => {
  const server = createTestApp({ env: { ...PRODUCTION, DASHBOARD_PASSWORD: "" } });
  const claim = await offerClaim(server.store, server.clock.now());
  const words = "an owner's own words";
  const send = async (url: string, origin: string) => {
    const fields = { token: claim?.token ?? "", password: words, again: words };
    const request = new Request(`${url}/dashboard/claim`, form(fields, { origin }));
    return readAnswer(await server.app.handle(request));
  };
  const plain = "http://203.0.113.5:4321";
  expect((await open(`${plain}/dashboard/claim`, {}, server)).body).toContain(NOTICE);
  const refused = await send(plain, plain);
  expect([refused.status, refused.body.includes(NOTICE)]).toEqual([403, true]);
  expectErrorPage(await open(`${plain}/dashboard`, {}, server), "dashboard_unclaimed");
  expect((await send("http://chat.example.com", "https://chat.example.com")).status).toBe(303);
  await server.close();
});
