import type { ConfigProblem } from "../../config/problems.ts";
import type { ChangeOutcome, OwnerSettings } from "../../settings/owner-settings.ts";
import { html } from "../html.ts";
import type { Field } from "./fields.ts";
import { type Fields, NOTHING_DONE, type Submitted, type SubmittedForm } from "./section.ts";

/** The hidden field with the version of the settings that the owner saw. */
export const VERSION_FIELD = "version";
/** A ticked box takes the stored secret away. */
export const REMOVE_PREFIX = "remove.";

/** A box of a set, before its setting and value. */
export const BOX_PREFIX = "box.";
/** The text of a set of which nothing is ticked. */
export const NONE = "none";

/** The texts of a form's fields, by the names of settings. An empty secret means: as it is. */
export function enteredTexts(fields: readonly Field[], sent: Fields): Record<string, string> {
  const entered: Record<string, string> = {};
  for (const field of fields) {
    const { name, kind } = field;
    const text = kind === "set" ? tickedText(field, sent) : sent[name];
    const isSecret = kind === "secret" || kind === "secret-lines";
    if (isSecret && sent[REMOVE_PREFIX + name] !== undefined) entered[name] = "";
    // A locked field is not in the form.
    else if (text !== undefined && !(isSecret && text.trim() === "")) entered[name] = text;
  }
  return entered;
}

/** The ticked values of a set. Undefined: it is not in the form. */
function tickedText(
  { name, choices = [], whenNone = NONE }: Field,
  sent: Fields,
): string | undefined {
  if (sent[name] === undefined) return undefined;
  const ticked = choices.filter(([value]) => sent[`${BOX_PREFIX}${name}.${value}`] !== undefined);
  return ticked.map(([value]) => value).join(",") || whenNone;
}

/** The version that the owner saw, as far as the form says it. */
function seenVersion(sent: Fields): number | undefined {
  const text = sent[VERSION_FIELD] ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Stores the fields of a form. */
export async function saveFields(
  settings: OwnerSettings,
  texts: Fields,
  { fields, by }: Pick<SubmittedForm, "fields" | "by">,
): Promise<Submitted> {
  const seen = seenVersion(fields);
  return toSubmitted(await settings.change(texts, { by, ...(seen === undefined ? {} : { seen }) }));
}

/** The forms of a page that only store their fields, by what they do. */
export type FieldForms = ReadonlyMap<string | undefined, readonly Field[]>;

/** Stores the fields of the one of these forms that was sent. */
export async function saveOneOf(
  forms: FieldForms,
  settings: OwnerSettings,
  form: SubmittedForm,
): Promise<Submitted> {
  const fields = forms.get(form.fields["action"]);
  if (fields === undefined) return NOTHING_DONE;
  return saveFields(settings, enteredTexts(fields, form.fields), form);
}

/** What the page does after a change. */
export function toSubmitted(outcome: ChangeOutcome): Submitted {
  switch (outcome.kind) {
    case "changed":
      return { kind: "done", says: outcome.settings.length > 0 ? "saved" : "unchanged" };
    case "refused":
      return refused(outcome.problems);
    case "outdated":
      return { kind: "again", status: 409, shown: OUTDATED };
  }
}

const OUTDATED = html`<p class="notice warn" role="alert">
  Somebody else has changed this since you opened the page. Your entries are still here, and not
  stored. Save them again if they are to replace the others.
</p>`;

export function refused(problems: readonly ConfigProblem[]): Submitted {
  return { kind: "again", status: 400, problems: inSentences(problems) };
}

/** The problems by the fields that they belong to. */
function inSentences(problems: readonly ConfigProblem[]): Map<string, string> {
  return new Map(problems.map(({ name, problem }) => [name, `This ${problem}.`]));
}
