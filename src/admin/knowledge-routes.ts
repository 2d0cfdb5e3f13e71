import { Elysia } from "elysia";

import { EmptyBody } from "../chat/schema.ts";
import type { Config } from "../config/config.ts";
import { requireAdminKey } from "../http/api-keys.ts";
import { readJsonBody } from "../http/json-body.ts";
import { leaveBody } from "../http/read-body.ts";
import * as documents from "./knowledge-documents.ts";
import {
  DocumentBody,
  DocumentsQuery,
  KnowledgeParams,
  NoteBody,
  SearchQuery,
  SourceBody,
  SwitchBody,
} from "./knowledge-schema.ts";
import { createKnowledgeHandlers, type KnowledgeHandlersDeps } from "./knowledge.ts";

interface KnowledgeRoutesDeps extends KnowledgeHandlersDeps {
  readonly config: Pick<Config, "keys" | "knowledge">;
}

/** What the owner's programs can do with what the bot knows. The guard comes first and protects every route after it. */
export function knowledgeRoutes(deps: KnowledgeRoutesDeps) {
  const handlers = createKnowledgeHandlers(deps);
  const one = { params: KnowledgeParams };
  const button = { params: KnowledgeParams, body: EmptyBody };

  return new Elysia({ name: "admin-knowledge", prefix: "/v1/admin/knowledge", normalize: false })
    .onParse(leaveBody)
    .derive(requireAdminKey(deps.config.keys.admin))
    .onTransform(readJsonBody)
    .get("/sources", handlers.listSources, { detail: documents.listSources })
    .post("/sources", handlers.addSource, { body: SourceBody, detail: documents.addSource })
    .post("/sources/:id/refresh", handlers.refreshSource, {
      ...button,
      detail: documents.refreshSource,
    })
    .delete("/sources/:id", handlers.removeSource, { ...button, detail: documents.removeSource })
    .get("/documents", handlers.listDocuments, {
      query: DocumentsQuery,
      detail: documents.listDocuments,
    })
    .put("/documents", handlers.pushDocument, {
      body: DocumentBody,
      detail: documents.pushDocument,
    })
    .patch("/documents/:id", handlers.switchDocument, {
      ...one,
      body: SwitchBody,
      detail: documents.switchDocument,
    })
    .delete("/documents/:id", handlers.removeDocument, {
      ...button,
      detail: documents.removeDocument,
    })
    .post("/notes", handlers.addNote, { body: NoteBody, detail: documents.addNote })
    .put("/notes/:id", handlers.changeNote, {
      ...one,
      body: NoteBody,
      detail: documents.changeNote,
    })
    .get("/search", handlers.search, { query: SearchQuery, detail: documents.searchKnowledge });
}
