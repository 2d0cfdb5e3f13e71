import type { Link } from "../../http/link.ts";
import { isReadFromWeb } from "../../knowledge/curate-sources.ts";
import { MAX_SECTIONS } from "../../store/knowledge-store.ts";
import { field } from "../field.ts";
import { formatCount, formatNumber } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import { formToken, liveRegion } from "../layout.ts";
import { shareBar } from "../share-bar.ts";
import { addressInput, optionFields } from "./reading-options.ts";
import { nameOf, type SourceState, stateView } from "./source-view.ts";
import { KNOWLEDGE_PATH, type TabView } from "./tab.ts";

interface SourcesOptions {
  readonly link: Link;
  readonly sources: readonly SourceState[];
  /** Of all sources. */
  readonly sections: number;
  /** Whether the settings say that nothing of it is used. */
  readonly isOff: boolean;
  readonly published: string;
}

/** From here on, the bar says that it is nearly full. */
const NEARLY_FULL = 0.9;

export function sourcesBody(view: TabView, options: SourcesOptions): Content {
  const { link, sources, isOff, published } = options;
  if (sources.length === 0) return [offNotice(link, isOff), firstForm(view, link)];
  const content = [offNotice(link, isOff), sourceList(view, options), fullness(options.sections)];
  return [liveRegion("knowledge", published, content), anotherForm(view, link)];
}

function offNotice(link: Link, isOff: boolean): Content {
  return (
    isOff &&
    html`<p class="notice warn">
      The model gets none of this: the
      <a href="${link("/dashboard/settings/knowledge")}">settings</a> say <code>off</code>.
    </p>`
  );
}

/** The page of an owner who has nothing yet. */
function firstForm(view: TabView, link: Link): Html {
  return html`<section class="card welcome">
    <h2>Answers from your own pages</h2>
    <p>
      Paste the address of your website. Its pages are read now and once a day, and visitors get
      answers with links to them. The text is kept on this server, and the model gets the passages
      that fit a question.
    </p>
    ${addressForm(view, link, "Your website’s address")}
    <p class="hint">
      No website? <a href="${link(`${KNOWLEDGE_PATH}/notes`)}">Write a note</a> with a question and
      its answer, <a href="${link(`${KNOWLEDGE_PATH}/files`)}">upload files</a>, or have a folder
      read with <code>chatporch learn</code>.
    </p>
  </section>`;
}

function anotherForm(view: TabView, link: Link): Html {
  return html`<section class="card">
    <h2>Another website or page</h2>
    ${addressForm(view, link, "Its address")}
  </section>`;
}

function addressForm(view: TabView, link: Link, label: string): Html {
  const { session, entered = {}, problems } = view;
  const hasOptions = ["only", "everyHours", "kind"].some((name) => problems.has(name));
  return html`<form method="post" action="${link(KNOWLEDGE_PATH)}" class="stack">
    ${formToken(session)}
    ${field({
      name: "address",
      label,
      problem: problems.get("address"),
      control: (attributes) =>
        html`<div class="asking">
          ${addressInput(attributes, entered["address"] ?? "", "https://www.example.com")}
          <button name="action" value="add" class="primary">Read it</button>
        </div>`,
    })}
    <details id="reading-options" ${hasOptions && html`open`}>
      <summary>Options</summary>
      <div class="stack">
        <div class="field">
          <label class="box">
            <input
              type="checkbox"
              name="kind"
              value="page"
              ${entered["kind"] === "page" && html`checked`}
            />
            Only this page
          </label>
          ${problems.has("kind") && html`<p class="problem" role="alert">${problems.get("kind")}</p>`}
        </div>
        ${optionFields(entered, view)}
      </div>
    </details>
  </form>`;
}

function sourceList(view: TabView, { link, sources }: SourcesOptions): Html {
  return html`<section class="card">
    <h2>Sources</h2>
    <ul class="rows">
      ${sources.map((state) => sourceRow(view, link, state))}
    </ul>
  </section>`;
}

function sourceRow({ session }: TabView, link: Link, state: SourceState): Html {
  const { source } = state;
  const { id, uri, kind } = source;
  const path = link(`${KNOWLEDGE_PATH}/${kind === "notes" ? "notes" : `sources/${id}`}`);
  return html`<li class="row source">
    <div>
      <h3>
        <a href="${path}" id="source-${id}"><bdi>${nameOf(uri)}</bdi></a>
      </h3>
      ${stateView(state, link)}
    </div>
    ${
      isReadFromWeb(source) &&
      html`<form method="post" action="${path}">
        ${formToken(session)}
        <button name="action" value="read" id="read-${id}" aria-label="Read again: ${nameOf(uri)}">
          Read again
        </button>
      </form>`
    }
  </li>`;
}

/** How much room there is for more. */
function fullness(sections: number): Html {
  const share = sections / MAX_SECTIONS;
  return html`<section class="card fullness">
    <p>${formatCount(sections, "section")} of ${formatNumber(MAX_SECTIONS)} that can be searched</p>
    ${shareBar(share, { tone: share >= NEARLY_FULL ? "bad" : "accent" })}
  </section>`;
}
