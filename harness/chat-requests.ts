import { Database } from "bun:sqlite";
import { join } from "node:path";

import type { ChatEvent } from "../src/conversation/events.ts";
import type { Conversation, Message } from "../src/conversation/records.ts";
import type { Settings } from "./process.ts";

/** Requests of visitors and the owner to a server that runs in its own process. */

const WIDGET_KEY = "widget-key-for-e2e-tests-0123456789";
export const ADMIN_KEY = "admin-key-for-e2e-tests-01234567890";

/** The server settings that the requests below need. */
export const KEYS: Settings = { WIDGET_API_KEY: WIDGET_KEY, ADMIN_API_KEY: ADMIN_KEY };

export interface AskOptions {
  readonly path?: string;
  readonly sessionId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Asks a question. The answer is a stream of SSE unless the path or the headers say otherwise. */
export function ask(url: string, message: string, options: AskOptions = {}): Promise<Response> {
  const { path = "/v1/chat/stream", sessionId = "visitor-1", headers, signal } = options;
  return untilNotOverloaded(() =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": WIDGET_KEY, ...headers },
      body: JSON.stringify({ sessionId, message }),
      ...(signal ? { signal } : {}),
    }),
  );
}

/** The server knows within half a second that its event loop keeps up again. */
const OVERLOAD_LOOK_MS = 100;

/**
 * Sends a question again for as long as the server refuses it because its event loop is behind, of which nothing is stored.
 * A machine that runs other tests gives a server too little time now and then.
 */
export async function untilNotOverloaded(send: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const response = await send();
    if (response.status !== 503) return response;
    const refusal = await response.clone().text();
    if (!refusal.includes('"code":"overloaded"')) return response;
    await Bun.sleep(OVERLOAD_LOOK_MS);
  }
}

/** A session of a visitor, with the headers that its questions need. */
export async function mintSession(url: string) {
  const init = { method: "POST", headers: { "x-api-key": WIDGET_KEY } };
  const minted = (await (await fetch(`${url}/v1/sessions`, init)).json()) as MintedSession;
  return { sessionId: minted.sessionId, headers: { "x-session-token": minted.sessionToken } };
}

interface MintedSession {
  readonly sessionId: string;
  readonly sessionToken: string;
}

export function resume(
  url: string,
  turnId: string,
  after = 0,
  signal?: AbortSignal,
): Promise<Response> {
  const headers = { "x-api-key": WIDGET_KEY, "last-event-id": String(after) };
  return fetch(`${url}/v1/chat/stream/${turnId}`, { headers, ...(signal ? { signal } : {}) });
}

export function stopAnswer(url: string, turnId: string): Promise<Response> {
  const headers = { "x-api-key": WIDGET_KEY };
  return fetch(`${url}/v1/chat/stream/${turnId}/stop`, { method: "POST", headers });
}

/** The id of the turn whose SSE text begins with its start event. */
export function turnIdOf(sseText: string): string {
  const [, line = ""] = /^data: (.*)$/m.exec(sseText) ?? [];
  const event: ChatEvent = JSON.parse(line);
  if (event.type !== "start") throw new Error(`Not a start event: ${line}`);
  return event.turnId;
}

/** The messages of a session, from the admin API. */
export async function readThread(url: string, sessionId = "visitor-1"): Promise<Message[]> {
  const { conversations } = await readAdmin<{ conversations: Conversation[] }>(url, "");
  const conversation = conversations.find((found) => found.sessionId === sessionId);
  if (!conversation) throw new Error(`No conversation of ${sessionId}`);
  return (await readAdmin<{ messages: Message[] }>(url, `/${conversation.id}`)).messages;
}

/** Reads a path below `/v1/admin/conversations`. */
export async function readAdmin<T>(url: string, path: string): Promise<T> {
  const headers = { "x-admin-api-key": ADMIN_KEY };
  const response = await fetch(`${url}/v1/admin/conversations${path}`, { headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`The admin API answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

export interface StoredMessage {
  readonly role: string;
  readonly content: string;
  readonly status: string;
}

/** The contents of a database file, read directly and not through the server. */
export function readDatabase(file: string) {
  const db = new Database(file, { readonly: true });
  try {
    const [integrity] = db.query<{ integrity_check: string }, []>("PRAGMA integrity_check").all();
    const messages = db
      .query<StoredMessage, []>("SELECT role, content, status FROM messages ORDER BY id")
      .all();
    return { integrity: integrity?.integrity_check, messages };
  } finally {
    db.close();
  }
}

/** The default database file of a server that runs in the folder. */
export function databaseIn(folder: string): string {
  return join(folder, "data/chatporch.db");
}
