import type { OwnerSettings } from "../../settings/owner-settings.ts";
import { html } from "../html.ts";
import { type FieldForms, saveOneOf } from "./entry.ts";
import { fieldsForm } from "./fields-form.ts";
import { EMBEDDING_FIELDS, KNOWLEDGE_FIELDS } from "./fields.ts";
import type { SettingsSection } from "./section.ts";

/** The two forms of the page, by what they do. */
const FORMS: FieldForms = new Map([
  ["save", KNOWLEDGE_FIELDS],
  ["save-embeddings", EMBEDDING_FIELDS],
]);

/** How the owner's pages are used, and the model that finds them by their meaning. */
export function createKnowledgeSection(settings: OwnerSettings): SettingsSection {
  return {
    id: "knowledge",
    name: "Knowledge",
    fieldNames: [...KNOWLEDGE_FIELDS, ...EMBEDDING_FIELDS].map(({ name }) => name),
    body: (view) =>
      html`${view.shown}
        <section class="card">
          <h2>Answers from your pages</h2>
          ${fieldsForm(view, settings, {
            id: "knowledge-form",
            fields: KNOWLEDGE_FIELDS,
            action: "save",
            words: "Save",
          })}
        </section>
        <section class="card">
          <h2>Embeddings</h2>
          <p class="hint">
            Your pages are found by their words, without a model. When visitors ask in another
            language than that of your pages, or in other words, an embedding model finds more.
          </p>
          ${fieldsForm(view, settings, {
            id: "embedding-form",
            fields: EMBEDDING_FIELDS,
            action: "save-embeddings",
            words: "Save",
          })}
        </section>`,
    submit: (form) => saveOneOf(FORMS, settings, form),
  };
}
