import type { Link } from "../../http/link.ts";
import { MAX_TITLE_LENGTH } from "../../knowledge/entry-limits.ts";
import {
  dismissUnanswered,
  listUnanswered,
  MAX_QUESTIONS,
  type UnansweredTopic,
} from "../../knowledge/unanswered.ts";
import { formatNumber, timeElement } from "../formats.ts";
import { type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { KNOWLEDGE_PATH, type KnowledgeTab, NOTHING_DONE, type TabView } from "./tab.ts";
import type { TabsDeps } from "./tabs-deps.ts";

export const UNANSWERED_PATH = `${KNOWLEDGE_PATH}/unanswered`;
const SHOWN_QUESTIONS = 100;

/** What visitors ask and the pages do not say. */
export function createUnansweredTab({ store, link, now }: TabsDeps): KnowledgeTab {
  return {
    id: "unanswered",
    name: "Unanswered",
    async page(view) {
      const topics = await listUnanswered(store);
      return { title: "Unanswered", body: unansweredBody(view, link, topics) };
    },
    async submit({ fields }) {
      if (fields["action"] !== "ignore") return NOTHING_DONE;
      // One that is not in the list any more is where it should be.
      await dismissUnanswered(store, fields["key"] ?? "", now());
      return { kind: "done", path: UNANSWERED_PATH, says: "ignored" };
    },
  };
}

/** The page on which the owner writes the answer. */
export function answerPath({ key, question }: Pick<UnansweredTopic, "key" | "question">): string {
  const note = new URLSearchParams({ title: question.slice(0, MAX_TITLE_LENGTH), answers: key });
  return `${KNOWLEDGE_PATH}/notes?${note}`;
}

function unansweredBody(view: TabView, link: Link, topics: readonly UnansweredTopic[]): Html {
  if (topics.length === 0) {
    return html`<p class="notice">
      Nothing here. When the model says that your pages do not have the answer, the question is
      listed here, so that you can answer it with a note.
    </p>`;
  }
  return html`<section class="card">
    <h2>Questions that your pages do not answer</h2>
    <p class="hint">
      According to the model, among the newest ${formatNumber(MAX_QUESTIONS)} such questions.
      Questions with the same words count as one. A note answers the next one, and takes it off this
      list.
    </p>
    <ul class="rows">
      ${topics.slice(0, SHOWN_QUESTIONS).map((topic) => topicRow(view, link, topic))}
    </ul>
    ${
      topics.length > SHOWN_QUESTIONS &&
      html`<p class="hint">And ${formatNumber(topics.length - SHOWN_QUESTIONS)} more.</p>`
    }
  </section>`;
}

function topicRow({ session }: TabView, link: Link, topic: UnansweredTopic): Html {
  const { key, question, count, lastAt, conversationId } = topic;
  return html`<li class="row">
    <div>
      <p class="name" dir="auto">${question}</p>
      <p class="meta">
        <span>${count === 1 ? "asked once" : `asked ${formatNumber(count)} times`}</span>
        <span>last ${timeElement(lastAt)}</span>
        <a href="${link(`/dashboard/conversations/${conversationId}`)}">Conversation</a>
      </p>
    </div>
    <form method="post" action="${link(UNANSWERED_PATH)}" class="buttons">
      ${formToken(session)}
      <input type="hidden" name="key" value="${key}" />
      <a class="button" href="${link(answerPath(topic))}" aria-label="Answer this: ${question}"
        >Answer this</a
      >
      <button name="action" value="ignore" aria-label="Ignore: ${question}">Ignore</button>
    </form>
  </li>`;
}
