import { MAX_TITLE_LENGTH } from "../../knowledge/entry-limits.ts";
import { field } from "../field.ts";
import { type Content, type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { textArea } from "../settings/field-view.ts";
import type { Fields, TabView } from "./tab.ts";

interface NoteField {
  readonly name: string;
  readonly label: string;
}

interface NoteFormOptions {
  readonly path: string;
  readonly title: NoteField;
  readonly text: NoteField;
  readonly shown: Fields;
  /** What its button does. */
  readonly action: string;
  /** What is sent besides. */
  readonly hidden?: Content;
  /** Whether the owner begins with the text. */
  readonly focusesText?: boolean;
}

/** The form of a title and a text that the owner writes: a note, or a question and its answer. */
export function noteForm({ session, problems }: TabView, options: NoteFormOptions): Html {
  const { path, title, text, shown, action, hidden, focusesText = false } = options;
  return html`<form method="post" action="${path}" class="stack" data-kept>
    ${formToken(session)} ${hidden}
    ${field({
      ...title,
      problem: problems.get(title.name),
      control: (attributes) =>
        html`<input
          type="text"
          value="${shown[title.name] ?? ""}"
          maxlength="${MAX_TITLE_LENGTH}"
          ${attributes}
        />`,
    })}
    ${field({
      ...text,
      problem: problems.get(text.name),
      control: (attributes) =>
        textArea(
          shown[text.name] ?? "",
          html`rows="6" ${focusesText && html`autofocus`} ${attributes}`,
        ),
    })}
    <p class="buttons"><button name="action" value="${action}" class="primary">Save</button></p>
  </form>`;
}

/** The form that removes it, folded away. */
export function removalForm({ session }: TabView, path: string, what: "note" | "answer"): Html {
  return html`<details class="danger" id="remove">
    <summary>Remove this ${what}</summary>
    <form method="post" action="${path}">
      ${formToken(session)}
      <p>The model will no longer get it. This cannot be undone.</p>
      <button name="action" value="remove" class="destructive">Remove</button>
    </form>
  </details>`;
}
