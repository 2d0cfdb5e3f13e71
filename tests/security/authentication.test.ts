import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { expectError, readAnswer } from "../support/answers.ts";
import { form, logIn, tryLogin } from "../support/dashboard-requests.ts";
import { openRaw } from "../support/raw-http.ts";
import {
  ADMIN_KEY,
  chatRequest,
  createTestApp,
  DASHBOARD_PASSWORD,
  METRICS_KEY,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";
import { startVisitors } from "../support/visitors.ts";

const GUARDED = [
  { name: "x-api-key", key: WIDGET_KEY, path: "/v1/chat/history?sessionId=a" },
  { name: "x-admin-api-key", key: ADMIN_KEY, path: "/v1/admin/conversations" },
  { name: "x-metrics-key", key: METRICS_KEY, path: "/metrics" },
];

describe("API2:2023 Broken Authentication", () => {
  let app: TestApp;
  beforeEach(() => {
    app = createTestApp();
  });
  afterEach(() => app.close());

  test.each(GUARDED)(
    "a right key is accepted in $name or as a bearer token, and nowhere else",
    async (row) => {
      const { name, key, path } = row;
      const query = path.includes("?") ? "&" : "?";
      const places: [string, RequestInit][] = [
        [`${path}${query}${name}=${key}`, {}],
        [`${path}${query}api_key=${key}&access_token=${key}&key=${key}`, {}],
        [path, { headers: { cookie: `${name}=${key}` } }],
        [path, { headers: { authorization: `Basic ${btoa(`:${key}`)}` } }],
        [path, { headers: { authorization: `Bearer ${key}, Bearer ${key}` } }],
        [path, { headers: { authorization: key } }],
        [path, { headers: { "proxy-authorization": `Bearer ${key}` } }],
        [path, { headers: { "x-forwarded-authorization": `Bearer ${key}` } }],
        [path, { headers: { [name.replaceAll("-", "_")]: key } }],
        [path, { headers: { [name]: `${key}, ${key}` } }],
        [path, { headers: { [name]: `"${key}"` } }],
        [path, { headers: { [name]: "", authorization: `Bearer ${key}` } }],
        [path, { headers: { [name]: "wrong", authorization: `Bearer ${key}` } }],
      ];
      for (const [place, init] of places) {
        expectError(await readAnswer(await app.fetch(place, init)), "unauthorized");
      }
    },
  );

  test("a session token that is forged from what a visitor knows is refused", async () => {
    const visitors = startVisitors();
    const { id, token } = await visitors.mint();
    const expiry = token.split(".")[0] ?? "";
    const known = ["", "secret", WIDGET_KEY, id, token, expiry, "session_token"];
    const forged = known.map((secret) => {
      const mac = new Bun.CryptoHasher("sha256", secret).update(`${id}.${expiry}`);
      return `${expiry}.${mac.digest("base64url")}`;
    });
    const plain = new Bun.CryptoHasher("sha256").update(`${id}.${expiry}`).digest("base64url");
    const signature = token.split(".")[1] ?? "";
    const others = [
      `${expiry}.${plain}`,
      `${expiry}.`,
      `.${signature}`,
      `${expiry}.${signature.slice(0, -1)}`,
      `${expiry}.${signature}=`,
      `${expiry}.${signature.toLowerCase()}`,
      `999999999999999.${signature}`,
      `-1.${signature}`,
      `${expiry}e9.${signature}`,
      `eyJhbGciOiJub25lIn0.${btoa(`{"sub":"${id}"}`)}.`,
    ];
    for (const sent of [...forged, ...others]) {
      const answer = await readAnswer(await visitors.history(`sessionId=${id}`, sent));
      expectError(answer, "session_token_invalid");
    }
    expect((await visitors.history(`sessionId=${id}`, token)).status).toBe(200);
    await visitors.close();
  });

  test("an address has ten password guesses in a window, whatever headers and paths they come with", async () => {
    const dressed = (i: number): [string, RequestInit] => {
      const guess = form({ password: `guess-${i}` });
      const headers = { ...guess.headers, "x-forwarded-for": `203.0.113.${i}`, cookie: `a=${i}` };
      const path = ["/dashboard/login", "/dashboard/login/", `/dashboard/login?${i}`][i % 3] ?? "";
      const more = [
        {},
        { forwarded: `for=203.0.113.${i}` },
        { "x-real-ip": `203.0.113.${i}` },
        { "cf-connecting-ip": `203.0.113.${i}`, "true-client-ip": `203.0.113.${i}` },
      ][i % 4];
      return [path, { ...guess, headers: { ...headers, ...more } }];
    };
    const statuses: number[] = [];
    for (let i = 0; i < 30; i++) statuses.push((await app.fetch(...dressed(i))).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), ...Array<number>(20).fill(429)]);
    expect((await tryLogin(app, DASHBOARD_PASSWORD)).status).toBe(429);
  });

  test("guessed keys use up the address's request budget, whichever endpoint they are sent to", async () => {
    const limited = createTestApp({ env: { RATE_LIMIT_MAX_REQUESTS: "6" } });
    const paths = ["/v1/admin/conversations", "/metrics", "/v1/admin/conversations/c_1"];
    const statuses: number[] = [];
    for (let i = 0; i < 9; i++) {
      const key = `guess-${i}`;
      const headers = {
        "x-admin-api-key": key,
        "x-metrics-key": key,
        "x-forwarded-for": `10.0.0.${i}`,
      };
      statuses.push((await limited.fetch(paths[i % 3] ?? "", { headers })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429, 429, 429]);
    const right = { headers: { "x-admin-api-key": ADMIN_KEY } };
    expect((await limited.fetch("/v1/admin/conversations", right)).status).toBe(429);
    await limited.close();
  });

  test("behind a proxy that adds a line of X-Forwarded-For, the client's own line is ignored", async () => {
    const proxied = createTestApp({ env: { TRUST_PROXY: "1", RATE_LIMIT_MAX_REQUESTS: "2" } });
    const base = proxied.listen();
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) {
      const connection = await openRaw(base);
      connection.write(
        `POST /v1/chat HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nX-Forwarded-For: 203.0.113.${i}\r\n` +
          "Accept: */*\r\nx-forwarded-for: 198.51.100.1\r\n\r\n",
      );
      statuses.push((await connection.answer()).status);
      connection.close();
    }
    expect(statuses).toEqual([401, 401, 429, 429]);
    await proxied.close();
  });

  test("a login begins a new dashboard session, whatever cookie the browser sent", async () => {
    const planted = `chatporch=${"A".repeat(43)}`;
    const response = await tryLogin(app, DASHBOARD_PASSWORD, { cookie: planted });
    const [cookie = ""] = response.headers.get("set-cookie")?.split(";") ?? [];
    expect(cookie).toMatch(/^chatporch=[A-Za-z0-9_-]{43}$/);
    expect(cookie).not.toBe(planted);
    expect((await app.fetch("/dashboard", { headers: { cookie: planted } })).status).toBe(401);
    expect((await app.fetch("/dashboard", { headers: { cookie } })).status).toBe(200);
    expect(await logIn(app)).not.toBe(cookie);
  });

  test.each(["%E0%A4%A", "%", "a; chatporch", '"', "\u00ff", "x".repeat(8000)])(
    "a malformed session cookie (%j) is refused, and does not count as a server error",
    async (value) => {
      const init = { headers: { cookie: `chatporch=${value}` } };
      expect((await app.fetch("/dashboard", init)).status).toBe(401);
      expect(app.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
    },
  );

  test("every wrong widget key gets the same answer, so that it does not say what was wrong", async () => {
    const answers = new Set<string>();
    for (const key of [undefined, "", "wrong", `${WIDGET_KEY}x`, WIDGET_KEY.slice(1), ADMIN_KEY]) {
      const headers: Record<string, string> = key === undefined ? {} : { "x-api-key": key };
      const init = chatRequest({ sessionId: "a", message: "Hi" });
      const { "x-api-key": _right, ...others } = init.headers;
      const response = await app.fetch("/v1/chat", { ...init, headers: { ...others, ...headers } });
      const { status, body } = await readAnswer(response);
      answers.add(`${status} ${body.replace(/"requestId":"[^"]+"/, "")}`);
    }
    expect(answers.size).toBe(1);
  });
});
