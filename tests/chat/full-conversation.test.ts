import { afterEach, expect, test } from "bun:test";

import { parseSse } from "../../harness/streams.ts";
import { ConversationFullError } from "../../src/store/conversation-limit.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

let app: TestApp;

afterEach(() => app.close());

test("a question in a full conversation is a 409 conversation_full, and frees the session and the reader's place", async () => {
  app = createTestApp({ env: { MAX_STREAMS_PER_ADDRESS: "1" } });
  const { beginTurn } = app.store;
  app.store.beginTurn = () => Promise.reject(new ConversationFullError());
  const body = { sessionId: "a", message: "Hi?" };
  for (const path of ["/v1/chat", "/v1/chat/stream", "/chat"]) {
    const refused = await app.fetch(path, chatRequest(body));
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: "conversation_full" });
  }
  app.store.beginTurn = beginTurn;
  const answer = await app.fetch("/v1/chat/stream", chatRequest(body));
  expect(parseSse(await answer.text()).at(-1)?.data.type).toBe("done");
});
