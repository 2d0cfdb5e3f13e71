import { documented } from "../http/documented.ts";
import { WrittenAnswerListSchema, WrittenAnswerSchema } from "./answer-schema.ts";

/** The OpenAPI texts of the routes about the answers that the owner writes. */

const owners = { tag: "admin", security: "admin" } as const;
const json = <Schema>(schema: Schema) => ({ "application/json": schema });
const stored = ["invalid_request", "store_unavailable"] as const;
const written = [...stored, "knowledge_full", "database_full"] as const;

export const listAnswers = documented({
  ...owners,
  operationId: "listAnswers",
  summary: "The answers that the owner has written to visitors' questions",
  responses: { 200: { description: "All of them", content: json(WrittenAnswerListSchema) } },
  errors: ["store_unavailable"],
});

export const addAnswer = documented({
  ...owners,
  operationId: "addAnswer",
  summary: "Answer a question once: the next visitor who asks it is answered from it",
  description:
    "It is knowledge at once, and a question of `chatporch test`. What its keys stand for leaves the list of questions " +
    "without a good answer, until a later answer is no good either.",
  body: "json",
  responses: { 201: { description: "The answer", content: json(WrittenAnswerSchema) } },
  errors: written,
});

export const changeAnswer = documented({
  ...owners,
  operationId: "changeAnswer",
  summary: "Store other words of an answer",
  body: "json",
  responses: { 200: { description: "The answer", content: json(WrittenAnswerSchema) } },
  errors: [...written, "not_found"],
});

export const removeAnswer = documented({
  ...owners,
  operationId: "removeAnswer",
  summary: "Remove an answer",
  body: "json",
  responses: { 204: { description: "Nothing of it is found any more" } },
  errors: [...stored, "not_found"],
});
