import type { Link } from "../../http/link.ts";
import { MAX_TITLE_LENGTH } from "../../knowledge/entry-limits.ts";
import type { UnansweredTopic } from "../../knowledge/unanswered.ts";
import type { WrittenAnswer } from "../../knowledge/written-answers.ts";
import { type Content, type Html, html } from "../html.ts";
import { noteForm, removalForm } from "./note-form.ts";
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
    ${removalForm(view, own, "answer")}`;
}

interface AnswerFormOptions {
  readonly path: string;
  readonly shown: Fields;
  readonly key: string;
  readonly action: "answer" | "save";
}

function answerForm(view: TabView, { path, shown, key, action }: AnswerFormOptions): Html {
  return noteForm(view, {
    path,
    title: { name: "question", label: "Question, as you would word it" },
    text: { name: "answer", label: "Answer" },
    shown,
    action,
    hidden: key !== "" && html`<input type="hidden" name="key" value="${key}" />`,
    focusesText:
      action === "answer" && view.problems.size === 0 && (shown["question"] ?? "") !== "",
  });
}
