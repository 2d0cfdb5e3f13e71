import type { Config } from "../../config/config.ts";
import type { Link } from "../../http/link.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import { html } from "../html.ts";
import { liveRegion } from "../layout.ts";
import { type ReadSpendingDeps, readSpendingNow } from "../spending/spending-now.ts";
import { type FieldForms, refused, saveOneOf } from "./entry.ts";
import type { SettingsSection, Submitted, SubmittedForm } from "./section.ts";
import { BUDGET_FIELDS, priceFields, PROOF_FIELDS, SPENDING_FIELDS } from "./spending-fields.ts";
import { budgetForm, proofForm, spentCard, STAYS_OFF, switchCard } from "./spending-page.ts";

export interface SpendingSectionDeps extends Omit<ReadSpendingDeps, "config"> {
  readonly config: Config;
  readonly settings: OwnerSettings;
  readonly link: Link;
  /** What ActivityFeed says now. */
  readonly published: () => string;
}

/** The forms of the page, by what they do. */
const FORMS: FieldForms = new Map([
  ["save", [...BUDGET_FIELDS, ...priceFields()]],
  ["save-proof", PROOF_FIELDS],
]);

/** What the model may cost, what it has cost, and the switch that turns it off. */
export function createSpendingSection(deps: SpendingSectionDeps): SettingsSection {
  const { config, settings } = deps;

  /** One click, whatever others have changed since the page was opened. */
  async function turn(to: "on" | "off", { by }: SubmittedForm): Promise<Submitted> {
    const outcome = await settings.change({ MODEL_CALLS: to === "on" ? "" : to }, { by });
    if (outcome.kind === "refused") return refused(outcome.problems);
    if (config.spending.isModelOn === (to === "on")) {
      return { kind: "done", says: to === "on" ? "model-on" : "model-off" };
    }
    return { kind: "again", status: 409, shown: STAYS_OFF };
  }

  return {
    id: "spending",
    name: "Spending",
    fieldNames: SPENDING_FIELDS.map(({ name }) => name),
    async body(view) {
      const published = deps.published();
      const now = await readSpendingNow(deps);
      const page = { view, config, settings, link: deps.link };
      const live = html`${switchCard(page)} ${spentCard(now)}`;
      return html`${view.shown} ${liveRegion("figures", published, live)} ${budgetForm(now, page)}
      ${proofForm(page)}`;
    },
    submit(form) {
      const { action } = form.fields;
      if (action === "on" || action === "off") return turn(action, form);
      return saveOneOf(FORMS, settings, form);
    },
  };
}
