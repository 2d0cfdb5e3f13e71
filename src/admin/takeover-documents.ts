import { documented } from "../http/documented.ts";
import { StoredOwnerMessageSchema } from "./takeover-schema.ts";

/** The OpenAPI texts of the routes by which the owner answers in place of the model. */

const owners = { tag: "admin", security: "admin" } as const;
const ERRORS = ["invalid_request", "not_found", "draining", "store_unavailable"] as const;

export const takeOver = documented({
  ...owners,
  operationId: "takeOver",
  summary: "Take a conversation over: its questions are stored, and the model is silent",
  description:
    "An answer under way is stopped. The model answers again once the conversation is given back, or 30 minutes " +
    "after the owner's last word. Only a session whose id the server has made is taken over: no other client reads what " +
    "the owner writes.",
  body: "json",
  responses: { 204: { description: "It is taken over, and no answer is under way" } },
  errors: [...ERRORS, "visitor_unreachable"],
});

export const giveBack = documented({
  ...owners,
  operationId: "giveBack",
  summary: "Give a conversation back to the model",
  body: "json",
  responses: { 204: { description: "The model answers the next question" } },
  errors: ERRORS,
});

export const writeMessage = documented({
  ...owners,
  operationId: "writeMessage",
  summary: "Write to the visitor; takes the conversation over if nobody has",
  description: "The same Idempotency-Key in the same conversation stores one message.",
  body: "json",
  responses: {
    201: {
      description: "The message is stored",
      content: { "application/json": StoredOwnerMessageSchema },
    },
  },
  errors: [
    ...ERRORS,
    "turn_in_progress",
    "conversation_full",
    "visitor_unreachable",
    "idempotency_conflict",
  ],
});

export const showTyping = documented({
  ...owners,
  operationId: "showTyping",
  summary: "Show the visitor for five seconds that the owner is writing",
  body: "json",
  responses: { 204: { description: "Whoever has the conversation open sees it" } },
  errors: ERRORS,
});
