import type { EditableSetting } from "../../settings/editable.ts";
import { field } from "../field.ts";
import { type Html, html } from "../html.ts";
import { BOX_PREFIX, REMOVE_PREFIX } from "./entry.ts";
import type { Field } from "./fields.ts";
import type { SectionView } from "./section.ts";

/** A browser drops the first line end of a text area. */
const DROPPED_LINE_END = "\n";

type Shown = Pick<SectionView, "entered" | "problems">;

/** The fields of a form. What the environment fixes is shown, and cannot be changed. */
export function fieldViews(
  fields: readonly Field[],
  settings: readonly EditableSetting[],
  shown: Shown,
): Html[] {
  const byName = new Map(settings.map((setting) => [setting.name, setting]));
  return fields.flatMap((wanted) => {
    const setting = byName.get(wanted.name);
    return setting === undefined ? [] : [fieldView(wanted, setting, shown)];
  });
}

/** Whether none of the fields can be changed. */
export function areLocked(fields: readonly Field[], settings: readonly EditableSetting[]): boolean {
  const names = new Set(fields.map(({ name }) => name));
  return settings.every(({ name, lock }) => !names.has(name) || lock !== undefined);
}

function fieldView(wanted: Field, setting: EditableSetting, { entered, problems }: Shown): Html {
  if (setting.lock !== undefined) return lockedView(wanted, setting, setting.lock);
  if (wanted.kind === "set") return setView(wanted, setting, { entered, problems });
  const { name, label, hint } = wanted;
  const text = entered?.[name] ?? setting.text;
  return field({
    name,
    label,
    problem: problems.get(name),
    hint,
    control: (attributes) => control(wanted, setting, text, attributes),
    below: setting.isSecret && setting.isStored && removeBox(name, entered),
  });
}

const MODES: Readonly<Partial<Record<Field["kind"], string>>> = {
  number: "numeric",
  decimal: "decimal",
};

function control(wanted: Field, setting: EditableSetting, text: string, attributes: Html): Html {
  const { kind, suggestions } = wanted;
  switch (kind) {
    case "choice":
      return html`<select ${attributes}>
        ${choicesWith(wanted, text).map(
          ([value, words]) =>
            html`<option value="${value}" ${value === text && html`selected`}>${words}</option>`,
        )}
      </select>`;
    case "lines":
    case "secret-lines":
      return textArea(
        text,
        html`rows="3" spellcheck="${String(kind === "lines")}"
        placeholder="${placeholderOf(setting, wanted)}" ${attributes}`,
      );
    case "secret":
      return html`<input
        type="password"
        autocomplete="off"
        spellcheck="false"
        value="${text}"
        placeholder="${placeholderOf(setting, wanted)}"
        ${attributes}
      />`;
    default:
      return html`<input
        type="text"
        autocomplete="off"
        ${MODES[kind] !== undefined && html`inputmode="${MODES[kind]}"`}
        ${suggestions !== undefined && html`list="${suggestions}"`}
        value="${text}"
        placeholder="${placeholderOf(setting, wanted)}"
        ${attributes}
      />`;
  }
}

/** Boxes, of which any may be ticked. */
function setView(
  { name, label, choices = [] }: Field,
  setting: EditableSetting,
  shown: Shown,
): Html {
  const { entered, problems } = shown;
  const values = (setting.text || setting.shown).split(/,\s*/);
  const isTicked = (value: string) =>
    entered?.[name] === undefined
      ? values.includes(value)
      : entered[`${BOX_PREFIX}${name}.${value}`] !== undefined;
  const problem = problems.get(name);
  return html`<fieldset class="field set">
    <legend>${label}</legend>
    <input type="hidden" name="${name}" value="" />
    ${choices.map(
      ([value, words]) =>
        html`<label class="box">
          <input
            type="checkbox"
            name="${BOX_PREFIX}${name}.${value}"
            value="1"
            ${isTicked(value) && html`checked`}
          />
          ${words}
        </label>`,
    )}
    ${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}
  </fieldset>`;
}

/** What is stored or was sent stays visible, also where it is none of the choices. */
function choicesWith({ choices = [] }: Field, text: string): NonNullable<Field["choices"]> {
  return choices.some(([value]) => value === text) ? choices : [...choices, [text, text]];
}

/** A text area with a text in it. */
export function textArea(text: string, attributes: Html): Html {
  return html`<textarea ${attributes}>${DROPPED_LINE_END}${text}</textarea>`;
}

/** What is in force while nothing is stored. A field that is emptied does not show what it had as if it still held. */
function placeholderOf(
  { isSecret, isStored, lastFour, shown }: EditableSetting,
  { whenEmpty = "" }: Field,
): string {
  if (!isSecret) return isStored || NOT_SET.test(shown) ? whenEmpty : shown;
  if (!isStored) return "";
  return lastFour === undefined ? "stored, not shown" : `stored, ends with ${lastFour}`;
}

const NOT_SET = /^(?:not set|not sent|none)$/;

function removeBox(name: string, entered: Shown["entered"]): Html {
  const box = REMOVE_PREFIX + name;
  return html`<label class="box">
    <input
      type="checkbox"
      name="${box}"
      value="1"
      ${entered?.[box] !== undefined && html`checked`}
    />
    Remove the stored value
  </label>`;
}

type Lock = NonNullable<EditableSetting["lock"]>;

function lockedView({ label }: Field, { shown }: EditableSetting, lock: Lock): Html {
  return html`<div class="field locked">
    <p class="label">${label}</p>
    <p class="value" dir="auto">${shown}</p>
    ${lockNote(lock)}
  </div>`;
}

/** Drawn, because not every system has an emoji for it. */
const LOCK_ICON = html`<svg class="lock" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
  <path
    d="M8 0a4.5 4.5 0 0 0-4.5 4.5V7H3a1 1 0 0 0-1 1v7a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V8a1 1 0 0 0-1-1h-.5V4.5A4.5 4.5 0 0 0 8 0Zm2.5 7h-5V4.5a2.5 2.5 0 0 1 5 0V7Z"
  />
</svg>`;

/** Why a setting cannot be changed here, and where it can. */
export function lockNote({ variable, isInDotEnv }: Lock): Html {
  const place = isInDotEnv ? "the file .env" : "the environment";
  return html`<p class="hint">
    ${LOCK_ICON} Fixed by <code>${variable}</code> in ${place}. Change it there, and restart the
    server.
  </p>`;
}
