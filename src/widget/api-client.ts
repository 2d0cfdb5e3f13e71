import { createEventDecoder, type NumberedEvent } from "./event-stream.ts";
import { Failure, failureOf } from "./failure.ts";
import type { Session, SessionKeeper } from "./session.ts";

export interface StoredMessage {
  readonly role: "user" | "assistant";
  readonly content: string;
  readonly status: string;
}

export interface History {
  readonly messages: readonly StoredMessage[];
  readonly activeTurnId: string | undefined;
}

/** Called with every event as it arrives, until it returns true: no more are wanted. */
export type EventSink = (event: NumberedEvent) => boolean;

/** chatporch's API as the widget uses it. Every method throws a Failure and nothing else. */
export interface ApiClient {
  /** Asking again under the same key joins the first turn. */
  ask(text: string, key: string, signal: AbortSignal, sink: EventSink): Promise<void>;
  /** The events after the given number. */
  resume(turnId: string, after: number, signal: AbortSignal, sink: EventSink): Promise<void>;
  stop(turnId: string): Promise<unknown>;
  history(signal: AbortSignal): Promise<History>;
}

/** The server sends a heartbeat every 15 s; after three missed ones the connection is dead. */
const SILENCE_TIMEOUT_MS = 45_000;
const SSE = { accept: "text/event-stream" };

export function createApiClient(
  apiUrl: string,
  apiKey: string,
  sessions: SessionKeeper,
): ApiClient {
  let hasWorked = false;

  /** A good answer, or a Failure. The session's token is sent, and renewed when the answer says so. */
  async function request(path: string, init: RequestInit, owner?: Session): Promise<Response> {
    const token = owner && { "x-session-token": owner.sessionToken };
    const headers = { ...init.headers, "x-api-key": apiKey, ...token };
    const response = await send(path, { ...init, headers }).catch(diagnose);
    hasWorked = true;
    const renewed = response.headers.get("x-session-token");
    if (owner && renewed) sessions.renew(owner, renewed);
    if (response.ok) return response;
    throw await failureOf(response);
  }

  function send(path: string, init: RequestInit): Promise<Response> {
    return fetch(apiUrl + path, { ...init, credentials: "omit", cache: "no-store" });
  }

  /**
   * A browser tells a page nothing about a request that failed. Whether the server is away or refuses
   * this website shows in a request that needs no permission.
   */
  async function diagnose(): Promise<never> {
    const reaches = (mode: RequestMode) => send("/health", { mode }).catch(() => undefined);
    const isRefused = !hasWorked && (await reaches("no-cors")) && !(await reaches("cors"));
    if (isRefused) throw new Failure("setup", "origin_not_allowed");
    throw new Failure("network", "unreachable");
  }

  async function json(path: string, init: RequestInit, owner?: Session): Promise<unknown> {
    const response = await request(path, init, owner);
    return response.json().catch(() => {
      throw new Failure("server", "not_json");
    });
  }

  async function session(signal: AbortSignal): Promise<Session> {
    const session =
      sessions.current() ?? sessions.keep(await json("/v1/sessions", { method: "POST", signal }));
    if (session) return session;
    throw new Failure("setup", "not_chatporch");
  }

  async function stream(
    path: string,
    init: RequestInit,
    owner: Session,
    after: number,
    sink: EventSink,
  ): Promise<void> {
    const response = await request(path, init, owner);
    if (response.status === 204) throw new Failure("refused", "ended");
    // Of a copy: where an answer must not be stored, Chromium calls a request failed whose own body was read
    // to the end, part by part.
    const reader = response.clone().body?.pipeThrough(new TextDecoderStream()).getReader();
    const decode = createEventDecoder(after);
    let isOver = false;
    for (;;) {
      // A connection over a network that has gone can look alive for hours.
      const timer = setTimeout(() => {
        void reader?.cancel();
        void response.body?.cancel();
      }, SILENCE_TIMEOUT_MS);
      const chunk = await reader?.read().catch(() => undefined);
      clearTimeout(timer);
      if (!chunk || chunk.done) break;
      // Read to the end: a request that is left before is a failed one to whoever watches the page.
      isOver ||= decode(chunk.value).some(sink);
    }
    if (!isOver) throw new Failure("network", "connection_lost");
  }

  const turnPath = (turnId: string) => `/v1/chat/stream/${encodeURIComponent(turnId)}`;

  return {
    async ask(message, key, signal, sink) {
      const owner = await session(signal);
      const body = JSON.stringify({ sessionId: owner.sessionId, message });
      const headers = { ...SSE, "content-type": "application/json", "idempotency-key": key };
      await stream("/v1/chat/stream", { method: "POST", headers, body, signal }, owner, 0, sink);
    },
    async resume(turnId, after, signal, sink) {
      const headers = { ...SSE, "last-event-id": String(after) };
      await stream(turnPath(turnId), { headers, signal }, await session(signal), after, sink);
    },
    stop: (turnId) => json(`${turnPath(turnId)}/stop`, { method: "POST" }, sessions.current()),
    async history(signal) {
      const owner = await session(signal);
      return toHistory(
        await json(`/v1/chat/history?sessionId=${owner.sessionId}`, { signal }, owner),
      );
    },
  };
}

/** Takes what is as it should be, and leaves the rest. */
function toHistory(answer: unknown): History {
  const { messages, activeTurnId } = Object(answer) as Record<string, unknown>;
  return {
    messages: [messages].flat().filter(isStoredMessage),
    activeTurnId: typeof activeTurnId === "string" ? activeTurnId : undefined,
  };
}

function isStoredMessage(value: unknown): value is StoredMessage {
  const { role, content } = Object(value) as Record<string, unknown>;
  return (role === "user" || role === "assistant") && typeof content === "string";
}
