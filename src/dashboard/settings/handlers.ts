import { AppError } from "../../errors.ts";
import type { Connection } from "../../http/connection.ts";
import { contextOf } from "../../http/request-context.ts";
import { loadOnce } from "../../runtime/load-once.ts";
import type { Content } from "../html.ts";
import { seeOther, sendPage, type Settable } from "../page.ts";
import type { Session } from "../session.ts";
import type { Fields, SectionView, SettingsSection } from "./section.ts";
import type { SectionsDeps } from "./sections.ts";
import { SETTINGS_PATH, settingsPage } from "./settings-page.ts";

interface SettingsHandlersDeps extends SectionsDeps {
  /** What the owner should do next while the server is not set up. */
  readonly next: (request: Request) => Promise<Content>;
}

/** The parts of Elysia's context that the handlers use. */
interface ReadContext extends Connection {
  /** Missing at the path that names no section. */
  readonly params?: { readonly section?: string };
  readonly session: Session;
  readonly set: Settable;
}

interface SubmitContext extends ReadContext {
  readonly params: { readonly section: string };
  readonly body: Fields;
}

const NO_PROBLEMS: ReadonlyMap<string, string> = new Map();

/**
 * The handlers of the settings. Their code is loaded when one is opened. Each destructures its context in the parameter
 * list, because Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createSettingsHandlers(deps: SettingsHandlersDeps) {
  const { link, settings, next } = deps;
  const sections = loadOnce(async () => {
    const { createSections } = await import("./sections.ts");
    return createSections(deps);
  });

  async function find(id: string | undefined): Promise<SettingsSection> {
    const all = await sections();
    const section = id === undefined ? all[0] : all.find((each) => each.id === id);
    if (section === undefined) throw new AppError("not_found");
    return section;
  }

  const pathOf = (id: string) => link(`${SETTINGS_PATH}/${id}`);

  async function show(
    section: SettingsSection,
    view: Omit<SectionView, "path" | "query">,
    { request, session, set }: Pick<ReadContext, "request" | "session" | "set">,
  ): Promise<string> {
    const query = new URL(request.url).searchParams;
    const body = await section.body({ ...view, query, path: pathOf(section.id) });
    const done = request.method === "POST" ? null : query.get("done");
    const after = done === null ? undefined : await next(request);
    const isHere = (name: string) => section.fieldNames.includes(name);
    const all = await sections();
    const problems = [...view.problems].flatMap(([name, says]) =>
      isHere(name)
        ? []
        : [{ name, says, at: all.find(({ fieldNames }) => fieldNames.includes(name)) }],
    );
    const ignored = settings.ignored.filter(isHere);
    const said = { done, next: after, problems, ignored };
    const page = { link, session, sections: all, section, ...said, body };
    return sendPage(set, settingsPage(page));
  }

  return {
    /** Without a section, the first one. */
    read: async ({ params, request, session, set }: ReadContext) => {
      const view = { session, entered: undefined, problems: NO_PROBLEMS, shown: undefined };
      return show(await find(params?.section), view, { request, session, set });
    },
    submit: async ({ params, body, request, server, session, set }: SubmitContext) => {
      const section = await find(params.section);
      const by = `the dashboard, from ${contextOf(request).client}`;
      const submitted = await section.submit({ fields: body, by, request, server });
      if (submitted.kind === "response") return submitted.response;
      if (submitted.kind === "done") {
        Object.assign(set.headers, submitted.headers);
        return seeOther(set, `${pathOf(section.id)}?done=${submitted.says}`);
      }
      const { status, problems = NO_PROBLEMS, shown } = submitted;
      set.status = status;
      const view = { session, entered: body, problems, shown };
      return show(section, view, { request, session, set });
    },
  };
}
