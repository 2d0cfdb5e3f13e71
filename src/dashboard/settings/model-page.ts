import type { ModelServer } from "../../config/model.ts";
import type { EditableSetting } from "../../settings/editable.ts";
import { timeElement } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { VERSION_FIELD } from "./entry.ts";
import { areLocked, fieldViews } from "./field-view.ts";
import { ANSWER_FIELDS, MODEL_FIELDS } from "./fields.ts";
import type { MadeTrial } from "./model-trials.ts";
import { OTHER_PROVIDER, providerOf, PROVIDERS } from "./providers.ts";
import type { SectionView } from "./section.ts";
import { trialView } from "./trial-view.ts";

interface ModelPageOptions {
  readonly settings: readonly EditableSetting[];
  readonly version: number;
  readonly trial: MadeTrial | undefined;
  readonly kind: ModelServer["kind"];
  /** Whether the owner has set what the model costs. */
  readonly hasOwnPrices: boolean;
}

const [ADDRESS_FIELD, ...OTHER_FIELDS] = MODEL_FIELDS;
const BEFORE_DETAILS = 2;

export function modelBody(view: SectionView, options: ModelPageOptions): Html {
  const { settings, version, trial, kind, hasOwnPrices } = options;
  const shown = fieldViews(OTHER_FIELDS, settings, view);
  const isLocked = areLocked(MODEL_FIELDS, settings);
  return html`${view.shown || stateView(kind, trial)}
    <section class="card">
      <h2>Model</h2>
      <form
        method="post"
        action="${view.path}"
        id="model-form"
        class="stack"
        data-busy="Asking the model…"
      >
        ${formToken(view.session)}
        <input type="hidden" name="${VERSION_FIELD}" value="${version}" />
        ${addressViews(settings, view)} ${shown.slice(0, BEFORE_DETAILS)}
        <details ${hasProblemBelow(view) && html`open`}>
          <summary>Advanced</summary>
          <div class="stack">${shown.slice(BEFORE_DETAILS)}</div>
        </details>
        <p class="buttons">
          <button name="action" value="save" class="primary" ${isLocked && html`hidden`}>
            Test and save
          </button>
          <button name="action" value="try">Test only</button>
          <button name="action" value="list">List models</button>
        </p>
        <p class="hint">
          A test asks one short question and costs a few tokens.
          ${hasOwnPrices && "The prices that you have set under Spending stay: look at them after you have chosen another model."}
        </p>
      </form>
    </section>
    <section class="card">
      <h2>Answer limits</h2>
      <form method="post" action="${view.path}" class="stack">
        ${formToken(view.session)}
        <input type="hidden" name="${VERSION_FIELD}" value="${version}" />
        <div class="options">${fieldViews(ANSWER_FIELDS, settings, view)}</div>
        ${
          !areLocked(ANSWER_FIELDS, settings) &&
          html`<p class="buttons">
            <button name="action" value="save-limits" class="primary">Save limits</button>
          </p>`
        }
      </form>
    </section>`;
}

function hasProblemBelow({ problems }: SectionView): boolean {
  return OTHER_FIELDS.slice(BEFORE_DETAILS).some(({ name }) => problems.has(name));
}

/** The list of providers, and the address for every other server. */
function addressViews(settings: readonly EditableSetting[], view: SectionView): Content {
  const setting = settings.find(({ name }) => name === ADDRESS_FIELD?.name);
  if (ADDRESS_FIELD === undefined || setting === undefined) return undefined;
  const address = fieldViews([ADDRESS_FIELD], settings, view);
  if (setting.lock !== undefined) return address;
  const chosen = view.entered?.provider ?? providerOf(setting.text);
  return html`<div class="field">
      <label for="provider">Provider</label>
      <select id="provider" name="provider">
        ${[...PROVIDERS, { name: "Another server", address: OTHER_PROVIDER }].map(
          ({ name, address: value }) =>
            html`<option value="${value}" ${value === chosen && html`selected`}>${name}</option>`,
        )}
      </select>
    </div>
    <div class="only-other">${address}</div>`;
}

function stateView(kind: ModelServer["kind"], trial: MadeTrial | undefined): Content {
  if (trial !== undefined) {
    return html`<div class="stack tight">
      ${trialView(trial)}
      <p class="hint">Tested on ${timeElement(trial.at)} with the current settings.</p>
    </div>`;
  }
  if (kind === "none") {
    return html`<p class="notice">
      No model is set up yet, so visitors’ questions are refused. Choose one, and it answers at
      once.
    </p>`;
  }
  return (
    kind === "demo" &&
    html`<p class="notice">The built-in demo model answers. It repeats what a visitor writes.</p>`
  );
}

/** What can be done after a trial that failed. */
export function askAgainView(): Html {
  return html`<p class="notice buttons">
    Nothing was saved.
    <button name="action" value="save-untried" form="model-form">Save anyway</button>
  </p>`;
}

/** The models that the server has, to choose from. */
export function namesView(names: readonly string[] | undefined): Html {
  if (names === undefined) {
    return html`<p class="notice warn" role="alert">
      This address returned no list of models. Is its server running, and are the address (most end
      with /v1) and the key right? If so, enter the model’s name as its provider writes it.
    </p>`;
  }
  if (names.length === 0) {
    return html`<p class="notice warn" role="alert">The server has no models yet.</p>`;
  }
  return html`<div class="notice" role="status">
    <p>The server has these models. The field below suggests them.</p>
    <p class="names">
      ${names.map((name, index) => html`${index > 0 && ", "}<code>${name}</code>`)}
    </p>
    <datalist id="models">${names.map((name) => html`<option value="${name}"></option>`)}</datalist>
  </div>`;
}
