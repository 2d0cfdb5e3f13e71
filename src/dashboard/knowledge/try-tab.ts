import type { Link } from "../../http/link.ts";
import { MAX_QUESTION_LENGTH } from "../../knowledge/entry-limits.ts";
import { explainQuestion } from "../../knowledge/explain-question.ts";
import type { ExplainedSection } from "../../knowledge/retrieval.ts";
import type { Span } from "../../text/words.ts";
import { formatCount } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import { shareBar } from "../share-bar.ts";
import { KNOWLEDGE_PATH, type KnowledgeTab, NOTHING_DONE } from "./tab.ts";
import type { TabsDeps } from "./tabs-deps.ts";

/** Of the sections that the model would not be given. */
const SHOWN_OTHERS = 10;

/** Shows what a question finds, and why, without asking a model. */
export function createTryTab({ store, link, config }: TabsDeps): KnowledgeTab {
  return {
    id: "try",
    name: "Try a question",
    async page({ query }) {
      const read = (name: string) => (query.get(name) ?? "").trim().slice(0, MAX_QUESTION_LENGTH);
      const asked = { question: read("q"), before: read("before") };
      const { words } = config.knowledge;
      const found = asked.question === "" ? undefined : await explainQuestion(store, asked, words);
      return {
        title: "Try a question",
        body: [form(link, asked), found && resultView(link, found, words)],
      };
    },
    submit: () => Promise.resolve(NOTHING_DONE),
  };
}

interface Asked {
  readonly question: string;
  readonly before: string;
}

function form(link: Link, { question, before }: Asked): Html {
  return html`<section class="card">
    <h2>What would the model be given?</h2>
    <form method="get" action="${link(`${KNOWLEDGE_PATH}/try`)}" role="search" class="stack">
      <div class="field">
        <label for="q">A question, as a visitor asks it</label>
        <div class="asking">
          <input
            type="text"
            id="q"
            name="q"
            value="${question}"
            maxlength="${MAX_QUESTION_LENGTH}"
            dir="auto"
            required
          />
          <button class="primary">Try it</button>
        </div>
      </div>
      <details id="before-it" ${before !== "" && html`open`}>
        <summary>As a follow-up</summary>
        <div class="field">
          <label for="before">The previous question</label>
          <input
            type="text"
            id="before"
            name="before"
            value="${before}"
            maxlength="${MAX_QUESTION_LENGTH}"
            dir="auto"
          />
          <p class="hint">As in “And to Norway?”. It counts for half.</p>
        </div>
      </details>
    </form>
    <p class="hint">No model is asked, and nothing is stored.</p>
  </section>`;
}

function resultView(link: Link, found: readonly ExplainedSection[], words: number): Content {
  const given = found.filter(({ isGiven }) => isGiven);
  const others = found.filter(({ isGiven }) => !isGiven).slice(0, SHOWN_OTHERS);
  const best = found[0]?.score ?? 1;
  if (found.length === 0) {
    return html`<p class="notice" role="status">
      No matches: no section has a word of this question. A visitor would get an answer without
      sources.
    </p>`;
  }
  return html`<section class="card" id="given">
      <div class="heading">
        <h2>Given to the model</h2>
        <p class="hint" role="status">
          ${formatCount(given.length, "section")} of at most ${formatCount(words, "word")}
        </p>
      </div>
      ${given.length === 0 && html`<p>None: the settings leave no room for words.</p>`}
      ${given.map((section) => sectionView(link, section, best))}
    </section>
    ${
      others.length > 0 &&
      html`<details class="card" id="others">
        <summary>Found but left out: ${formatCount(others.length, "section")}</summary>
        <p class="hint">
          Others fit better or are on the same page, and the word limit was reached.
        </p>
        ${others.map((section) => sectionView(link, section, best))}
      </details>`
    }`;
}

/** @param best the score of the section that fits best */
function sectionView(link: Link, section: ExplainedSection, best: number): Html {
  const { documentId, title, heading, text, score, matches } = section;
  return html`<article class="section">
    <h3 dir="auto">
      <a href="${link(`${KNOWLEDGE_PATH}/documents/${documentId}`)}"
        >${marked(title, matches.title)}</a
      >${heading !== "" && html` › ${marked(heading, matches.heading)}`}
    </h3>
    <p class="text" dir="auto">${marked(text, matches.text)}</p>
    <div class="fit">
      ${shareBar(score / best)}
      <p class="hint">${Math.round((100 * score) / best)}% of the best match</p>
    </div>
  </article>`;
}

/** The text with the words of the question marked. */
function marked(text: string, spans: readonly Span[]): Content {
  const parts: Content[] = [];
  let at = 0;
  for (const { start, end } of spans) {
    parts.push(text.slice(at, start), html`<mark>${text.slice(start, end)}</mark>`);
    at = end;
  }
  return [...parts, text.slice(at)];
}
