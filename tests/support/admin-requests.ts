import type { Conversation, Message } from "../../src/conversation/records.ts";
import type { ListedConversation } from "../../src/store/conversation-store.ts";
import type { PersonRequest } from "../../src/store/request-store.ts";
import { ADMIN_KEY, type TestApp } from "./test-app.ts";

/** Requests of the owner, with the owner's key. */

export const CONVERSATIONS = "/v1/admin/conversations";

interface ConversationList {
  readonly conversations: readonly ListedConversation[];
  readonly total: number;
  readonly nextCursor: string | null;
  readonly previousCursor: string | null;
  readonly searched?: {
    readonly messages: number;
    readonly complete: boolean;
    readonly matches: number;
    readonly wordsLeftOut: number;
  };
}

export interface Thread {
  readonly conversation: Conversation;
  readonly messages: readonly Message[];
  readonly requests: readonly PersonRequest[];
}

/** Asks as the owner. */
export async function askAdmin(app: Pick<TestApp, "fetch">, path: string, init: RequestInit = {}) {
  const headers = { "x-admin-api-key": ADMIN_KEY };
  return app.fetch(path, { headers, ...init });
}

/** The same; the path is appended to /v1/admin/conversations. */
export async function askAsOwner(app: TestApp, path = "", init: RequestInit = {}) {
  return askAdmin(app, `${CONVERSATIONS}${path}`, init);
}

export async function readList(
  app: TestApp,
  query: Readonly<Record<string, string>> = {},
): Promise<ConversationList> {
  return readJson(await askAsOwner(app, `?${new URLSearchParams(query)}`));
}

export async function readThread(app: TestApp, conversationId: string): Promise<Thread> {
  return readJson(await askAsOwner(app, `/${conversationId}`));
}

async function readJson<T>(response: Response): Promise<T> {
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json() as Promise<T>;
}
