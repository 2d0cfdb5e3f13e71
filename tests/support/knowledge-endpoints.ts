import { expect } from "bun:test";

import { ANSWERS_URI, NOTES_URI } from "../../src/store/knowledge-store.ts";
import type { Endpoint, Sample } from "./endpoints.ts";
import { addSource, newDocument } from "./stored-knowledge.ts";
import type { TestApp } from "./test-app.ts";

/** The endpoints of the admin API about what the bot knows, and what the owner answers. */

const BASE = "/v1/admin";
const JSON_CONTENT = { "content-type": "application/json;charset=utf-8" };

let samples = 0;

const SOURCE = {
  id: expect.any(Number),
  kind: "site",
  uri: expect.stringMatching(/^https:\/\/shop-\d+\.example\/$/),
  everyHours: "default",
  only: null,
  ignoresRobots: false,
  createdAt: expect.any(Number),
  nextAt: expect.any(Number),
  startedAt: null,
  endedAt: null,
  error: null,
};
const DOCUMENT = {
  id: expect.any(Number),
  sourceId: expect.any(Number),
  uri: expect.any(String),
  title: "Shipping",
  lang: null,
  status: "ok",
  reason: null,
  sections: 1,
  words: expect.any(Number),
  checkedAt: expect.any(Number),
  changedAt: expect.any(Number),
};
const ENTERED = { question: "Do you ship to Norway?", answer: "Yes, in three days." };
const ANSWER = { ...ENTERED, id: expect.any(Number), at: expect.any(Number) };
const NOTE_BODY = { title: "Shipping", text: "Parcels to Norway take three days." };

function row(
  method: string,
  path: string,
  answer: Pick<Endpoint, "status" | "sample"> & { readonly body?: unknown },
): Endpoint {
  const { status, sample, body } = answer;
  return {
    method,
    route: `${BASE}${path}`,
    guard: "admin",
    budget: "admin",
    status,
    sample,
    headers: status === 204 ? {} : JSON_CONTENT,
    check: (text) =>
      body === undefined ? expect(text).toBe("") : expect(JSON.parse(text)).toEqual(body),
  };
}

function request(method: string, path: string, body?: object): Sample {
  const init = { method, headers: { "content-type": "application/json" } };
  const hasBody = body !== undefined;
  return {
    path: `${BASE}${path}`,
    sent: [],
    init: hasBody ? { ...init, body: JSON.stringify(body) } : { method, headers: {} },
  };
}

/** A website with a page, and the ids of both. */
export async function storedPage({ store }: TestApp) {
  const uri = `https://shop-${++samples}.example/`;
  const source = await addSource(store, { uri, everyHours: "default", nextAt: undefined });
  await store.putDocument(
    newDocument({ sourceId: source.id, uri: `${uri}shipping`, lang: undefined }),
  );
  const document = await store.findDocument(`${uri}shipping`);
  return { sourceId: source.id, documentId: document?.id ?? 0 };
}

async function storedNote({ store }: TestApp): Promise<number> {
  const source = await addSource(store, { kind: "notes", uri: NOTES_URI });
  const uri = `note:${++samples}`;
  await store.putDocument(newDocument({ sourceId: source.id, uri }));
  return (await store.findDocument(uri))?.id ?? 0;
}

async function storedAnswer({ store }: TestApp): Promise<number> {
  const source = await addSource(store, { kind: "notes", uri: ANSWERS_URI });
  const uri = `answer:${++samples}`;
  const { question: title, answer: original } = ENTERED;
  await store.putDocument(newDocument({ sourceId: source.id, uri, title, original }));
  return (await store.findDocument(uri))?.id ?? 0;
}

