import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { expectError, readAnswer } from "../support/answers.ts";
import { expectErrorPage, logIn, openDashboard } from "../support/dashboard-requests.ts";
import {
  ADMIN_KEY,
  ALLOWED_ORIGIN,
  chatRequest,
  createTestApp,
  type TestApp,
} from "../support/test-app.ts";

let app: TestApp;

beforeEach(() => {
  app = createTestApp({ env: { RATE_LIMIT_MAX_REQUESTS: "20" } });
});
afterEach(() => app.close());

/** The headers that a browser adds to a request from another site's page. */
const FROM_ELSEWHERE = { "sec-fetch-site": "cross-site" };
const AS_IMAGE = { ...FROM_ELSEWHERE, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
const AS_FRAME = { ...FROM_ELSEWHERE, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
const AS_LINK = { ...FROM_ELSEWHERE, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
const AS_FETCH = {
  ...FROM_ELSEWHERE,
  "sec-fetch-mode": "cors",
  "sec-fetch-dest": "empty",
  origin: "https://evil.example",
};
const AS_SIBLING = { ...AS_LINK, "sec-fetch-site": "same-site" };

/** The owner's remaining budget after this request. */
async function ownersBudget(): Promise<string | null> {
  const init = { headers: { "x-admin-api-key": ADMIN_KEY } };
  return (await app.fetch("/v1/admin/diagnostics/request", init)).headers.get("ratelimit");
}

describe("another site's page in the owner's browser", () => {
  test.each([
    ["an export", "/dashboard/export?format=csv", AS_LINK],
    ["an export without a query", "/dashboard/export", AS_LINK],
    ["an export of one thread", "/dashboard/conversations/c_1/export", AS_LINK],
    ["an export from a sibling's page", "/dashboard/export", AS_SIBLING],
    ["a search", "/dashboard/conversations?q=a", AS_LINK],
    ["a search with the question mark encoded in nothing", "/dashboard/conversations?", AS_LINK],
    ["a live stream", "/dashboard/events", AS_LINK],
    ["a live stream by fetch", "/dashboard/events", AS_FETCH],
    ["a page in a frame", "/dashboard", AS_FRAME],
    ["a page as an image", "/dashboard", AS_IMAGE],
    ["a page by fetch", "/dashboard", AS_FETCH],
  ])("starts nothing and costs the owner nothing: %s", async (_name, path, headers) => {
    const cookie = await logIn(app);
    for (let n = 0; n < 30; n++) {
      const answer = await readAnswer(await app.fetch(path, { headers: { ...headers, cookie } }));
      expectErrorPage(answer, "origin" in headers ? "origin_not_allowed" : "cross_site");
      expect(answer.headers.has("ratelimit")).toBe(false);
    }
    expect(app.chat.activity.subscribers).toBe(0);
    // The login was the first request that the budget counted.
    expect(await ownersBudget()).toBe('"admin";r=18;t=60');
  });

  test.each([
    ["an image", AS_IMAGE],
    ["a frame", AS_FRAME],
    ["a link", AS_LINK],
    ["a fetch", AS_FETCH],
  ])("cannot use up the budget of the owner's API by %s", async (_name, headers) => {
    for (const path of ["/v1/admin/conversations", "/metrics", "/v1/admin/nowhere"]) {
      expectError(await readAnswer(await app.fetch(path, { headers })), "origin_not_allowed");
    }
    expect(await ownersBudget()).toBe('"admin";r=19;t=60');
  });

  test.each(["/dashboard", "/dashboard/conversations", "/dashboard/setup", "/dashboard/login"])(
    "may have a link to a page, as a mail may: %s",
    async (path) => {
      const { cookie } = await openDashboard(app);
      for (const headers of [AS_LINK, AS_SIBLING]) {
        const response = await app.fetch(path, { headers: { ...headers, cookie } });
        expect(response.status).toBe(200);
      }
      expect((await app.fetch("/dashboard", { headers: AS_LINK })).status).toBe(401);
    },
  );

  test("is refused with a page that leads on to the dashboard", async () => {
    const headers = { ...AS_LINK, cookie: await logIn(app) };
    const { body } = await readAnswer(await app.fetch("/dashboard/conversations?q=a", { headers }));
    expect(body).toContain('href="/dashboard"');
    expect(body).not.toContain("PUBLIC_URL");
  });
});

describe("another site's page in a visitor's browser", () => {
  test.each([
    ["an image", AS_IMAGE],
    ["a frame", AS_FRAME],
    ["a fetch", AS_FETCH],
  ])("cannot use up the visitor's budget by %s", async (_name, headers) => {
    for (let n = 0; n < 30; n++) {
      expectError(
        await readAnswer(await app.fetch("/v1/openapi.json", { headers })),
        "origin_not_allowed",
      );
    }
    expect((await app.fetch("/v1/openapi.json")).headers.get("ratelimit")).toBe('"chat";r=19;t=60');
  });

  test("may ask as usual if it is an allowed website", async () => {
    const headers = { ...AS_FETCH, origin: ALLOWED_ORIGIN };
    const init = chatRequest({ sessionId: "a", message: "Hi" }, headers);
    const response = await app.fetch("/v1/chat", init);
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe(ALLOWED_ORIGIN);
  });

  test("may link to the API's description", async () => {
    expect((await app.fetch("/v1/openapi.json", { headers: AS_LINK })).status).toBe(200);
  });

  test("can load the widget, whatever site it is", async () => {
    const headers = { ...AS_IMAGE, "sec-fetch-dest": "script" };
    const response = await app.fetch("/widget/chat-widget.js", { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  });
});

test.each([
  ["that says nothing of the site, as old ones do", {}],
  ["whose owner typed the address", { ...AS_LINK, "sec-fetch-site": "none" }],
  ["on the dashboard itself", { ...AS_LINK, "sec-fetch-site": "same-origin" }],
])("the owner can search and export in a browser %s", async (_name, headers) => {
  const { get } = await openDashboard(app);
  expect((await get("/dashboard/conversations?q=a", headers)).status).toBe(200);
  expect((await get("/dashboard/export?format=csv", headers)).status).toBe(200);
});
