import { createClient } from "../generated/hey-api/client/index.ts";
import {
  ask,
  askForStream,
  type ChatEvent,
  type ErrorCode,
  getConversation,
  getHistory,
  listConversations,
  mintSession,
  resumeTurn,
  stopTurn,
} from "../generated/hey-api/index.ts";

/** A front-end developer's program that uses a Hey API client. Its types are checked, too. */

const { URL: baseUrl = "", WIDGET_KEY = "", ADMIN_KEY = "" } = process.env;
const visitor = createClient({ baseUrl, auth: WIDGET_KEY });
const owner = createClient({ baseUrl, auth: ADMIN_KEY });

/** Every event has a case here: adding an event without one is a type error. */
function inWords(event: ChatEvent): string {
  switch (event.type) {
    case "start":
      return "begins";
    case "sources":
      return event.sources.map(({ title }) => title).join(", ");
    case "handoff":
      return event.reason;
    case "token":
      return event.token;
    case "done":
      return event.finishReason;
    case "error":
      return event.code;
  }
}

const { data: session } = await mintSession({ client: visitor, throwOnError: true });
const { sessionId, sessionToken } = session;
const headers = { "x-session-token": sessionToken };

const { stream } = await askForStream({
  client: visitor,
  headers: { ...headers, "idempotency-key": "once" },
  body: { sessionId, message: "Do you ship to Norway?" },
});
const events: ChatEvent[] = [];
for await (const event of stream) events.push(event);
const [first] = events;
if (first?.type !== "start") throw new Error("The stream does not begin with its start.");

const resumed = await resumeTurn({
  client: visitor,
  headers,
  path: { turnId: first.turnId },
  query: { after: "2" },
});
const rest: ChatEvent[] = [];
// There is no data when there is nothing more (204).
for await (const event of resumed.stream) if (event) rest.push(event);

const path = { turnId: first.turnId };
const { data: stopped } = await stopTurn({ client: visitor, headers, path, throwOnError: true });
const { data: history } = await getHistory({
  client: visitor,
  headers,
  query: { sessionId },
  throwOnError: true,
});
const { data: list } = await listConversations({ client: owner, throwOnError: true });
const id = list.conversations[0]?.id ?? "";
const { data: thread } = await getConversation({ client: owner, path: { id }, throwOnError: true });

const refused = await ask({
  client: visitor,
  body: { sessionId: "no spaces, please", message: "Hi" },
});
const code: ErrorCode | undefined = refused.error?.code;

console.log(
  JSON.stringify({
    events: events.map(inWords),
    rest: rest.map(inWords),
    stopped: stopped.finishReason,
    history: history.messages.map(({ role, status }) => [role, status]),
    thread: thread.messages.length,
    refused: code,
  }),
);
