import type { Link } from "../../http/link.ts";
import { field } from "../field.ts";
import { type Content, type Html, html } from "../html.ts";
import {
  type FieldName,
  LANGUAGE_CHOICES,
  POSITIONS,
  THEMES,
  type WidgetFields,
  type WidgetProblems,
} from "./options.ts";

interface OptionsFormOptions {
  readonly link: Link;
  /** As they were typed. */
  readonly fields: WidgetFields;
  readonly problems: WidgetProblems;
  /** What the widget shows where an option is empty. */
  readonly defaults: { readonly [Name in FieldName]?: string | undefined };
}

/** The options of this page's tag. A script shows each change at once; without it, the button does. */
export function optionsForm(options: OptionsFormOptions): Html {
  const { link, fields } = options;
  const line = (name: FieldName, label: string, hint?: Content) =>
    textField(options, name, label, hint);
  return html`<form method="get" action="${link("/dashboard/setup")}" class="options" data-options>
    ${line("title", "Title")} ${line("subtitle", "Subtitle")} ${line("welcome", "Greeting")}
    ${line("suggestions", "Suggested questions", "Separated by |")}
    ${line("placeholder", "Text in the empty input")}
    ${line("notice", "Line under the input", html`<code>off</code> removes it.`)}
    ${line("privacyUrl", "Address of your privacy page")} ${colourField(options)}
    ${choice(options, "theme", "Theme", THEMES, { "": "Follow the page", light: "Light", dark: "Dark" })}
    ${choice(options, "lang", "Language", LANGUAGE_CHOICES, languageWords())}
    ${choice(options, "position", "Side of the button", POSITIONS, { "": "Automatic", right: "Right", left: "Left" })}
    ${line("zIndex", "Stacking order (z-index)", "Empty: above everything.")}
    <label class="box">
      <input type="checkbox" name="open" value="true" ${fields.open === "true" && html`checked`} />
      Open when the page loads
    </label>
    <p class="buttons">
      <noscript><button class="primary">Update preview</button></noscript>
      <a href="${link("/dashboard/setup")}">Reset</a>
    </p>
  </form>`;
}

function languageWords(): Record<string, string> {
  const languageNames = new Intl.DisplayNames("en", { type: "language" });
  const named = LANGUAGE_CHOICES.map((code) => [code, code && (languageNames.of(code) ?? code)]);
  return { ...Object.fromEntries(named), "": "The page’s" };
}

function textField(
  { fields, problems, defaults }: OptionsFormOptions,
  name: FieldName,
  label: string,
  hint: Content,
  beside?: Content,
): Html {
  return field({
    name,
    label,
    hint,
    problem: problems[name],
    takesFocus: false,
    control: (attributes) =>
      html`<span class="asking"
        ><input
          type="text"
          ${attributes}
          value="${fields[name]}"
          placeholder="${defaults[name] ?? ""}"
          autocomplete="off"
        />${beside}</span
      >`,
  });
}

/** A text, because a colour may be missing, and the browser's own picker beside it, which needs the script. */
function colourField(options: OptionsFormOptions): Html {
  const { fields, problems, defaults } = options;
  const entered = problems.accent === undefined ? fields.accent : "";
  const colour = entered || defaults.accent || "";
  const picker = html`<input
    type="color"
    value="${/^#[0-9a-f]{6}$/i.test(colour) ? colour : "#000000"}"
    aria-label="Pick the colour"
    data-picker="accent"
    hidden
  />`;
  return textField(options, "accent", "Colour", undefined, picker);
}

function choice(
  { fields, problems }: OptionsFormOptions,
  name: FieldName,
  label: string,
  values: readonly string[],
  words: Readonly<Record<string, string>>,
): Html {
  // An invalid value stays visible, together with the problem.
  const shown = values.includes(fields[name]) ? values : [...values, fields[name]];
  return field({
    name,
    label,
    problem: problems[name],
    takesFocus: false,
    control: (attributes) =>
      html`<select ${attributes}>
        ${shown.map(
          (value) =>
            html`<option value="${value}" ${value === fields[name] && html`selected`}>
              ${words[value] ?? value}
            </option>`,
        )}
      </select>`,
  });
}
