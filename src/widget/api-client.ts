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

export type Events = AsyncGenerator<NumberedEvent, void>;

/** chatporch's API as the widget uses it. Every method throws a Failure and nothing else. */
export interface ApiClient {
  /** Asking again under the same key joins the first turn. */
  ask(text: string, key: string, signal: AbortSignal): Events;
  /** The events after the given number. */
  resume(turnId: string, after: number, signal: AbortSignal): Events;
  stop(turnId: string): Promise<unknown>;
  history(signal: AbortSignal): Promise<History>;
}

/** The server sends a heartbeat every 15 s; after three missed ones the connection is dead. */
const SILENCE_TIMEOUT_MS = 45_000;

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
    const known = sessions.current();
    if (known) return known;
    const minted = await json("/v1/sessions", { method: "POST", signal }).catch((failure) => {
      // Whatever is there, it knows nothing of sessions.
      throw failure.kind === "refused" ? new Failure("setup", "not_chatporch") : failure;
    });
    const session = sessions.keep(minted);
    if (session) return session;
    throw new Failure("setup", "not_chatporch");
  }

  async function* stream(path: string, init: RequestInit, owner: Session, after: number): Events {
    const silence = new AbortController();
    const end = () => silence.abort();
    let timer = setTimeout(end, SILENCE_TIMEOUT_MS);
    // A connection over a network that has gone can look alive for minutes.
    window.addEventListener("offline", end);
    try {
      const signal = AbortSignal.any([silence.signal, init.signal ?? silence.signal]);
      const headers = { ...init.headers, accept: "text/event-stream" };
      const response = await request(path, { ...init, headers, signal }, owner);
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      if (response.status === 204 || !reader) throw new Failure("refused", "ended");
      const decode = createEventDecoder(after);
      for (;;) {
        const { done, value = "" } = await reader.read().catch(() => ({ done: true, value: "" }));
        if (done) throw new Failure("network", "connection_lost");
        clearTimeout(timer);
        timer = setTimeout(end, SILENCE_TIMEOUT_MS);
        yield* decode(value);
      }
    } finally {
      window.removeEventListener("offline", end);
      clearTimeout(timer);
      // Whoever stops reading leaves no connection behind.
      end();
    }
  }

  const turnPath = (turnId: string) => `/v1/chat/stream/${encodeURIComponent(turnId)}`;

  return {
    async *ask(message, key, signal) {
      const owner = await session(signal);
      const body = JSON.stringify({ sessionId: owner.sessionId, message });
      const headers = { "content-type": "application/json", "idempotency-key": key };
      yield* stream("/v1/chat/stream", { method: "POST", headers, body, signal }, owner, 0);
    },
    async *resume(turnId, after, signal) {
      const headers = { "last-event-id": String(after) };
      yield* stream(turnPath(turnId), { headers, signal }, await session(signal), after);
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
    messages: Array.isArray(messages) ? messages.filter(isStoredMessage) : [],
    activeTurnId: typeof activeTurnId === "string" ? activeTurnId : undefined,
  };
}

function isStoredMessage(value: unknown): value is StoredMessage {
  const { role, content } = Object(value) as Record<string, unknown>;
  return (role === "user" || role === "assistant") && typeof content === "string";
}
