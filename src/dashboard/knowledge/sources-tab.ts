import { AppError } from "../../errors.ts";
import { addSource, changeReading, readAgain } from "../../knowledge/curate-sources.ts";
import { readOptionFields } from "./reading-options.ts";
import { createSourcePage } from "./source-page.ts";
import { ofSource } from "./source-view.ts";
import { sourcesBody } from "./sources-view.ts";
import {
  KNOWLEDGE_PATH,
  type KnowledgeTab,
  NOTHING_DONE,
  type Submitted,
  type TabForm,
} from "./tab.ts";
import type { TabsDeps } from "./tabs-deps.ts";

/** The websites, pages, files and notes that the bot reads; below it, each of them. */
export function createSourcesTab(deps: TabsDeps): KnowledgeTab {
  const { store, link, learner, config, published, now } = deps;
  const onePage = createSourcePage(deps);

  async function submitToAll({ fields }: TabForm): Promise<Submitted> {
    if (fields["action"] !== "add") return NOTHING_DONE;
    const kind = fields["kind"] === "page" ? "page" : "site";
    const address = fields["address"] ?? "";
    await addSource(deps, { kind, address, ...readOptionFields(fields) });
    return { kind: "done", path: KNOWLEDGE_PATH, says: "reading" };
  }

  async function submitToOne(id: number, { fields }: TabForm): Promise<Submitted> {
    const path = `${KNOWLEDGE_PATH}/sources/${id}`;
    switch (fields["action"]) {
      case "read":
        orNotFound(await readAgain(deps, id));
        return { kind: "done", path, says: "reading" };
      case "options":
        orNotFound(await changeReading(deps, id, readOptionFields(fields)));
        return { kind: "done", path, says: "options" };
      case "forget":
        if (!(await store.removeSource(id))) throw new AppError("not_found");
        return { kind: "done", path: KNOWLEDGE_PATH, says: "forgotten" };
      default:
        return NOTHING_DONE;
    }
  }

  return {
    id: "sources",
    name: "Sources",
    async page(view) {
      if (view.id !== undefined) return onePage(view, view.id);
      // Before what it is about, so that no change between the two is missed.
      const before = published();
      const { sections } = await store.knowledgeSize();
      const sources = await store.listSources();
      const { current } = learner.progress;
      return {
        title: "",
        body: sourcesBody(view, {
          link,
          sources: sources.map((source) => ({
            source,
            progress: ofSource(current, source.id),
            now: now(),
          })),
          sections,
          isOff: config.knowledge.mode === "off",
          published: before,
        }),
      };
    },
    submit: (form) => (form.id === undefined ? submitToAll(form) : submitToOne(form.id, form)),
  };
}

function orNotFound(found: unknown): void {
  if (found === undefined) throw new AppError("not_found");
}