export const KNOWLEDGE_ENDPOINTS: readonly Endpoint[] = [
  row("GET", "/knowledge/sources", {
    status: 200,
    async sample(app) {
      for (const { id } of await app.store.listSources()) await app.store.removeSource(id);
      await storedPage(app);
      return request("GET", "/knowledge/sources");
    },
    body: {
      sources: [
        {
          ...SOURCE,
          nextAt: null,
          documents: { ok: 1, failed: 0, empty: 0, skipped: 0, off: 0 },
          sections: 1,
          words: expect.any(Number),
          changedAt: expect.any(Number),
        },
      ],
      sections: expect.any(Number),
      maxSections: 50_000,
    },
  }),
  row("POST", "/knowledge/sources", {
    status: 201,
    sample: async () => {
      const address = `https://shop-${++samples}.example`;
      return request("POST", "/knowledge/sources", { kind: "site", address });
    },
    body: SOURCE,
  }),
  row("POST", "/knowledge/sources/:id/refresh", {
    status: 202,
    sample: async (app) =>
      request("POST", `/knowledge/sources/${(await storedPage(app)).sourceId}/refresh`),
    body: SOURCE,
  }),
  row("DELETE", "/knowledge/sources/:id", {
    status: 204,
    sample: async (app) =>
      request("DELETE", `/knowledge/sources/${(await storedPage(app)).sourceId}`),
  }),
  row("GET", "/knowledge/documents", {
    status: 200,
    async sample(app) {
      const { sourceId } = await storedPage(app);
      return request("GET", `/knowledge/documents?source=${sourceId}&status=ok&q=ship`);
    },
    body: { documents: [DOCUMENT], total: 1 },
  }),
  row("PUT", "/knowledge/documents", {
    status: 201,
    sample: async () => {
      const url = `https://pushed-${++samples}.example/shipping`;
      return request("PUT", "/knowledge/documents", { url, ...NOTE_BODY });
    },
    body: DOCUMENT,
  }),
  row("PATCH", "/knowledge/documents/:id", {
    status: 200,
    async sample(app) {
      const { documentId } = await storedPage(app);
      return request("PATCH", `/knowledge/documents/${documentId}`, { isOff: true });
    },
    body: { ...DOCUMENT, status: "off" },
  }),
  row("DELETE", "/knowledge/documents/:id", {
    status: 204,
    sample: async (app) =>
      request("DELETE", `/knowledge/documents/${(await storedPage(app)).documentId}`),
  }),
  row("POST", "/knowledge/notes", {
    status: 201,
    sample: async () => request("POST", "/knowledge/notes", NOTE_BODY),
    body: DOCUMENT,
  }),
  row("PUT", "/knowledge/notes/:id", {
    status: 200,
    sample: async (app) => request("PUT", `/knowledge/notes/${await storedNote(app)}`, NOTE_BODY),
    body: DOCUMENT,
  }),
  row("GET", "/knowledge/search", {
    status: 200,
    async sample(app) {
      for (const { id } of await app.store.listSources()) await app.store.removeSource(id);
      await storedPage(app);
      return request("GET", "/knowledge/search?q=Norway%3F&before=Shipping");
    },
    body: {
      sections: [
        {
          documentId: expect.any(Number),
          uri: expect.any(String),
          title: "Shipping",
          heading: "",
          text: "Parcels to Norway take three days.",
          score: expect.any(Number),
          isGiven: true,
          matches: { title: [], heading: [], text: [{ start: 11, end: 17 }] },
        },
      ],
    },
  }),
  row("GET", "/answers", {
    status: 200,
    async sample(app) {
      await storedAnswer(app);
      return request("GET", "/answers");
    },
    body: { answers: expect.arrayContaining([ANSWER]) },
  }),
  row("POST", "/answers", {
    status: 201,
    sample: async () => request("POST", "/answers", { ...ENTERED, keys: ["key"] }),
    body: ANSWER,
  }),
  row("PUT", "/answers/:id", {
    status: 200,
    sample: async (app) => request("PUT", `/answers/${await storedAnswer(app)}`, ENTERED),
    body: ANSWER,
  }),
  row("DELETE", "/answers/:id", {
    status: 204,
    sample: async (app) => request("DELETE", `/answers/${await storedAnswer(app)}`),
  }),
];
