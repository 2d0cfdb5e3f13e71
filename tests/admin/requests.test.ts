import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import type { PersonRequest } from "../../src/store/request-store.ts";
import { askAdmin } from "../support/admin-requests.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { storedRequest } from "../support/stored-requests.ts";
import { NOON, storeExchange } from "../support/stored-turns.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

const PATH = "/v1/admin/requests";

let app: TestApp;

beforeEach(() => {
  app = createTestApp();
});
afterEach(() => app.close());

interface List {
  readonly requests: readonly PersonRequest[];
  readonly total: number;
  readonly nextCursor: string | null;
}

async function list(query = ""): Promise<List> {
  const response = await askAdmin(app, `${PATH}${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as List;
}

const close = (id: string) => askAdmin(app, `${PATH}/${id}/close`, { method: "POST" });

describe("the requests for a person", () => {
  test("are listed with contact, note and consent, the newest first, in pages", async () => {
    expect(await list()).toEqual({ requests: [], total: 0, nextCursor: null });
    const { conversationId } = await storeExchange(app.store);
    const first = await storedRequest(app.store, conversationId, { note: "Please call." });
    const second = await storedRequest(app.store, conversationId, { at: NOON + 1 });
    expect((await list()).requests).toEqual([second, first]);
    const { nextCursor, ...page } = await list("?limit=1");
    expect(page).toEqual({ requests: [second], total: 2 });
    const rest = { requests: [first], total: 2, nextCursor: null };
    expect(await list(`?limit=1&cursor=${nextCursor}`)).toEqual(rest);
  });

  test("are open until they are closed, once, and the open pages of the dashboard are told", async () => {
    const { conversationId } = await storeExchange(app.store);
    const { id } = await storedRequest(app.store, conversationId);
    const kinds: string[] = [];
    const leave = app.chat.activity.subscribe({
      onActivity: ({ kind }) => kinds.push(kind),
      onEnd() {},
    });
    expect((await close(id)).status).toBe(204);
    leave();
    expect(kinds).toEqual(["request"]);
    const closedAt = app.clock.now();
    app.clock.advance(1000);
    expect((await close(id)).status).toBe(204);
    expect((await list()).total).toBe(0);
    expect((await list("?status=closed")).requests).toMatchObject([{ id, closedAt }]);
    expectError(await readAnswer(await close("p_unknown")), "not_found");
  });

  test.each(["?status=all", "?limit=0", "?limit=201", "?cursor=x", "?cursor=", "?q=x"])(
    "are refused for %s",
    async (query) => {
      expectError(await readAnswer(await askAdmin(app, `${PATH}${query}`)), "invalid_request");
    },
  );

  test("are part of their conversation, also of a long one, and mark it in the list", async () => {
    const { conversationId } = await storeExchange(app.store);
    const path = `/v1/admin/conversations/${conversationId}`;
    const read = async () => (await (await askAdmin(app, path)).json()) as List;
    expect((await read()).requests).toEqual([]);
    const request = await storedRequest(app.store, conversationId);
    expect((await read()).requests).toEqual([request]);
    for (let n = 0; n < 60; n += 1) await storeExchange(app.store, { question: `${n}` });
    expect((await read()).requests).toEqual([request]);
    const listed = await (await askAdmin(app, "/v1/admin/conversations?mark=wanted")).json();
    expect(listed).toMatchObject({
      total: 1,
      conversations: [{ id: conversationId, isWanted: true, isRatedDown: false }],
    });
  });
});
