import type { Link } from "../../http/link.ts";
import type { UnansweredTopic } from "../../knowledge/unanswered.ts";
import type { AnsweredQuestion } from "../../knowledge/written-answers.ts";
import type { PoorReason, UnansweredQuestion } from "../../store/unanswered-store.ts";
import { formatNumber, timeElement } from "../formats.ts";
import { type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { messagePath } from "../list-path.ts";
import { KNOWLEDGE_PATH, type TabView } from "./tab.ts";

export const QUESTIONS_PATH = `${KNOWLEDGE_PATH}/questions`;
const SHOWN_QUESTIONS = 100;

/** What was wrong with an answer. */
const REASON_WORDS: Readonly<Record<PoorReason, string>> = {
  unknown: "not known",
  nothing_found: "no page fitted",
  failed: "failed",
  stopped: "stopped",
  rated_down: "rated down",
  wanted_person: "wanted a person",
};

/** The page on which the owner writes the answer. */
export function answerPath({ key }: Pick<UnansweredTopic, "key">): string {
  return `${QUESTIONS_PATH}?${new URLSearchParams({ answer: key })}`;
}

/** The page on which the owner answers the question of a turn, whether it is in the list or not. */
export function answerPathOfTurn(turnId: string): string {
  return `${QUESTIONS_PATH}?${new URLSearchParams({ turn: turnId })}`;
}

/** Questions without a good answer. */
export function questionsView(view: TabView, link: Link, topics: readonly UnansweredTopic[]): Html {
  if (topics.length === 0) {
    return html`<section class="card">
      <h2>Questions without a good answer</h2>
      <p>
        Nothing here. When the model does not know an answer, when it fails, or when a visitor rates
        it down or asks for a person, the question is listed here, and you answer it once.
      </p>
      <p class="buttons">
        <a class="button" href="${link(QUESTIONS_PATH)}?new">Write an answer</a>
      </p>
    </section>`;
  }
  return html`<section class="card">
    <div class="heading">
      <h2>Questions without a good answer</h2>
      <a class="button" href="${link(QUESTIONS_PATH)}?new">Write an answer</a>
    </div>
    <p class="hint">
      Questions that ask the same in other words are one. Your answer is used from the next question
      on. A question comes back when a later answer to it is no good either.
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
  const { key, question, count, reasons, lastAt, examples } = topic;
  const [newest, ...others] = examples;
  return html`<li class="row">
    <div>
      <p class="name" dir="auto">${question}</p>
      <p class="meta">
        <span>${count === 1 ? "asked once" : `asked ${formatNumber(count)} times`}</span>
        <span>${reasonsText(reasons)}</span>
        <span>last ${timeElement(lastAt)}</span>
        ${newest !== undefined && conversationLink(link, newest)}
      </p>
      ${
        others.length > 0 &&
        html`<ul class="examples">
          ${others.map((each) => exampleRow(link, each))}
        </ul>`
      }
    </div>
    <form method="post" action="${link(QUESTIONS_PATH)}" class="buttons">
      ${formToken(session)}
      <input type="hidden" name="key" value="${key}" />
      <a class="button" href="${link(answerPath(topic))}" aria-label="Write the answer: ${question}"
        >Write the answer</a
      >
      <button name="action" value="ignore" aria-label="Ignore: ${question}">Ignore</button>
    </form>
  </li>`;
}

/** The same in other words. */
export function exampleRow(link: Link, example: UnansweredQuestion): Html {
  return html`<li>
    <q dir="auto">${example.question}</q>
    <span class="meta">${reasonsText(example.reasons)} ${conversationLink(link, example)}</span>
  </li>`;
}

function conversationLink(link: Link, example: UnansweredQuestion): Html {
  const { conversationId, messageId, question } = example;
  return html`<a
    href="${link(messagePath(conversationId, messageId))}"
    aria-label="Conversation: ${question}"
    >Conversation</a
  >`;
}

function reasonsText(reasons: readonly PoorReason[]): string {
  return reasons.map((reason) => REASON_WORDS[reason]).join(", ");
}

/** What the owner has answered so far. */
export function writtenView(link: Link, answers: readonly AnsweredQuestion[]): Html | undefined {
  if (answers.length === 0) return undefined;
  return html`<section class="card">
    <h2>Your answers</h2>
    <p class="hint">
      Visitors are answered from them as from your pages. To see whether they still are, test them
      beside your <a href="${link("/dashboard/settings/instructions")}">instructions</a>, or with
      <code>chatporch test</code>.
    </p>
    <ul class="rows">
      ${answers.toReversed().map(
        ({ id, question, at }) =>
          html`<li>
            <p class="name">
              <a href="${link(`${QUESTIONS_PATH}/${id}`)}" id="answer-${id}"
                ><bdi>${question}</bdi></a
              >
            </p>
            <p class="meta"><span>changed ${timeElement(at)}</span></p>
          </li>`,
      )}
    </ul>
  </section>`;
}
