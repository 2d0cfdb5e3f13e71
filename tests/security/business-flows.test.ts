import { afterEach, describe, expect, test } from "bun:test";

import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { readList } from "../support/admin-requests.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { createObservedModel, observeWrites } from "../support/observed.ts";
import { ALLOWED_ORIGIN, chatRequest, createTestApp, WIDGET_KEY } from "../support/test-app.ts";
import { startVisitors, type Visitors } from "../support/visitors.ts";

describe("API6:2023 Unrestricted Access to Sensitive Business Flows", () => {
  let visitors: Visitors | undefined;
  afterEach(async () => {
    await visitors?.close();
    visitors = undefined;
  });

  test("minting sessions counts against the request budget, and stores nothing until one is used", async () => {
    const store = observeWrites(openSqliteStore(":memory:"));
    visitors = startVisitors({ store: store.part, env: { RATE_LIMIT_MAX_REQUESTS: "5" } });
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++) {
      statuses.push((await visitors.get("/v1/sessions", undefined, "POST")).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(store.calls).toEqual([]);
    expect((await readList(visitors.app)).total).toBe(0);
  });

  test("a session has one answer at a time, whichever path its questions come by", async () => {
    visitors = startVisitors();
    visitors.model.hold();
    const session = await visitors.mint();
    const turnId = await visitors.begin(session, "First");
    const body = JSON.stringify({ sessionId: session.id, message: "Another" });
    for (const path of ["/v1/chat", "/v1/chat/stream", "/chat", "/v1/chat/", "/chat/"]) {
      const answer = await readAnswer(await visitors.post(path, body, session.token));
      expectError(answer, "turn_in_progress");
    }
    expect(visitors.app.chat.runningTurns).toBe(1);
    await visitors.stop(turnId, session.token);
  });

  test("a question that a script repeats with the same Idempotency-Key asks the model once", async () => {
    const model = createObservedModel();
    const app = createTestApp({ model: model.part });
    const body = { sessionId: "a", message: "Hi" };
    for (const path of ["/v1/chat", "/v1/chat/stream", "/chat"]) {
      for (let i = 0; i < 20; i++) {
        const init = chatRequest(body, { "idempotency-key": "same" });
        expect((await (await app.fetch(path, init)).text()).includes("Hello there")).toBe(true);
      }
    }
    expect(model.calls).toEqual(["complete"]);
    await app.close();
  });

  test("a page of another website cannot ask questions from its visitors' browsers, by any kind of request", async () => {
    const model = createObservedModel();
    const app = createTestApp({ model: model.part });
    const json = JSON.stringify({ sessionId: "a", message: "Hi" });
    const evil = { origin: "https://evil.example", "x-api-key": WIDGET_KEY };
    const simple: RequestInit[] = [
      chatRequest(json, evil),
      // A browser sends these without a preflight: a form, and a text body of a script.
      { method: "POST", headers: { ...evil, "content-type": "text/plain" }, body: json },
      {
        method: "POST",
        headers: { origin: "null", "content-type": "application/x-www-form-urlencoded" },
        body: json,
      },
      { method: "POST", headers: { origin: "https://evil.example" }, body: new Blob([json]) },
    ];
    for (const init of simple) {
      expectError(await readAnswer(await app.fetch("/v1/chat", init)), "origin_not_allowed");
    }
    const form = { "content-type": "text/plain", origin: ALLOWED_ORIGIN, "x-api-key": WIDGET_KEY };
    const refused = await app.fetch("/v1/chat", { method: "POST", headers: form, body: json });
    expectError(await readAnswer(refused), "unsupported_media_type");
    expect(model.calls).toEqual([]);
    await app.close();
  });

  test("stopping an answer, even twice, frees its session for the next question", async () => {
    visitors = startVisitors();
    visitors.model.hold();
    const session = await visitors.mint();
    for (let i = 0; i < 3; i++) {
      const turnId = await visitors.begin(session, `Question ${i}`);
      expect((await visitors.stop(turnId, session.token)).status).toBe(200);
      expect((await visitors.stop(turnId, session.token)).status).toBe(200);
    }
    expect(visitors.app.chat.runningTurns).toBe(0);
  });
});
