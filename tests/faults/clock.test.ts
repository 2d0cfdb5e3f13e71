import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { followBody, parseSse } from "../../harness/streams.ts";
import type { MintedSession } from "../../src/chat/session-tokens.ts";
import { readList, readThread } from "../support/admin-requests.ts";
import { tryLogin } from "../support/dashboard-requests.ts";
import { chatRequest, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

/**
 * The clock is set while the server runs. The server is in this process, so that a test can hold the clock.
 * tests/store/retention.test.ts tests what retention does then.
 */

const WINDOW_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** A day back, then to a day ahead, then back to the right time. */
const JUMPS = [-DAY_MS, 2 * DAY_MS, -DAY_MS];
const MAX_REQUESTS = 5;

let app: TestApp;
let model: ModelServer;

beforeEach(() => {
  model = startModelServer(silence);
  app = createTestApp({ modelUrl: model.url });
});

afterEach(async () => {
  await app.close();
  await model.stop();
});

function ask(sessionId: string, message: string, headers: Record<string, string> = {}) {
  return app.fetch("/v1/chat/stream", chatRequest({ sessionId, message }, headers));
}

/** Asks and reads the answer; `within` runs in the middle of it. */
async function exchange(
  sessionId: string,
  message: string,
  {
    headers = {},
    within = () => {},
  }: { headers?: Record<string, string>; within?: () => void } = {},
): Promise<string> {
  const asked = model.calls.length;
  const response = await ask(sessionId, message, headers);
  expect(response.status).toBe(200);
  const body = followBody(response);
  const call = await model.call(asked);
  call.token("Hello ");
  await body.until("Hello ");
  within();
  call.token("there");
  call.finish();
  const last = parseSse(await body.end()).at(-1)?.data;
  if (last?.type !== "done") throw new Error(`The answer ended as ${last?.type}`);
  return last.message;
}

test("an answer goes on when the clock is set, and is stored in its place", async () => {
  for (const [index, jump] of JUMPS.entries()) {
    const within = () => app.clock.advance(jump);
    expect(await exchange("visitor", `Question ${index}`, { within })).toBe("Hello there");
  }
  const [conversation] = (await readList(app)).conversations;
  const { messages } = await readThread(app, conversation?.id ?? "");
  expect(messages.map(({ content }) => content)).toEqual(
    JUMPS.flatMap((_, index) => [`Question ${index}`, "Hello there"]),
  );
  for (const { status } of messages) expect(status).toBe("complete");
  for (const { role, durationMs = 0 } of messages) {
    if (role === "user") continue;
    expect(durationMs).toBeGreaterThanOrEqual(0);
    expect(durationMs).toBeLessThan(DAY_MS / 2);
  }
  // The model gets the earlier messages in the order in which they were said.
  expect(
    model.calls
      .at(-1)
      ?.body.messages.slice(1)
      .map(({ content }) => content),
  ).toEqual(["Question 0", "Hello there", "Question 1", "Hello there", "Question 2"]);
});

test("a repeated Idempotency-Key replays its turn, whatever the clock says", async () => {
  const headers = { "idempotency-key": "once" };
  await exchange("visitor", "Only once", { headers });
  for (const jump of JUMPS) {
    app.clock.advance(jump);
    const replayed = parseSse(await (await ask("visitor", "Only once", headers)).text());
    expect(replayed.at(-1)?.data).toMatchObject({ type: "done", message: "Hello there" });
  }
  expect(model.calls).toHaveLength(1);
});

test("a session's token and the tokens that renew it stay valid when the clock is set by a day", async () => {
  const minted = await app.fetch("/v1/sessions", {
    method: "POST",
    headers: { "x-api-key": WIDGET_KEY },
  });
  const { sessionId, sessionToken }: MintedSession = JSON.parse(await minted.text());
  let tokens = [sessionToken];
  for (const jump of JUMPS) {
    app.clock.advance(jump);
    const renewed: string[] = [];
    for (const token of tokens) {
      const response = await app.fetch(`/v1/chat/history?sessionId=${sessionId}`, {
        headers: { "x-api-key": WIDGET_KEY, "x-session-token": token },
      });
      expect(response.status).toBe(200);
      renewed.push(response.headers.get("x-session-token") ?? "");
    }
    tokens = [...tokens, ...renewed];
  }
});

test("the conversation list stays complete, ordered and paged without a gap when the clock is set", async () => {
  const sessions: string[] = [];
  for (const [index, jump] of [0, ...JUMPS].entries()) {
    app.clock.advance(jump);
    for (const name of ["a", "b"]) {
      sessions.push(`${name}-${index}`);
      await exchange(`${name}-${index}`, "Hi");
    }
    // A continued conversation stands where its last message puts it.
    await exchange("a-0", `And at jump ${index}?`);

    const { conversations, total } = await readList(app);
    expect(total).toBe(sessions.length);
    const times = conversations.map(({ updatedAt }) => updatedAt);
    expect(times).toEqual(times.toSorted((one, other) => other - one));
    const continued = conversations.find(({ sessionId }) => sessionId === "a-0");
    expect(continued?.updatedAt).toBe(app.clock.now());

    const paged: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page = await readList(app, { limit: "1", ...(cursor === "" ? {} : { cursor }) });
      paged.push(...page.conversations.map(({ sessionId }) => sessionId));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(conversations.map(({ sessionId }) => sessionId));
    expect(paged.toSorted()).toEqual(sessions.toSorted());
  }
});

describe("a client at its limit", () => {
  beforeEach(async () => {
    await app.close();
    app = createTestApp({
      env: { RATE_LIMIT_MAX_REQUESTS: `${MAX_REQUESTS}`, RATE_LIMIT_WINDOW_MS: `${WINDOW_MS}` },
    });
  });

  const asVisitor = () => app.fetch("/v1/openapi.json");
  const asOwner = () => tryLogin(app, "a wrong password");

  test.each([
    ["of requests", asVisitor, -DAY_MS],
    ["of requests", asVisitor, DAY_MS],
    ["of requests", asVisitor, -WINDOW_MS / 2],
    ["of logins", asOwner, -DAY_MS],
    ["of logins", asOwner, DAY_MS],
    ["of logins", asOwner, -WINDOW_MS / 2],
  ])("%s waits at most one window after the clock was set (%#)", async (_what, knock, jump) => {
    let last = await knock();
    for (let i = 0; last.status !== 429 && i < 100; i += 1) last = await knock();
    expect(last.status).toBe(429);
    app.clock.advance(jump);
    const next = await knock();
    const wait = Number(next.headers.get("retry-after") ?? 0);
    expect(wait).toBeLessThanOrEqual(WINDOW_MS / 1000);
    app.clock.advance(WINDOW_MS);
    expect((await knock()).status).not.toBe(429);
  });
});
