import { createEventDecoder, type NumberedEvent } from "./event-stream.ts";
import { Failure, failureOf } from "./failure.ts";
import type { Session, SessionKeeper } from "./session.ts";

/** What the API says of a message, unchecked. */
export type StoredFields = Readonly<Record<string, unknown>>;

/** A message as the API says it. What is not named here is unchecked. */
export interface StoredMessage extends StoredFields {
  readonly role: "user" | "assistant";
  readonly content: string;
}

export interface History {
  readonly messages: readonly StoredMessage[];
  readonly activeTurnId: string | undefined;
  /** Who answers here besides the model, unchecked. Undefined: nobody. */
  readonly person: unknown;
}

/** Called with every event as it arrives. Returns true when it wants no more. */
type EventSink = (event: NumberedEvent) => boolean;

/** Says what is requested: a path, and the request's method, body and signal. */
export type RequestFor = (sessionId: string) => readonly [path: string, init: RequestInit];

/** The part of chatporch's API that the widget uses. Every method throws a Failure and nothing else. */
export interface ApiClient {
  /**
   * Asks a question. A second call with the same key joins the first turn.
   * @param headers the key, and what else belongs to this question
   */
  ask(
    text: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    sink: EventSink,
  ): Promise<void>;
  /** Reads the events after the given number. */
  resume(turnId: string, after: number, signal: AbortSignal, sink: EventSink): Promise<void>;
  stop(turnId: string): Promise<unknown>;
  history(signal: AbortSignal): Promise<History>;
  /** Requests what the panel itself does not know of. @param requestFor gets the id of the session */
  call(requestFor: RequestFor): Promise<Response>;
  /** Erases a conversation, also while the page is being left. */
  erase(owner: Session): Promise<unknown>;
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

  /** Returns a successful response or throws a Failure. Sends the session's token, and keeps a renewed one. */
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
   * A browser gives a page no reason for a failed request. A request that needs no permission shows
   * whether the server is down or refuses this website.
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
    // Reads a copy: when an answer must not be stored, Chromium reports a request as failed if its own body
    // was read to the end in parts.
    const reader = response.clone().body?.pipeThrough(new TextDecoderStream()).getReader();
    const decode = createEventDecoder(after);
    let isOver = false;
    for (;;) {
      // A connection over a lost network can look alive for hours.
      const timer = setTimeout(() => {
        void reader?.cancel();
        void response.body?.cancel();
      }, SILENCE_TIMEOUT_MS);
      const chunk = await reader?.read().catch(() => undefined);
      clearTimeout(timer);
      if (!chunk || chunk.done) break;
      // Read to the end: browser tools and monitoring show a request that is left early as failed.
      isOver ||= decode(chunk.value).some(sink);
    }
    if (!isOver) throw new Failure("network", "connection_lost");
  }

  const turnPath = (turnId: string) => `/v1/chat/stream/${encodeURIComponent(turnId)}`;

  const historyPath = ({ sessionId }: Session) => `/v1/chat/history?sessionId=${sessionId}`;

  return {
    async ask(message, asked, signal, sink) {
      const owner = await session(signal);
      const body = JSON.stringify({ sessionId: owner.sessionId, message });
      const headers = { ...SSE, "content-type": "application/json", ...asked };
      await stream("/v1/chat/stream", { method: "POST", headers, body, signal }, owner, 0, sink);
    },
    async resume(turnId, after, signal, sink) {
      const headers = { ...SSE, "last-event-id": String(after) };
      await stream(turnPath(turnId), { headers, signal }, await session(signal), after, sink);
    },
    stop: (turnId) => json(`${turnPath(turnId)}/stop`, { method: "POST" }, sessions.current()),
    async history(signal) {
      const owner = await session(signal);
      return toHistory(await json(historyPath(owner), { signal }, owner));
    },
    call(requestFor) {
      const owner = sessions.current();
      return request(...requestFor(owner?.sessionId ?? ""), owner);
    },
    erase: (owner) => request(historyPath(owner), { method: "DELETE", keepalive: true }, owner),
  };
}

/** Takes the fields that have the right form and leaves out the rest. */
function toHistory(answer: unknown): History {
  const { messages, activeTurnId, person } = Object(answer) as StoredFields;
  return {
    messages: [messages].flat().filter(isMessage),
    activeTurnId: typeof activeTurnId === "string" ? activeTurnId : undefined,
    person,
  };
}

function isMessage(value: unknown): value is StoredMessage {
  const { role, content } = Object(value) as StoredFields;
  return (role === "user" || role === "assistant") && typeof content === "string";
}
