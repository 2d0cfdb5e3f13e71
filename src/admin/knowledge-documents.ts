import { documented } from "../http/documented.ts";
import {
  DocumentPageSchema,
  DocumentSchema,
  SearchSchema,
  SourceListSchema,
  SourceSchema,
} from "./knowledge-schema.ts";

/** The OpenAPI texts of the admin routes about what the bot knows. */

const owners = { tag: "admin", security: "admin" } as const;
const json = <Schema>(schema: Schema) => ({ "application/json": schema });
const stored = ["invalid_request", "store_unavailable"] as const;
const written = [...stored, "knowledge_full", "database_full"] as const;

export const listSources = documented({
  ...owners,
  operationId: "listKnowledgeSources",
  summary: "What the bot reads: websites, pages, files and notes, with what they have",
  responses: {
    200: { description: "The sources, the oldest first", content: json(SourceListSchema) },
  },
  errors: ["store_unavailable"],
});

export const addSource = documented({
  ...owners,
  operationId: "addKnowledgeSource",
  summary: "Have a website or a page read, now and from time to time",
  description: "One that is there is read again, with the new options.",
  body: "json",
  responses: {
    200: { description: "It was there, and is read again", content: json(SourceSchema) },
    201: { description: "It is new, and is read", content: json(SourceSchema) },
  },
  errors: [...stored, "database_full"],
});

export const refreshSource = documented({
  ...owners,
  operationId: "refreshKnowledgeSource",
  summary: "Have a website or a page read again now",
  body: "json",
  responses: {
    202: { description: "It is read as soon as there is time", content: json(SourceSchema) },
  },
  errors: [...stored, "not_found", "database_full"],
});

export const removeSource = documented({
  ...owners,
  operationId: "removeKnowledgeSource",
  summary: "Forget a source with everything that was read from it",
  body: "json",
  responses: { 204: { description: "Nothing of it is found any more" } },
  errors: [...stored, "not_found"],
});

export const listDocuments = documented({
  ...owners,
  operationId: "listKnowledgeDocuments",
  summary: "Pages, files and notes, with what became of them",
  responses: {
    200: { description: "The documents, by their ids", content: json(DocumentPageSchema) },
  },
  errors: stored,
});

export const pushDocument = documented({
  ...owners,
  operationId: "pushKnowledgeDocument",
  summary: "Store the text of a page, for content management systems",
  description: "In place of the text that was sent before for this url.",
  body: "json",
  responses: {
    200: { description: "It is stored in place of the text before", content: json(DocumentSchema) },
    201: { description: "It is new", content: json(DocumentSchema) },
  },
  errors: written,
});

export const switchDocument = documented({
  ...owners,
  operationId: "switchKnowledgeDocument",
  summary: "Take a document out of the search, or put it back",
  body: "json",
  responses: { 200: { description: "The document", content: json(DocumentSchema) } },
  errors: [...stored, "not_found"],
});

export const removeDocument = documented({
  ...owners,
  operationId: "removeKnowledgeDocument",
  summary: "Remove a document",
  description:
    "A page of a website comes back when it is read again. One that is switched off does not.",
  body: "json",
  responses: { 204: { description: "Nothing of it is found any more" } },
  errors: [...stored, "not_found"],
});

export const addNote = documented({
  ...owners,
  operationId: "addKnowledgeNote",
  summary: "Store a note, such as a question with its answer",
  body: "json",
  responses: { 201: { description: "The note", content: json(DocumentSchema) } },
  errors: written,
});

export const changeNote = documented({
  ...owners,
  operationId: "changeKnowledgeNote",
  summary: "Store another text of a note",
  body: "json",
  responses: { 200: { description: "The note", content: json(DocumentSchema) } },
  errors: [...written, "not_found"],
});

export const searchKnowledge = documented({
  ...owners,
  operationId: "searchKnowledge",
  summary: "Which sections a question finds, and why: no model is asked",
  responses: { 200: { description: "At most 40 sections", content: json(SearchSchema) } },
  errors: stored,
});
