import { AppError } from "../../errors.ts";
import type { Link } from "../../http/link.ts";
import { isReadFromWeb } from "../../knowledge/curate-sources.ts";
import {
  DOCUMENT_STATUSES,
  type DocumentFilter,
  type DocumentStatus,
} from "../../store/knowledge-store.ts";
import { type Html, html } from "../html.ts";
import { formToken, liveRegion } from "../layout.ts";
import { documentsView, PAGE_OF_DOCUMENTS } from "./documents-view.ts";
import { optionFields } from "./reading-options.ts";
import { nameOf, ofSource, type SourceState, stateView } from "./source-view.ts";
import { type Fields, KNOWLEDGE_PATH, type TabPage, type TabView } from "./tab.ts";
import type { TabsDeps } from "./tabs-deps.ts";

/** One source: its state, its documents, how it is read, and its end. */
export function createSourcePage({ store, link, learner, published, now }: TabsDeps) {
  return async (view: TabView, id: number): Promise<TabPage> => {
    const before = published();
    const source = (await store.listSources()).find((each) => each.id === id);
    if (source === undefined) throw new AppError("not_found");
    const filter = readFilter(view.query, id);
    const page = await store.listDocuments(filter);
    const state = { source, progress: ofSource(learner.progress.current, id), now: now() };
    const path = `${KNOWLEDGE_PATH}/sources/${id}`;
    const target = { session: view.session, path: link(path) };
    const documents = documentsView({ link, path, filter, page });
    return {
      title: nameOf(source.uri),
      body: html`<p class="back"><a href="${link(KNOWLEDGE_PATH)}">All sources</a></p>
        ${liveRegion("knowledge", before, stateCard(target, state, link))} ${documents}
        ${isReadFromWeb(source) && optionsCard(view, target, state)} ${removal(target, state)}`,
    };
  };
}

interface Target {
  readonly session: TabView["session"];
  /** Where the forms are sent to. */
  readonly path: string;
}

function stateCard({ session, path }: Target, state: SourceState, link: Link): Html {
  const { source } = state;
  const { uri } = source;
  return html`<section class="card">
    <div class="heading">
      <h2 class="who"><bdi>${nameOf(uri)}</bdi></h2>
      ${isReadFromWeb(source) && html`<a href="${uri}" rel="noreferrer">Open</a>`}
    </div>
    ${stateView(state, link)}
    ${
      isReadFromWeb(source) &&
      html`<form method="post" action="${path}">
        ${formToken(session)}
        <button name="action" value="read" id="read-again">Read again now</button>
      </form>`
    }
  </section>`;
}

function optionsCard(view: TabView, { session, path }: Target, { source }: SourceState): Html {
  const stored: Fields = {
    only: source.only ?? "",
    everyHours: source.everyHours === "default" ? "" : String(source.everyHours ?? 0),
    ...(source.ignoresRobots ? { ignoresRobots: "1" } : {}),
  };
  return html`<section class="card">
    <h2>How it is read</h2>
    <form method="post" action="${path}" class="stack">
      ${formToken(session)} ${optionFields(view.entered ?? stored, view)}
      <p class="buttons"><button name="action" value="options" class="primary">Save</button></p>
    </form>
  </section>`;
}

function removal({ session, path }: Target, { source }: SourceState): Html {
  return html`<details class="danger" id="forget">
    <summary>Forget this source</summary>
    <form method="post" action="${path}">
      ${formToken(session)}
      <p>
        Everything that was read from ${nameOf(source.uri)} is removed, and the model no longer gets
        it. Earlier answers keep the names of their sources.
      </p>
      <button name="action" value="forget" class="destructive">Forget it</button>
    </form>
  </details>`;
}

function readFilter(query: URLSearchParams, sourceId: number): DocumentFilter {
  const search = (query.get("q") ?? "").trim().slice(0, 200);
  const status = query.get("status");
  const after = query.get("after") ?? "";
  return {
    sourceId,
    search: search === "" ? undefined : search,
    status: isStatus(status) ? status : undefined,
    afterId: /^\d{1,15}$/.test(after) ? Number(after) : undefined,
    limit: PAGE_OF_DOCUMENTS,
  };
}

function isStatus(status: string | null): status is DocumentStatus {
  return DOCUMENT_STATUSES.some((each) => each === status);
}
