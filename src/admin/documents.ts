import { documented } from "../http/documented.ts";
import {
  ConversationPageSchema,
  DiagnosticEvents,
  ExportedMessageSchema,
  ExportedTable,
  ExportedText,
  ReplicaListSchema,
  RequestListSchema,
  SeenRequestSchema,
  ThreadSchema,
  UnansweredListSchema,
} from "./schema.ts";
import { SpendingSchema } from "./spending-schema.ts";

/** The OpenAPI texts of the admin routes. */

const owners = { tag: "admin", security: "admin" } as const;

export const listConversations = documented({
  ...owners,
  operationId: "listConversations",
  summary: "Conversations, the most recently active first",
  responses: {
    200: {
      description: "A page of conversations",
      content: { "application/json": ConversationPageSchema },
    },
  },
  errors: ["invalid_request", "store_unavailable"],
});

export const exportMessages = documented({
  ...owners,
  operationId: "exportMessages",
  summary: "The messages of all conversations, or of those that fit a filter, streamed",
  responses: {
    200: {
      description:
        "The messages in the order in which they were stored; with a filter, one conversation after the other. The " +
        "schema of NDJSON describes one line",
      content: { "application/x-ndjson": ExportedMessageSchema, "text/csv": ExportedTable },
      headers: ["Content-Disposition"],
    },
  },
  errors: ["invalid_request", "store_unavailable"],
});

export const exportThread = documented({
  ...owners,
  operationId: "exportConversation",
  summary: "The messages of a conversation as a file",
  responses: {
    200: {
      description: "The messages, oldest first; the schema of NDJSON describes one line",
      content: {
        "application/x-ndjson": ExportedMessageSchema,
        "text/csv": ExportedTable,
        "text/markdown": ExportedText,
      },
      headers: ["Content-Disposition"],
    },
  },
  errors: ["invalid_request", "not_found", "store_unavailable"],
});

export const readConversation = documented({
  ...owners,
  operationId: "getConversation",
  summary: "A conversation with all its messages, oldest first",
  responses: {
    200: { description: "The thread", content: { "application/json": ThreadSchema } },
  },
  errors: ["invalid_request", "not_found", "store_unavailable"],
});

export const eraseConversation = documented({
  ...owners,
  operationId: "eraseConversation",
  summary: "Erase a conversation, also from the database file",
  body: "ignored",
  responses: { 204: { description: "The conversation is erased completely" } },
  errors: ["invalid_request", "not_found", "store_unavailable"],
});

export const listUnanswered = documented({
  ...owners,
  operationId: "listUnanswered",
  summary: "Questions of visitors without a good answer",
  description:
    "The answer failed, was stopped or rated down, the model does not know, nothing that the bot knows fitted, or the visitor " +
    "asked for a person after it. Questions that ask the same in other words are one. Dismissed ones are left out, " +
    "and so are answered ones, until a later answer is no good either.",
  responses: {
    200: {
      description: "The questions, the newest first",
      content: { "application/json": UnansweredListSchema },
    },
  },
  errors: ["invalid_request", "store_unavailable"],
});

export const dismissUnanswered = documented({
  ...owners,
  operationId: "dismissUnanswered",
  summary: "Take a question off that list, also when it is asked again",
  body: "ignored",
  responses: { 204: { description: "It is not in the list any more" } },
  errors: ["invalid_request", "not_found", "store_unavailable"],
});

export const listRequests = documented({
  ...owners,
  operationId: "listRequests",
  summary: "Visitors who want a person",
  responses: {
    200: {
      description: "A page of open or closed requests, the newest first",
      content: { "application/json": RequestListSchema },
    },
  },
  errors: ["invalid_request", "store_unavailable"],
});

export const closeRequest = documented({
  ...owners,
  operationId: "closeRequest",
  summary: "Close a request, and the earlier ones of its conversation",
  body: "ignored",
  responses: { 204: { description: "It is closed, now or before" } },
  errors: ["invalid_request", "not_found", "store_unavailable"],
});

export const readSpending = documented({
  ...owners,
  operationId: "getSpending",
  summary: "What the model costs: today, this month, and on the days before",
  description:
    "All calls are counted: answers, what the owner tries, tests of answers, and embeddings. Sums stay when " +
    "conversations are erased.",
  responses: {
    200: { description: "The sums", content: { "application/json": SpendingSchema } },
  },
  errors: ["invalid_request", "store_unavailable"],
});

export const seeRequest = documented({
  ...owners,
  operationId: "getSeenRequest",
  summary: "How this request arrived: for `chatporch doctor`",
  responses: {
    200: {
      description: "The request as the server received it",
      content: { "application/json": SeenRequestSchema },
    },
  },
  errors: [],
});

export const streamRhythm = documented({
  ...owners,
  operationId: "getDiagnosticStream",
  summary: "A stream with a known rhythm and no heartbeat: for `chatporch doctor`",
  responses: {
    200: {
      description: "Events `chunk`, 200 ms apart, then silence, then an event `end`",
      content: { "text/event-stream": DiagnosticEvents },
    },
  },
  errors: ["invalid_request"],
});

export const listReplicas = documented({
  ...owners,
  operationId: "listReplicas",
  summary: "The replicas, and which of them hear the one that answers: for `chatporch doctor`",
  responses: {
    200: {
      description: "The replicas that share the database, the oldest first",
      content: { "application/json": ReplicaListSchema },
    },
  },
  errors: ["store_unavailable"],
});
