import { afterEach, describe, expect, test } from "bun:test";

import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { followBody, parseSse } from "../../harness/streams.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { begin, newTurn, outcome } from "../support/stored-turns.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

let server: ModelServer;
let app: TestApp;

function start(options: Parameters<typeof createTestApp>[0] = {}) {
  server = startModelServer(answer("Fine"));
  app = createTestApp({ modelUrl: server.url, ...options });
}

afterEach(async () => {
  await app.close();
  await server.stop();
});

function ask(message: string, headers: Record<string, string> = {}) {
  return app.fetch("/v1/chat", chatRequest({ sessionId: "visitor-1", message }, headers));
}

describe("a turn that another process changed in the store", () => {
  async function askSlowly() {
    start();
    server.script = (call) => call.token("Only here");
    const body = followBody(
      await app.fetch("/v1/chat/stream", chatRequest({ sessionId: "visitor-1", message: "Hi" })),
    );
    const turnId = (await app.chat.activeTurnId("visitor-1")) ?? "";
    return { body, turnId };
  }

  test("ends for its readers as the other process stored it", async () => {
    const { body, turnId } = await askSlowly();
    const elsewhere = { content: "Stored", status: "stopped", finishReason: "stopped" } as const;
    await app.store.finishTurn(turnId, outcome(elsewhere));
    (await server.call(0)).finish();
    const last = parseSse(await body.end()).at(-1)?.data;
    expect(last).toMatchObject({ type: "done", message: "Stored", finishReason: "stopped" });
  });

  test("ends for its readers as interrupted when it is no longer stored", async () => {
    const { body } = await askSlowly();
    const conversation = await app.store.findConversationBySession("visitor-1");
    await app.store.deleteConversation(conversation?.id ?? "");
    (await server.call(0)).finish();
    const last = parseSse(await body.end()).at(-1)?.data;
    expect(last).toMatchObject({ type: "error", code: "interrupted" });
  });

  test("and has not ended yet makes a question a 409", async () => {
    start();
    const turn = newTurn({ sessionId: "visitor-1" });
    await app.store.beginTurn(turn);
    const refused = await ask("Hello?");
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: "turn_in_progress" });
    expect(await app.chat.activeTurnId("visitor-1")).toBe(turn.turnId);
    await app.store.finishTurn(turn.turnId, outcome());
    expect((await ask("Hello?")).status).toBe(200);
  });

  test("and began a moment ago answers the same Idempotency-Key", async () => {
    const store = openSqliteStore(":memory:");
    const key = { sessionId: "visitor-1", question: "Hi", idempotencyKey: "once" };
    const elsewhere = newTurn(key);
    // The turn is missing when it is looked for, and exists when the question is stored.
    let isThere = false;
    const late = new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        if (name !== "findTurnByIdempotencyKey" || isThere) return member.bind(target);
        return async () => {
          isThere = true;
          await begin(store, elsewhere);
          await store.finishTurn(elsewhere.turnId, outcome());
        };
      },
    });
    start({ store: late });
    const answered = await ask("Hi", { "idempotency-key": "once" });
    expect(await answered.json()).toMatchObject({ turnId: elsewhere.turnId, message: "At nine." });
    expect(server.calls).toHaveLength(0);
    expect(app.chat.runningTurns).toBe(0);
    expect((await ask("And?")).status).toBe(200);
  });
});
