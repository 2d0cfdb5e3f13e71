import type { Link } from "../../http/link.ts";
import { MAX_TITLE_LENGTH } from "../../knowledge/entry-limits.ts";
import type { UnansweredTopic } from "../../knowledge/unanswered.ts";
import type { WrittenAnswer } from "../../knowledge/written-answers.ts";
import { field } from "../field.ts";
import { type Content, type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { textArea } from "../settings/field-view.ts";
import { exampleRow } from "./questions-view.ts";
import type { Fields, TabView } from "./tab.ts";

/** What the owner is about to answer. */
export interface WantedAnswer {
  /** Undefined: it is not in the list, or has left it meanwhile. */
  readonly topic: UnansweredTopic | undefined;
  readonly question: string;
}

interface AnswerCardOptions extends Partial<WantedAnswer> {
  /** Of the list of questions. */
  readonly path: string;
  readonly link: Link;
}

/** The form by which the owner answers a question once. */
export function answerCard(view: TabView, options: AnswerCardOptions): Content {
  const { path, link, topic } = options;
  const { entered } = view;
  const question = (options.question ?? "").slice(0, MAX_TITLE_LENGTH).toWellFormed();
  const key = topic?.key ?? entered?.["key"] ?? "";
  return html`<p class="back"><a href="${path}">All questions</a></p>
    <section class="card">
      <h2>Write the answer</h2>
      <p class="hint">
        Visitors are answered from it from the next question on, also where they ask in other words.
      </p>
      ${answerForm(view, { path, shown: entered ?? { question }, key, action: "answer" })}
      ${
        topic !== undefined &&
        html`<h3>Asked in these words</h3>
          <ul class="examples">
            ${topic.examples.map((example) => exampleRow(link, example))}
          </ul>`
      }
    </section>`;
}

interface AnswerPageOptions {
  readonly path: string;
  readonly answer: WrittenAnswer;
}

/** An answer that is there, to be changed or removed. */
export function answerPage(view: TabView, { path, answer }: AnswerPageOptions): Content {
  const own = `${path}/${answer.id}`;
  const shown = view.entered ?? { question: answer.question, answer: answer.answer };
  return html`<p class="back"><a href="${path}">All questions</a></p>
    <section class="card">
      <h2>Your answer</h2>
      ${answerForm(view, { path: own, shown, key: "", action: "save" })}
    </section>
    <details class="danger" id="remove">
      <summary>Remove this answer</summary>
      <form method="post" action="${own}">
        ${formToken(view.session)}
        <p>The model will no longer get it. This cannot be undone.</p>
        <button name="action" value="remove" class="destructive">Remove</button>
      </form>
    </details>`;
}

interface AnswerFormOptions {
  readonly path: string;
  readonly shown: Fields;
  readonly key: string;
  readonly action: "answer" | "save";
}

function answerForm(
  { session, problems }: TabView,
  { path, shown, key, action }: AnswerFormOptions,
): Html {
  const isPrefilled =
    problems.size === 0 && (shown["question"] ?? "") !== "" && action === "answer";
  return html`<form method="post" action="${path}" class="stack">
    ${formToken(session)} ${key !== "" && html`<input type="hidden" name="key" value="${key}" />`}
    ${field({
      name: "question",
      label: "Question, as you would word it",
      problem: problems.get("question"),
      control: (attributes) =>
        html`<input
          type="text"
          value="${shown["question"] ?? ""}"
          maxlength="${MAX_TITLE_LENGTH}"
          ${attributes}
        />`,
    })}
    ${field({
      name: "answer",
      label: "Answer",
      problem: problems.get("answer"),
      control: (attributes) =>
        textArea(
          shown["answer"] ?? "",
          html`rows="6" ${isPrefilled && html`autofocus`} ${attributes}`,
        ),
    })}
    <p class="buttons"><button name="action" value="${action}" class="primary">Save</button></p>
  </form>`;
}
