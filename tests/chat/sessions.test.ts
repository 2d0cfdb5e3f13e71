import { afterEach, describe, expect, test } from "bun:test";

import { createSessionTokens } from "../../src/chat/session-tokens.ts";
import { isMintedSessionId } from "../../src/conversation/session-id.ts";
import { chatRequest, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

const KEY = { "x-api-key": WIDGET_KEY };
const DAY_MS = 24 * 60 * 60 * 1000;

let app: TestApp;
afterEach(() => app.close());

async function mint() {
  const response = await app.fetch("/v1/sessions", { method: "POST", headers: KEY });
  expect(response.status).toBe(200);
  return (await response.json()) as { sessionId: string; sessionToken: string; expiresAt: number };
}

function history(sessionId: string, token?: string, method = "GET") {
  const headers = token === undefined ? KEY : { ...KEY, "x-session-token": token };
  return app.fetch(`/v1/chat/history?sessionId=${sessionId}`, { method, headers });
}

describe("a minted session", () => {
  test("has an id of 128 random bits and a token that lives SESSION_TTL_DAYS", async () => {
    app = createTestApp({ env: { SESSION_TTL_DAYS: "3" } });
    const session = await mint();
    expect(session.sessionId).toMatch(/^s_[A-Za-z0-9_-]{22}$/);
    expect(session.expiresAt).toBe(app.clock.now() + 3 * DAY_MS);
    expect((await history(session.sessionId, session.sessionToken)).status).toBe(200);
    app.clock.advance(3 * DAY_MS);
    expect((await history(session.sessionId, session.sessionToken)).status).toBe(401);
  });

  test("is renewed by use", async () => {
    app = createTestApp();
    const { sessionId, sessionToken } = await mint();
    app.clock.advance(20 * DAY_MS);
    const response = await history(sessionId, sessionToken);
    const renewed = response.headers.get("x-session-token") ?? "";
    app.clock.advance(20 * DAY_MS);
    expect((await history(sessionId, sessionToken)).status).toBe(401);
    expect((await history(sessionId, renewed)).status).toBe(200);
  });

  test("returns its history to its visitor, oldest first", async () => {
    app = createTestApp();
    const { sessionId, sessionToken } = await mint();
    expect(await (await history(sessionId, sessionToken)).json()).toEqual({
      conversationId: null,
      messages: [],
      activeTurnId: null,
    });
    const token = { "x-session-token": sessionToken };
    await app.fetch("/v1/chat", chatRequest({ sessionId, message: "My order?" }, token));
    expect(await (await history(sessionId, sessionToken)).json()).toMatchObject({
      conversationId: expect.stringMatching(/^c_/),
      messages: [
        { role: "user", content: "My order?", status: "complete" },
        { role: "assistant", status: "complete" },
      ],
      activeTurnId: null,
    });
  });

  test("can be erased by its visitor: 204, and nothing is left", async () => {
    app = createTestApp();
    const { sessionId, sessionToken } = await mint();
    const token = { "x-session-token": sessionToken };
    await app.fetch("/v1/chat", chatRequest({ sessionId, message: "Forget me" }, token));
    const erased = await history(sessionId, sessionToken, "DELETE");
    expect(erased.status).toBe(204);
    expect(await erased.text()).toBe("");
    expect(await app.store.findConversationBySession(sessionId)).toBeUndefined();
    expect((await history(sessionId, sessionToken, "DELETE")).status).toBe(204);
  });

  test("is closed to everybody else, at every endpoint", async () => {
    app = createTestApp();
    const mine = await mint();
    const other = await mint();
    const asked = await app.fetch(
      "/v1/chat",
      chatRequest(
        { sessionId: mine.sessionId, message: "Private" },
        { "x-session-token": mine.sessionToken },
      ),
    );
    const { turnId } = (await asked.json()) as { turnId: string };
    const body = { sessionId: mine.sessionId, message: "Let me in" };
    const forged = `${mine.expiresAt}.${"A".repeat(43)}`;
    const laterExpiry = mine.sessionToken.replace(/^\d+/, String(mine.expiresAt + 1));
    for (const token of [
      undefined,
      "",
      "x",
      "x".repeat(300),
      other.sessionToken,
      forged,
      laterExpiry,
    ]) {
      const headers = token === undefined ? {} : { "x-session-token": token };
      const attempts = [
        app.fetch("/v1/chat", chatRequest(body, headers)),
        app.fetch("/v1/chat/stream", chatRequest(body, headers)),
        app.fetch("/chat", chatRequest(body, headers)),
        app.fetch(`/v1/chat/stream/${turnId}`, { headers: { ...KEY, ...headers } }),
        app.fetch(`/v1/chat/stream/${turnId}/stop`, {
          method: "POST",
          headers: { ...KEY, ...headers },
        }),
        history(mine.sessionId, token),
        history(mine.sessionId, token, "DELETE"),
      ];
      for (const response of await Promise.all(attempts)) {
        expect(response.status).toBe(401);
        expect(await response.json()).toMatchObject({ code: "session_token_invalid" });
        expect(response.headers.has("x-session-token")).toBe(false);
      }
    }
    const conversation = await app.store.findConversationBySession(mine.sessionId);
    expect(conversation?.messageCount).toBe(2);
  });
});

describe("a session id that the client chose", () => {
  test("works for chat and gives no right to read anything back", async () => {
    app = createTestApp();
    const sessionId = crypto.randomUUID();
    const asked = await app.fetch("/v1/chat", chatRequest({ sessionId, message: "Hi" }));
    expect(asked.status).toBe(200);
    expect(asked.headers.has("x-session-token")).toBe(false);
    const { sessionToken } = await mint();
    for (const method of ["GET", "DELETE"]) {
      expect((await history(sessionId, undefined, method)).status).toBe(401);
      expect((await history(sessionId, sessionToken, method)).status).toBe(401);
    }
    expect(await app.store.findConversationBySession(sessionId)).toBeDefined();
  });

  test.each(["", "a b", "ä", "a/b", "x".repeat(129), "a\n"])("%j is refused", async (sessionId) => {
    app = createTestApp();
    const response = await app.fetch("/v1/chat", chatRequest({ sessionId, message: "Hi" }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ details: [{ path: "/sessionId" }] });
  });

  test("that looks almost like a minted one does not count as one", () => {
    app = createTestApp();
    expect(isMintedSessionId(`s_${"a".repeat(22)}`)).toBe(true);
    for (const id of ["s_", `s_${"a".repeat(21)}`, `s_${"a".repeat(23)}`, `S_${"a".repeat(22)}`]) {
      expect(isMintedSessionId(id)).toBe(false);
    }
  });
});

test("a session token is refused under another secret", () => {
  app = createTestApp();
  const options = { ttlMs: DAY_MS, now: app.clock.now };
  const tokens = createSessionTokens({ secret: "one", ...options });
  const { sessionId, sessionToken } = tokens.mint();
  expect(tokens.isValid(sessionId, sessionToken)).toBe(true);
  const others = createSessionTokens({ secret: "two", ...options });
  expect(others.isValid(sessionId, sessionToken)).toBe(false);
});
