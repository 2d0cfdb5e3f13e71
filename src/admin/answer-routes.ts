import { Elysia } from "elysia";

import { EmptyBody } from "../chat/schema.ts";
import type { Config } from "../config/config.ts";
import { requireAdminKey } from "../http/api-keys.ts";
import { readJsonBody } from "../http/json-body.ts";
import { leaveBody } from "../http/read-body.ts";
import type { AnswerDeps } from "../knowledge/written-answers.ts";
import * as documents from "./answer-documents.ts";
import { AnswerBody, ChangedAnswerBody } from "./answer-schema.ts";
import { createAnswerHandlers } from "./answers.ts";
import { KnowledgeParams } from "./knowledge-schema.ts";

interface AnswerRoutesDeps extends AnswerDeps {
  readonly config: Pick<Config, "keys" | "knowledge">;
}

/** By which the owner's programs answer visitors' questions once. The guard comes first and protects every route after it. */
export function answerRoutes(deps: AnswerRoutesDeps) {
  const handlers = createAnswerHandlers(deps);
  const params = KnowledgeParams;

  return new Elysia({ name: "admin-answers", normalize: false })
    .onParse(leaveBody)
    .derive(requireAdminKey(deps.config.keys.admin))
    .onTransform(readJsonBody)
    .get("/v1/admin/answers", handlers.list, { detail: documents.listAnswers })
    .post("/v1/admin/answers", handlers.add, { body: AnswerBody, detail: documents.addAnswer })
    .put("/v1/admin/answers/:id", handlers.change, {
      params,
      body: ChangedAnswerBody,
      detail: documents.changeAnswer,
    })
    .delete("/v1/admin/answers/:id", handlers.remove, {
      params,
      body: EmptyBody,
      detail: documents.removeAnswer,
    });
}
