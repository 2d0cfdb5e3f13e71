import { followBody } from "../../harness/streams.ts";
import type { ChatModel } from "../../src/model/model.ts";
import { createTestApp, WIDGET_KEY } from "./test-app.ts";

/** Visitors with the widget key, which every page shows, and the requests that they may try with it. */

export interface Session {
  readonly id: string;
  readonly token: string;
}

export type Visitors = ReturnType<typeof startVisitors>;

export function startVisitors(options: Parameters<typeof createTestApp>[0] = {}) {
  const model = createHeldModel();
  const app = createTestApp(
    options.modelUrl === undefined ? { model: model.part, ...options } : options,
  );

  function headersOf(token: string | undefined): Record<string, string> {
    return {
      "x-api-key": WIDGET_KEY,
      ...(token === undefined ? {} : { "x-session-token": token }),
    };
  }

  function get(path: string, token?: string, method = "GET") {
    return app.fetch(path, { method, headers: headersOf(token) });
  }

  function post(path: string, body: string, token?: string) {
    const headers = { "content-type": "application/json", ...headersOf(token) };
    return app.fetch(path, { method: "POST", headers, body });
  }

  return {
    app,
    model,
    get,
    post,
    async mint(): Promise<Session> {
      const minted = await (await get("/v1/sessions", undefined, "POST")).json();
      const { sessionId: id, sessionToken: token } = minted as Record<string, string>;
      if (id === undefined || token === undefined) throw new Error("No session was minted.");
      return { id, token };
    },
    ask({ id: sessionId, token }: Session, message: string) {
      return post("/v1/chat", JSON.stringify({ sessionId, message }), token);
    },
    /** Asks for a stream and resolves with the turn's id once the answer has begun. */
    async begin({ id: sessionId, token }: Session, message: string): Promise<string> {
      const body = JSON.stringify({ sessionId, message });
      const text = await followBody(await post("/v1/chat/stream", body, token)).until('"turnId"');
      const [, turnId = ""] = /"turnId":"([^"]+)"/.exec(text) ?? [];
      return turnId;
    },
    history: (query: string, token?: string, method = "GET") =>
      get(`/v1/chat/history?${query}`, token, method),
    resume: (turnId: string, token?: string) => get(`/v1/chat/stream/${turnId}`, token),
    stop: (turnId: string, token?: string) => get(`/v1/chat/stream/${turnId}/stop`, token, "POST"),
    close: () => app.close(),
  };
}

/** A model that answers "Hello there" at once or, while it is held, only when the turn is aborted. */
function createHeldModel() {
  let isHeld = false;
  const part: ChatModel = {
    name: "test-model",
    async stream(_request, signal) {
      return answer(signal);
    },
    async complete() {
      return { text: "Hello there", finishReason: "stop" };
    },
  };
  async function* answer(signal: AbortSignal) {
    yield { tokens: ["Hello "] };
    if (isHeld) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      return;
    }
    yield { tokens: ["there"], finishReason: "stop" as const };
  }
  return {
    part,
    hold() {
      isHeld = true;
    },
  };
}
