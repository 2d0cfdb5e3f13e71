import type { EditableSetting } from "../../settings/editable.ts";
import type { StoredInstructions } from "../../store/settings-store.ts";
import { formatCount, timeElement } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { VERSION_FIELD } from "./entry.ts";
import { lockNote, textArea } from "./field-view.ts";
import type { SectionView } from "./section.ts";

const NAME = "SYSTEM_PROMPT";
/** The question to the playground. */
export const QUESTION_FIELD = "question";
/** As long as a visitor's may be. */
export const MAX_QUESTION_LENGTH = 4000;
const SHOWN_CHARACTERS = 140;

interface InstructionsPageOptions {
  readonly list: readonly EditableSetting[];
  /** The instructions in force. */
  readonly systemPrompt: string;
  /** The newest first. */
  readonly versions: readonly StoredInstructions[];
  /** The version of all settings. */
  readonly version: number;
  /** How many answers the owner has written to visitors' questions. */
  readonly answers: number;
}

export function instructionsBody(view: SectionView, options: InstructionsPageOptions): Html {
  const { list, systemPrompt, versions, version, answers } = options;
  const lock = list.find(({ name }) => name === NAME)?.lock;
  const looked = versions.find((each) => String(each.version) === view.query.get("look"));
  const text = view.entered?.[NAME] ?? looked?.text ?? systemPrompt;
  return html`${
      looked !== undefined &&
      view.entered === undefined &&
      html`<p class="notice">
        These are the instructions of ${timeElement(looked.at)}. Save them to use them again.
      </p>`
    }
    ${view.entered?.action !== "ask" && view.shown}
    <form method="post" action="${view.path}" class="sides" data-playground data-kept>
      ${formToken(view.session)}
      <input type="hidden" name="${VERSION_FIELD}" value="${version}" />
      <button name="action" value="ask" class="unseen" tabindex="-1" aria-hidden="true">Ask</button>
      <section class="card">
        <h2>Instructions</h2>
        ${lock === undefined ? editor(view, text) : lockedText(systemPrompt, lock)}
      </section>
      ${playgroundView(view)} ${answers > 0 && trialView(answers)}
    </form>
    ${versions.length > 0 && versionsView(view, versions)}`;
}

function editor({ problems }: SectionView, text: string): Html {
  const problem = problems.get(NAME);
  return html`<div class="field">
      <label for="${NAME}">What the model should know, and how it should answer</label>
      ${textArea(
        text,
        html`id="${NAME}" name="${NAME}" rows="16" aria-describedby="hint-${NAME}"
        ${problem !== undefined && html`aria-invalid="true"`}`,
      )}
      ${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}
      <p class="hint" id="hint-${NAME}">
        Sent with every question. Say who you are, what you offer, what visitors ask most, and what
        the model must not promise.
      </p>
    </div>
    <p class="buttons">
      <button name="action" value="save" class="primary">Save instructions</button>
    </p>`;
}

function lockedText(text: string, lock: NonNullable<EditableSetting["lock"]>): Html {
  return html`<div class="field locked">
    <p class="value lines" dir="auto">${text}</p>
    ${lockNote(lock)}
  </div>`;
}

/** The script adds the answers. Without it, the page comes back with one. */
function playgroundView({ entered, problems, shown }: SectionView): Html {
  const problem = problems.get(QUESTION_FIELD);
  const question = entered?.[QUESTION_FIELD] ?? "";
  const hasAnswer = shown !== undefined && entered?.action === "ask";
  return html`<section class="card playground">
    <h2>Playground</h2>
    <p class="hint">
      Uses the instructions as they are here, saved or not. Nothing is stored, and each question
      starts afresh.
    </p>
    <div class="answers" data-answers role="log" aria-label="Answers" tabindex="0">
      ${hasAnswer && exchange(question, shown)}
    </div>
    <div class="field">
      <label for="${QUESTION_FIELD}">A visitor’s question</label>
      <div class="asking">
        <input
          type="text"
          id="${QUESTION_FIELD}"
          name="${QUESTION_FIELD}"
          value="${hasAnswer ? "" : question}"
          maxlength="${MAX_QUESTION_LENGTH}"
          autocomplete="off"
          ${problem !== undefined && html`aria-invalid="true" aria-describedby="problem-question"`}
        />
        <button name="action" value="ask">Ask</button>
      </div>
      ${problem !== undefined && html`<p class="problem" id="problem-question" role="alert">${problem}</p>`}
    </div>
  </section>`;
}

/** The script adds the results. Without it, the page comes back with all of them. */
function trialView(answers: number): Html {
  return html`<section class="card">
    <h2>Do your answers hold?</h2>
    <p class="hint">
      Asks what you have answered under Knowledge, Questions (${formatCount(answers, "question")}),
      with the instructions as they are here, saved or not. Each one costs an answer of the model.
    </p>
    <div class="answers" data-tests role="log" aria-label="Tested answers" tabindex="0"></div>
    <p class="buttons">
      <button name="action" value="test">Test the answers</button>
      <button type="button" data-tests-stop hidden>Stop</button>
      <span class="hint" role="status" data-tests-status></span>
    </p>
  </section>`;
}

/** All results at once. */
export function testedView(text: string): Html {
  return html`<div class="notice" role="status"><p class="lines">${text}</p></div>`;
}

function exchange(question: string, answer: Content): Html {
  return html`<p class="asked">${question}</p>
    <p class="answered">${answer}</p>`;
}

function versionsView({ path }: SectionView, versions: readonly StoredInstructions[]): Html {
  return html`<details class="card">
    <summary>${formatCount(versions.length, "version")}, newest first</summary>
    <ul class="rows">
      ${versions.map(
        ({ version, text, at, by }, index) =>
          html`<li>
            <p class="hint">
              ${timeElement(at)}, by ${by}${index === 0 && html` <span class="badge">latest</span>`}
            </p>
            <p class="preview">${text.slice(0, SHOWN_CHARACTERS)}</p>
            <a href="${`${path}?look=${version}`}">View</a>
          </li>`,
      )}
    </ul>
  </details>`;
}
