import { TURN_ERRORS } from "../conversation/records.ts";
import { documented } from "../http/documented.ts";
import {
  AddedPersonRequest,
  ChatAnswer,
  ChatEventSchema,
  MintedSessionSchema,
  PersonEventSchema,
  StoppedTurn,
  VisitorHistory,
} from "./schema.ts";

/** The OpenAPI texts of the chat routes. */

const ASK_ERRORS = [
  "invalid_request",
  "session_token_invalid",
  "proof_required",
  "turn_in_progress",
  "conversation_full",
  "idempotency_conflict",
  "draining",
  "not_set_up",
  "database_full",
  "model_off",
  "budget_reached",
  "share_reached",
  "store_unavailable",
] as const;

export const askWhole = documented({
  operationId: "ask",
  summary: "Ask, and get the whole answer",
  body: "json",
  tag: "chat",
  security: "widget",
  responses: {
    200: { description: "The answer", content: { "application/json": ChatAnswer } },
  },
  errors: [...ASK_ERRORS, ...TURN_ERRORS],
});

const STREAM_RESPONSE = {
  description:
    "The events of the turn; the last is `done` or `error`. The schema describes the data of one SSE event, or one line.",
  content: { "text/event-stream": ChatEventSchema, "application/x-ndjson": ChatEventSchema },
};

const askForStream = {
  description:
    "Accept: text/event-stream or application/x-ndjson chooses the format; the events are the same. " +
    "A comment (SSE) or a blank line (NDJSON) keeps a silent stream alive. An Idempotency-Key joins or " +
    "replays the turn that it began, from its beginning or after the event that Last-Event-ID names.",
  body: "json",
  tag: "chat",
  security: "widget",
  responses: { 200: STREAM_RESPONSE },
  errors: ASK_ERRORS,
} as const;

export const askStream = documented({
  operationId: "askForStream",
  summary: "Ask, and get the answer as a stream of events",
  ...askForStream,
});

export const askNdjson = documented({
  operationId: "askForStreamAsOpenChatWidget",
  summary: "The stream for clients of open-chat-widget: NDJSON by default",
  ...askForStream,
});

export const resumeTurn = documented({
  operationId: "resumeTurn",
  summary: "Resume a turn: the events after the given one, then live",
  description:
    "A turn that ended a while ago is sent from the database: its whole text, or, to a reader " +
    "that already has events, only its last event.",
  tag: "chat",
  security: "widget",
  responses: {
    200: STREAM_RESPONSE,
    204: { description: "The turn has ended, and there is nothing after the given event" },
  },
  errors: ["invalid_request", "session_token_invalid", "not_found", "store_unavailable"],
});

export const stopTurn = documented({
  operationId: "stopTurn",
  summary: "Stop the answer; what was said so far is kept",
  body: "json",
  tag: "chat",
  security: "widget",
  responses: {
    200: {
      description: "How the answer ended, now or before",
      content: { "application/json": StoppedTurn },
    },
  },
  errors: [
    "invalid_request",
    "session_token_invalid",
    "not_found",
    "draining",
    "store_unavailable",
  ],
});

export const rateTurn = documented({
  operationId: "rateTurn",
  summary: "Rate an answer that has ended; the last rating counts",
  body: "json",
  tag: "chat",
  security: "widget",
  responses: { 204: { description: "The rating is stored, or taken back" } },
  errors: [
    "invalid_request",
    "session_token_invalid",
    "ratings_off",
    "not_found",
    "turn_in_progress",
    "store_unavailable",
  ],
});

export const askForPerson = documented({
  operationId: "askForPerson",
  summary: "Ask for a person, who writes to the address that is left",
  description:
    "Without a contact, that of the request before is used. Nothing is ever sent to it by the server. " +
    "A session may ask three times in 24 hours, and an address 20 times an hour. A `question` is stored first, as one that " +
    "the model is not asked; without it, there has to be a conversation.",
  body: "json",
  tag: "chat",
  security: "widget",
  responses: {
    201: {
      description: "The request is stored, with the sentence of consent",
      content: { "application/json": AddedPersonRequest },
    },
  },
  errors: [
    "invalid_request",
    "session_token_invalid",
    "person_off",
    "not_found",
    "turn_in_progress",
    "conversation_full",
    "draining",
    "database_full",
    "store_unavailable",
  ],
});

export const readPersonEvents = documented({
  operationId: "readPersonEvents",
  summary: "What the owner writes in the visitor's conversation, and whether he is there",
  description:
    "Server-sent events, for as long as the client stays. The line `event` says which: `person` first, and when it " +
    "changes; `message` for each message of the owner after the one that Last-Event-ID or `after` names, or, " +
    "without either, after those that are stored; `request` for the visitor's newest request for a person; `typing` while he writes. Only messages have an id.",
  tag: "chat",
  security: "widget",
  responses: {
    200: {
      description: "The schema describes the data of one event.",
      content: { "text/event-stream": PersonEventSchema },
    },
  },
  errors: ["invalid_request", "session_token_invalid", "not_found", "store_unavailable"],
});

export const mintSession = documented({
  operationId: "mintSession",
  summary: "Mint a session that only its token can continue, read or erase",
  body: "json",
  tag: "sessions",
  security: "widget",
  responses: {
    200: {
      description: "The session. Send its token as x-session-token; answers renew it.",
      content: { "application/json": MintedSessionSchema },
    },
  },
  errors: ["invalid_request"],
});

export const readHistory = documented({
  operationId: "getHistory",
  summary: "The visitor's own messages, oldest first",
  tag: "sessions",
  security: "widget",
  responses: {
    200: {
      description: "The newest 500 messages, or 1 MB of their texts, and the turn under way",
      content: { "application/json": VisitorHistory },
    },
  },
  errors: ["invalid_request", "session_token_invalid", "store_unavailable"],
});

export const eraseHistory = documented({
  operationId: "eraseHistory",
  summary: "Erase the visitor's conversation",
  body: "json",
  tag: "sessions",
  security: "widget",
  responses: { 204: { description: "The conversation is erased completely" } },
  errors: ["invalid_request", "session_token_invalid", "store_unavailable"],
});
