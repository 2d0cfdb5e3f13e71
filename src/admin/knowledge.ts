import { AppError } from "../errors.ts";
import type { CuratorDeps } from "../knowledge/curator.ts";
import { MAX_SECTIONS } from "../store/knowledge-store.ts";
import { shownDocument, shownSource, shownSummary } from "./knowledge-records.ts";
import type {
  DocumentBody,
  DocumentsQuery,
  KnowledgeParams,
  NoteBody,
  SearchQuery,
  SourceBody,
  SwitchBody,
} from "./knowledge-schema.ts";
import { orInvalid, orNotFound } from "./refusals.ts";

export interface KnowledgeHandlersDeps extends CuratorDeps {
  readonly config: {
    readonly knowledge: { readonly refreshHours: number; readonly words: number };
  };
}

/** The parts of Elysia's context that the handlers use. */
interface Settable {
  readonly set: { status?: number | string };
}

interface OneContext extends Settable {
  readonly params: typeof KnowledgeParams.static;
}

interface BodyContext<Body extends { readonly static: unknown }> extends Settable {
  readonly body: Body["static"];
}

const DEFAULT_LIMIT = "100";

/**
 * The handlers of what the bot knows. Their code is loaded when it is used. Each destructures its context in the
 * parameter list, because Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createKnowledgeHandlers(deps: KnowledgeHandlersDeps) {
  return { ...sourceHandlers(deps), ...documentHandlers(deps) };
}

function sourceHandlers(deps: KnowledgeHandlersDeps) {
  const { store } = deps;
  const curate = () => import("../knowledge/curate-sources.ts");
  return {
    listSources: async () => {
      const [sources, size] = [await store.listSources(), await store.knowledgeSize()];
      return {
        sources: sources.map(shownSummary),
        sections: size.sections,
        maxSections: MAX_SECTIONS,
      };
    },
    addSource: async ({ body, set }: BodyContext<typeof SourceBody>) => {
      const { addSource } = await curate();
      const { isNew, source } = await orInvalid(addSource(deps, body));
      set.status = isNew ? 201 : 200;
      return shownSource(source);
    },
    refreshSource: async ({ params, set }: OneContext) => {
      const source = await (await curate()).readAgain(deps, Number(params.id));
      set.status = 202;
      return shownSource(orNotFound(source));
    },
    removeSource: async ({ params, set }: OneContext) => {
      if (!(await store.removeSource(Number(params.id)))) throw new AppError("not_found");
      set.status = 204;
    },
  };
}

function documentHandlers(deps: KnowledgeHandlersDeps) {
  const { store, config } = deps;
  const find = async (id: string) => {
    const { findDocumentById } = await import("../knowledge/curator.ts");
    return orNotFound(await findDocumentById(store, Number(id)));
  };
  return {
    listDocuments: async ({ query }: { readonly query: typeof DocumentsQuery.static }) => {
      const { source, status, q, limit = DEFAULT_LIMIT, after } = query;
      const page = await store.listDocuments({
        sourceId: source === undefined ? undefined : Number(source),
        status,
        search: q === "" ? undefined : q,
        limit: Number(limit),
        afterId: after === undefined ? undefined : Number(after),
      });
      return { documents: page.documents.map(shownDocument), total: page.total };
    },
    pushDocument: async ({ body, set }: BodyContext<typeof DocumentBody>) => {
      const { pushPage } = await import("../knowledge/push-document.ts");
      const pushed = pushPage(deps, { ...body, format: body.format ?? "text" });
      const { isNew, document } = await orInvalid(pushed);
      set.status = isNew ? 201 : 200;
      return shownDocument(document);
    },
    switchDocument: async ({ params, body }: OneContext & BodyContext<typeof SwitchBody>) => {
      const isThere = await store.switchDocument(Number(params.id), body.isOff);
      if (!isThere) throw new AppError("not_found");
      return shownDocument(await find(params.id));
    },
    removeDocument: async ({ params, set }: OneContext) => {
      if (!(await store.removeDocument(Number(params.id)))) throw new AppError("not_found");
      set.status = 204;
    },
    addNote: async ({ body, set }: BodyContext<typeof NoteBody>) => {
      const { addNote } = await import("../knowledge/write-note.ts");
      const note = await orInvalid(addNote(deps, body));
      set.status = 201;
      return shownDocument(note);
    },
    changeNote: async ({ params, body }: OneContext & BodyContext<typeof NoteBody>) => {
      const { changeNote } = await import("../knowledge/write-note.ts");
      const note = await orInvalid(changeNote(deps, Number(params.id), body));
      return shownDocument(orNotFound(note));
    },
    search: async ({ query }: { readonly query: typeof SearchQuery.static }) => {
      const { explainQuestion } = await import("../knowledge/explain-question.ts");
      const { q, before } = query;
      const sections = await explainQuestion(
        store,
        { question: q, before },
        config.knowledge.words,
      );
      return { sections: sections.map(shownSection) };
    },
  };
}

type Explained = Awaited<
  ReturnType<(typeof import("../knowledge/explain-question.ts"))["explainQuestion"]>
>[number];

function shownSection({
  documentId,
  uri,
  title,
  heading,
  text,
  score,
  isGiven,
  matches,
}: Explained) {
  return { documentId, uri, title, heading, text, score, isGiven, matches };
}
