import { widgetFiles } from "../assets/widget-files.ts";
import type { Advice } from "../config/advice.ts";
import type { ShownSetting } from "../config/groups.ts";
import type { Link } from "../http/link.ts";
import type { KnownReplica } from "../peers/peers.ts";
import { type Html, html } from "./html.ts";
import { layout } from "./layout.ts";
import { replicasSection } from "./replicas.ts";
import { LANGUAGES, POSITIONS, THEMES, type WidgetFields, type WidgetProblems } from "./schema.ts";
import { type Attributes, currentTag, pinnedTag, snippet } from "./script-tag.ts";
import type { Session } from "./session.ts";

interface SetupPageOptions {
  readonly link: Link;
  readonly session: Session;
  readonly fields: WidgetFields;
  readonly problems: WidgetProblems;
  /** The address that visitors use. */
  readonly publicUrl: string;
  /** Not a secret: every visitor can read it in the page that embeds the widget. */
  readonly widgetKey: string;
  readonly advice: readonly Advice[];
  /** Empty in a single process. */
  readonly replicas: readonly KnownReplica[];
  readonly databaseBytes: number;
  readonly settings: readonly ShownSetting[];
}

export function setupPage(options: SetupPageOptions): Html {
  const { link, session, fields, problems, publicUrl, widgetKey, advice, settings } = options;
  const { replicas, databaseBytes } = options;
  const attributes = [["data-api-key", widgetKey], ...attributesOf(fields, problems)] as const;
  const tag = { publicUrl, attributes };
  return layout({
    link,
    title: "Setup",
    section: "Setup",
    session,
    body: html`<h1>Setup</h1>
      ${
        advice.length > 0 &&
        html`<section class="notice warn" aria-label="Warnings">
          <h2>Please look at this</h2>
          <ul>
            ${advice.map(({ says, mend }) => html`<li>${says} ${mend}</li>`)}
          </ul>
        </section>`
      }
      <section class="card">
        <h2>Put the widget on your website</h2>
        <p>Paste it before <code>&lt;/body&gt;</code>. The key in it is public.</p>
        ${snippet("current", "The tag", currentTag(tag))}
        <details id="strict">
          <summary>For a strict policy: this version only, checked by the browser</summary>
          <p class="hint">
            An update of chatporch takes this version away. Copy the tag again right after each one.
          </p>
          ${snippet("pinned", "The tag of this version", pinnedTag(tag))}
        </details>
      </section>
      <section class="card">
        <h2>Try it</h2>
        <p>
          The widget is on this page, as your visitors see it. What you write in it is a
          conversation like theirs.
        </p>
        ${optionsForm(link, fields, problems)}
      </section>
      ${replicas.length > 0 && replicasSection(replicas, databaseBytes)}
      <section class="card">
        <h2>Current settings</h2>
        <p class="hint">
          From the environment and <code>.env</code>, read at the start, and from
          <a href="${link("/dashboard/settings/model")}">Settings</a>, in force at once.
        </p>
        <dl class="settings">
          ${settings.map(
            ({ name, value }) =>
              html`<div>
                <dt>${name}</dt>
                <dd dir="auto">${value}</dd>
              </div>`,
          )}
        </dl>
      </section>
      ${previewScript(link, attributes)}`,
  });
}

/** The attributes for the valid fields that differ from the widget's defaults. */
function attributesOf(fields: WidgetFields, problems: WidgetProblems): Attributes {
  const named = [
    ["data-title", fields.title, problems.title],
    ["data-welcome-message", fields.welcome, problems.welcome],
    ["data-input-placeholder", fields.placeholder, problems.placeholder],
    ["data-notice", fields.notice, problems.notice],
    ["data-privacy-url", fields.privacyUrl, problems.privacyUrl],
    ["data-accent-color", fields.accent, problems.accent],
    ["data-position", fields.position === "right" ? "" : fields.position, problems.position],
    ["data-theme", fields.theme === "auto" ? "" : fields.theme, problems.theme],
    ["data-lang", fields.lang, problems.lang],
  ] as const;
  return named.flatMap(([name, value, problem]) =>
    value === "" || problem !== undefined ? [] : [[name, value] as const],
  );
}

function previewScript(link: Link, attributes: Attributes): Html {
  return html`<script
    src="${link(widgetFiles.loader.path)}"
    ${attributes.map(([name, value]) => attribute(name, value))}
    defer
  ></script>`;
}

function attribute(name: Attributes[number][0], value: string): Html {
  return html`${name}="${value}" `;
}

function optionsForm(link: Link, fields: WidgetFields, problems: WidgetProblems): Html {
  return html`<form method="get" action="${link("/dashboard/setup")}" class="options">
    ${textField("title", "Title", fields, problems)}
    ${textField("welcome", "First message", fields, problems)}
    ${textField("placeholder", "Hint in the input", fields, problems)}
    ${textField("notice", "Line under the input, or off", fields, problems)}
    ${textField("privacyUrl", "Address of your page on privacy", fields, problems)}
    ${textField("accent", "Colour, such as #0f766e", fields, problems)}
    ${choice("position", "Side", POSITIONS, fields, problems)}
    ${choice("theme", "Theme", THEMES, fields, problems)}
    ${choice("lang", "Language", LANGUAGES, fields, problems)}
    <p class="buttons">
      <button class="primary">Show</button>
      <a href="${link("/dashboard/setup")}">Reset</a>
    </p>
  </form>`;
}

type FieldName = keyof WidgetFields;

function textField(
  name: FieldName,
  label: string,
  fields: WidgetFields,
  problems: WidgetProblems,
): Html {
  return html`<label>
    ${label}
    <input type="text" name="${name}" value="${fields[name]}" ${invalid(name, problems)} />
    ${problemOf(name, problems)}
  </label>`;
}

function choice(
  name: FieldName,
  label: string,
  options: readonly string[],
  fields: WidgetFields,
  problems: WidgetProblems,
): Html {
  // An invalid value stays visible, together with the problem.
  const shown = options.includes(fields[name]) ? options : [...options, fields[name]];
  return html`<label>
    ${label}
    <select name="${name}" ${invalid(name, problems)}>
      ${shown.map(
        (option) =>
          html`<option value="${option}" ${option === fields[name] && html`selected`}>
            ${option === "" ? "the visitor’s" : option}
          </option>`,
      )}
    </select>
    ${problemOf(name, problems)}
  </label>`;
}

function invalid(name: FieldName, problems: WidgetProblems): Html | undefined {
  if (problems[name] === undefined) return undefined;
  return html`aria-invalid="true" aria-describedby="problem-${name}"`;
}

function problemOf(name: FieldName, problems: WidgetProblems): Html | undefined {
  if (problems[name] === undefined) return undefined;
  return html`<span class="problem" id="problem-${name}" role="alert">${problems[name]}</span>`;
}
