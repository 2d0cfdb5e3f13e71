import { createDeadline } from "./deadline.ts";
import { createEventDecoder, type NumberedEvent } from "./event-stream.ts";
import { Failure, failureOf } from "./failure.ts";
import { mintedSession, type Session, type SessionKeeper } from "./session.ts";

export interface StoredMessage {
  readonly role: "user" | "assistant";
  readonly content: string;
  readonly status: string;
}

export interface History {
  readonly messages: readonly StoredMessage[];
  readonly activeTurnId: string | undefined;
}

/** chatporch's API as the widget uses it. Every method throws a Failure and nothing else. */
export interface ApiClient {
  ask(text: string, key: string, signal: AbortSignal): AsyncIterable<NumberedEvent>;
  /** The events after the given number; none when the turn has ended there. */
  resume(turnId: string, after: number, signal: AbortSignal): AsyncIterable<NumberedEvent>;
  stop(turnId: string): Promise<void>;
  history(signal: AbortSignal): Promise<History>;
}

/** Requests that are not streams are answered at once or not at all. */
const ANSWER_TIMEOUT_MS = 20_000;
/** The server sends a heartbeat every 15 s; after three missed ones the connection is dead. */
const SILENCE_TIMEOUT_MS = 45_000;

interface ApiOptions {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly sessions: SessionKeeper;
}

export function createApiClient({ apiUrl, apiKey, sessions }: ApiOptions): ApiClient {
  let hasWorked = false;

  /** A good answer, or a Failure. The session's token is sent, and renewed when the answer says so. */
  async function request(path: string, init: RequestInit, session?: Session): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("x-api-key", apiKey);
    if (session) headers.set("x-session-token", session.token);
    let response: Response;
    try {
      response = await fetch(apiUrl + path, {
        ...init,
        headers,
        credentials: "omit",
        cache: "no-store",
      });
    } catch {
      throw await diagnose(init.signal);
    }
    hasWorked = true;
    const token = response.headers.get("x-session-token");
    if (session && token) sessions.renew(session.id, token);
    if (response.ok) return response;
    throw await failureOf(response);
  }

  /**
   * A browser tells a page nothing about a request that failed. Whether the server is away or refuses
   * this website shows in a request that needs no permission.
   */
  async function diagnose(signal: AbortSignal | null | undefined): Promise<Failure> {
    const network = new Failure("network", "unreachable");
    if (hasWorked || signal?.aborted || !navigator.onLine) return network;
    const reaches = (mode: RequestMode) =>
      fetch(`${apiUrl}/health`, { mode, credentials: "omit", cache: "no-store" }).then(
        () => true,
        () => false,
      );
    if ((await reaches("no-cors")) && !(await reaches("cors"))) {
      return new Failure("setup", "origin_not_allowed");
    }
    return network;
  }

  async function json(
    path: string,
    init: RequestInit,
    options: { owner?: Session | undefined; signal?: AbortSignal } = {},
  ): Promise<unknown> {
    const deadline = createDeadline(options.signal, ANSWER_TIMEOUT_MS);
    try {
      const response = await request(path, { ...init, signal: deadline.signal }, options.owner);
      return await response.json().catch(() => {
        throw new Failure("server", "not_json");
      });
    } finally {
      deadline.end();
    }
  }

  async function session(signal: AbortSignal): Promise<Session> {
    const known = sessions.current();
    if (known) return known;
    const answer = await json("/v1/sessions", { method: "POST" }, { signal }).catch((failure) => {
      // Whatever is there, it knows nothing of sessions.
      throw failure.kind === "refused" ? new Failure("setup", "not_chatporch") : failure;
    });
    const minted = mintedSession(answer);
    if (!minted) throw new Failure("setup", "not_chatporch");
    sessions.keep(minted);
    return minted;
  }

  async function* stream(
    path: string,
    init: RequestInit,
    after: number,
    signal: AbortSignal,
    owner: Session,
  ): AsyncGenerator<NumberedEvent> {
    const deadline = createDeadline(signal, SILENCE_TIMEOUT_MS);
    // A connection over a network that has gone can look alive for minutes.
    window.addEventListener("offline", deadline.end);
    try {
      const headers = { ...init.headers, accept: "text/event-stream" };
      const response = await request(path, { ...init, headers, signal: deadline.signal }, owner);
      if (response.status === 204) throw new Failure("refused", "ended");
      const reader = response.body?.getReader();
      const utf8 = new TextDecoder();
      const decode = createEventDecoder(after);
      for (;;) {
        const chunk = await reader?.read().catch(() => {
          throw new Failure("network", "connection_lost");
        });
        if (!chunk || chunk.done) return;
        deadline.extend();
        yield* decode(utf8.decode(chunk.value, { stream: true }));
      }
    } finally {
      window.removeEventListener("offline", deadline.end);
      // Whoever stops reading leaves no connection behind.
      deadline.end();
    }
  }

  return {
    async *ask(text, key, signal) {
      const owner = await session(signal);
      const body = JSON.stringify({ sessionId: owner.id, message: text });
      const headers = { "content-type": "application/json", "idempotency-key": key };
      yield* stream("/v1/chat/stream", { method: "POST", headers, body }, 0, signal, owner);
    },
    async *resume(turnId, after, signal) {
      const headers = { "last-event-id": String(after) };
      const owner = sessions.current();
      if (!owner) throw new Failure("refused", "no_session");
      yield* stream(turnPath(turnId), { headers }, after, signal, owner);
    },
    async stop(turnId) {
      const owner = sessions.current();
      await json(`${turnPath(turnId)}/stop`, { method: "POST" }, { owner });
    },
    async history(signal) {
      const owner = sessions.current();
      if (!owner) return { messages: [], activeTurnId: undefined };
      return toHistory(await json(`/v1/chat/history?sessionId=${owner.id}`, {}, { owner, signal }));
    },
  };
}

function turnPath(turnId: string): string {
  return `/v1/chat/stream/${encodeURIComponent(turnId)}`;
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
  const { role, content, status } = Object(value) as Record<string, unknown>;
  const isRole = role === "user" || role === "assistant";
  return isRole && typeof content === "string" && typeof status === "string";
}
