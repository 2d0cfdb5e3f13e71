import { AppError } from "../../errors.ts";
import { RefusedEntryError } from "../../knowledge/refused-entry.ts";
import { loadOnce } from "../../runtime/load-once.ts";
import { seeOther, sendPage, type Settable } from "../page.ts";
import type { Session } from "../session.ts";
import { knowledgePage, WHOLE_FORM } from "./knowledge-page.ts";
import type { Fields, KnowledgeTab, Problems, Submitted, TabForm, TabView } from "./tab.ts";
import type { TabsDeps } from "./tabs-deps.ts";

/** The parts of Elysia's context that the handlers use. */
interface ReadContext {
  readonly request: Request;
  /** Missing where the path names no tab, or nothing below it. */
  readonly params?: { readonly tab?: string; readonly id?: string };
  readonly session: Session;
  readonly set: Settable;
}

interface SubmitContext extends ReadContext {
  readonly body: Fields;
}

interface UploadContext extends ReadContext {
  readonly body: { readonly files: readonly unknown[] };
}

const NO_PROBLEMS: Problems = new Map();

/**
 * The handlers of the pages about what the bot knows. Their code is loaded when one is opened. Each destructures its
 * context in the parameter list, because Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createKnowledgeHandlers(deps: TabsDeps) {
  const { link } = deps;
  const tabs = loadOnce(async (): Promise<readonly KnowledgeTab[]> => {
    const { createTabs } = await import("./tabs.ts");
    return createTabs(deps);
  });

  async function find(params: ReadContext["params"]): Promise<KnowledgeTab> {
    const found = (await tabs()).find(({ id }) => id === (params?.tab ?? "sources"));
    if (found === undefined) throw new AppError("not_found");
    return found;
  }

  async function show(
    tab: KnowledgeTab,
    view: Pick<TabView, "id" | "entered" | "problems">,
    { request, session, set }: Pick<ReadContext, "request" | "session" | "set">,
  ): Promise<string> {
    const query = new URL(request.url).searchParams;
    const page = await tab.page({ ...view, session, query });
    const done = request.method === "POST" ? null : query.get("done");
    const { problems } = view;
    const shown = { link, session, tabs: await tabs(), tab, done, problems, page };
    return sendPage(set, knowledgePage(shown));
  }

  async function submit(form: TabForm, context: ReadContext): Promise<string> {
    const { params, set } = context;
    const tab = await find(params);
    const submitted = await orAgain(tab.submit(form));
    if (submitted.kind === "done") {
      const { path, says } = submitted;
      return seeOther(set, `${link(path)}${path.includes("?") ? "&" : "?"}done=${says}`);
    }
    set.status = submitted.status;
    const view = { id: form.id, entered: form.fields, problems: submitted.problems };
    return show(tab, view, context);
  }

  return {
    read: async ({ params, request, session, set }: ReadContext) => {
      const view = { id: idOf(params), entered: undefined, problems: NO_PROBLEMS };
      return show(await find(params), view, { request, session, set });
    },
    submit: async ({ params, body, request, session, set }: SubmitContext) => {
      const form = { id: idOf(params), fields: body, files: [] };
      return submit(form, { params: params ?? {}, request, session, set });
    },
    upload: async ({ body, request, session, set }: UploadContext) => {
      const files = body.files.filter((each) => each instanceof File);
      const form = { id: undefined, fields: {}, files };
      return submit(form, { params: { tab: "files" }, request, session, set });
    },
  };
}

function idOf(params: ReadContext["params"]): number | undefined {
  return params?.id === undefined ? undefined : Number(params.id);
}

/** What cannot be used, or has no room, comes back with the form. */
async function orAgain(submitting: Promise<Submitted>): Promise<Submitted> {
  try {
    return await submitting;
  } catch (error) {
    if (error instanceof RefusedEntryError) {
      return { kind: "again", status: 400, problems: new Map([[error.field, error.message]]) };
    }
    if (
      error instanceof AppError &&
      (error.code === "knowledge_full" || error.code === "database_full")
    ) {
      return { kind: "again", status: 409, problems: new Map([[WHOLE_FORM, ROOM[error.code]]]) };
    }
    throw error;
  }
}

const ROOM = {
  knowledge_full:
    "The bot knows as much as can be searched. Remove a source first. Nothing was stored.",
  database_full:
    "The database is nearly full (MAX_DATABASE_MB), and what is left is for conversations. Nothing was stored.",
} as const;
