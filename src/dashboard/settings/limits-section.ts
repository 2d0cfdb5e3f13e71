import { DAY_MS } from "../../runtime/time.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import type { ConversationStore } from "../../store/conversation-store.ts";
import { enteredTexts, type FieldForms, refused, saveFields, saveOneOf } from "./entry.ts";
import { CALENDAR_FIELDS, LIMIT_FIELDS, REDACTION_FIELDS, RETENTION_FIELDS } from "./fields.ts";
import { AGREED_FIELD, askBeforeDeleting, limitsBody } from "./limits-page.ts";
import type { SettingsSection, Submitted, SubmittedForm } from "./section.ts";

/** The forms that are stored without a question, by what they do. */
const FORMS: FieldForms = new Map([
  ["save", LIMIT_FIELDS],
  ["save-redaction", REDACTION_FIELDS],
  ["save-calendar", CALENDAR_FIELDS],
]);

interface LimitsSectionDeps {
  readonly settings: OwnerSettings;
  readonly store: Pick<ConversationStore, "listConversations">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The limits for one address, how long conversations are kept, what is left out of them, and when a day begins. */
export function createLimitsSection({ settings, store, now }: LimitsSectionDeps): SettingsSection {
  /** How many conversations would be deleted. */
  async function countExpired(days: number | undefined): Promise<number> {
    if (days === undefined) return 0;
    const filter = { limit: 1, to: now() - days * DAY_MS };
    return (await store.listConversations(filter)).total;
  }

  async function saveRetention(form: SubmittedForm): Promise<Submitted> {
    const texts = enteredTexts(RETENTION_FIELDS, form.fields);
    const preview = settings.preview(texts);
    if (preview.kind === "refused") return refused(preview.problems);
    const days = preview.config.database.retentionDays;
    const count = await countExpired(days);
    // Whoever has agreed to some has not agreed to more.
    const isAgreed = Number(form.fields[AGREED_FIELD] ?? -1) >= count;
    if (isAgreed || count === 0 || days === settings.config.database.retentionDays) {
      return saveFields(settings, texts, form);
    }
    return { kind: "again", status: 200, shown: askBeforeDeleting(count) };
  }

  return {
    id: "limits",
    name: "Limits and privacy",
    fieldNames: [...FORMS.values(), RETENTION_FIELDS].flat().map(({ name }) => name),
    body: (view) => limitsBody(view, settings),
    submit: (form) => {
      if (form.fields.action === "save-retention") return saveRetention(form);
      return saveOneOf(FORMS, settings, form);
    },
  };
}
