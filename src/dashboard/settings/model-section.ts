import { isOpenAi, type OpenAiSettings } from "../../config/model.ts";
import { neverTimeOut } from "../../http/connection.ts";
import { listModels } from "../../model/catalogue.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import { enteredTexts, refused, saveFields } from "./entry.ts";
import { ANSWER_FIELDS, MODEL_FIELDS } from "./fields.ts";
import { askAgainView, modelBody, namesView } from "./model-page.ts";
import type { ModelTrials } from "./model-trials.ts";
import { OTHER_PROVIDER } from "./providers.ts";
import {
  type Fields,
  NOTHING_DONE,
  type SettingsSection,
  type Submitted,
  type SubmittedForm,
} from "./section.ts";
import { trialView } from "./trial-view.ts";

interface ModelSectionDeps {
  readonly settings: OwnerSettings;
  readonly trials: ModelTrials;
}

/** The model's server, its name, and the limits of its answers. */
export function createModelSection({ settings, trials }: ModelSectionDeps): SettingsSection {
  /** What a name should be when none was entered: OpenAI has a usual one, and some servers have one model only. */
  async function nameFor(model: OpenAiSettings, isEntered: boolean): Promise<string | Submitted> {
    if (isEntered || isOpenAi(model.baseUrl)) return model.name;
    const names = await namesOf(model);
    const [only] = names ?? [];
    if (only !== undefined && names?.length === 1) return only;
    const problem = "Enter the model’s name.";
    const problems = new Map([["OPENAI_MODEL", problem]]);
    return { kind: "again", status: 400, problems, shown: namesView(names) };
  }

  async function tryIt(texts: Fields, form: SubmittedForm, isToBeSaved: boolean) {
    const preview = settings.preview(texts);
    if (preview.kind === "refused") return refused(preview.problems);
    const { model } = preview.config;
    if (model.kind !== "openai") return missing(form.fields);
    const name = await nameFor(model, isNamed(texts, model));
    if (typeof name !== "string") return name;
    // What is tried is what would be in force: other settings depend on the name.
    const named = name === model.name ? texts : { ...texts, OPENAI_MODEL: name };
    const complete = settings.preview(named);
    if (complete.kind === "refused") return refused(complete.problems);
    const trial = await neverTimeOut(form, (timeOutAgain) =>
      trials.run(complete.config, form.request.signal).finally(timeOutAgain),
    );
    if (trial.mark === "wrong") {
      const shown = [trialView(trial), isToBeSaved && askAgainView()];
      return { kind: "again", status: 200, shown } satisfies Submitted;
    }
    if (isToBeSaved) return saveFields(settings, named, form);
    return { kind: "again", status: 200, shown: trialView(trial) } satisfies Submitted;
  }

  async function list(texts: Fields, form: SubmittedForm): Promise<Submitted> {
    const preview = settings.preview(texts);
    if (preview.kind === "refused") return refused(preview.problems);
    const { model } = preview.config;
    if (model.kind !== "openai") return missing(form.fields);
    return { kind: "again", status: 200, shown: namesView(await namesOf(model)) };
  }

  return {
    id: "model",
    name: "Model",
    fieldNames: [...MODEL_FIELDS, ...ANSWER_FIELDS].map(({ name }) => name),
    async body(view) {
      const { model, spending } = settings.config;
      return modelBody(view, {
        settings: settings.list(),
        version: settings.version,
        trial: await trials.lastOf(model),
        kind: model.kind,
        hasOwnPrices: spending.ownPrices !== undefined,
      });
    },
    submit: (form) => {
      const { fields } = form;
      const texts = enteredTexts(MODEL_FIELDS, withAddress(fields));
      switch (fields.action) {
        case "list":
          return list(texts, form);
        case "try":
          return tryIt(texts, form, false);
        case "save":
          return tryIt(texts, form, true);
        case "save-untried":
          return saveFields(settings, texts, form);
        case "save-limits":
          return saveFields(settings, enteredTexts(ANSWER_FIELDS, fields), form);
        default:
          return Promise.resolve(NOTHING_DONE);
      }
    },
  };
}

/** Neither an address nor a key was entered. */
function missing({ provider }: Fields): Submitted {
  const [name, problem] =
    provider === OTHER_PROVIDER
      ? ["OPENAI_BASE_URL", "Enter the server’s address."]
      : ["OPENAI_API_KEY", "OpenAI needs a key."];
  return { kind: "again", status: 400, problems: new Map([[name, problem]]) };
}

/** Models that make vectors of texts are in the same list. */
async function namesOf(model: OpenAiSettings): Promise<readonly string[] | undefined> {
  const names = await listModels(model);
  return names?.filter((name) => !/embed/i.test(name));
}

function isNamed({ OPENAI_MODEL: text }: Fields, { isNameSet }: OpenAiSettings): boolean {
  return text === undefined ? isNameSet : text.trim() !== "";
}

/** The form's fields with the address of the chosen provider. */
function withAddress(fields: Fields): Fields {
  const { provider } = fields;
  if (provider === undefined || provider === OTHER_PROVIDER) return fields;
  return { ...fields, OPENAI_BASE_URL: provider };
}
