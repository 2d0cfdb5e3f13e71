import type { Config } from "../../config/config.ts";
import { type ModelPrices, PRICES_AS_OF } from "../../config/model-prices.ts";
import { isOpenAi } from "../../config/model.ts";
import { formatMoney } from "../../config/money.ts";
import { isReported } from "../../config/notice-gaps.ts";
import { listedPrices } from "../../config/spending.ts";
import type { Link } from "../../http/link.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import { type Content, type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { budgetBars } from "../spending/budget-bar.ts";
import type { SpendingNow } from "../spending/spending-now.ts";
import { lockNote } from "./field-view.ts";
import { fieldsForm } from "./fields-form.ts";
import type { SectionView } from "./section.ts";
import { BUDGET_FIELDS, priceFields, PROOF_FIELDS } from "./spending-fields.ts";

interface SpendingPage {
  readonly view: SectionView;
  readonly config: Config;
  readonly settings: Pick<OwnerSettings, "list" | "version" | "lockOf">;
  readonly link: Link;
}

/** Whether the model answers, and the button that changes it. */
export function switchCard({ view, config, settings }: SpendingPage): Html {
  const { isModelOn, message } = config.spending;
  const lock = settings.lockOf("MODEL_CALLS");
  const visitorsRead =
    message === undefined
      ? "Visitors read that nothing is answered at the moment."
      : html`Visitors read: “<span dir="auto">${message}</span>”`;
  return html`<section class="card" id="switch">
    <h2>${isModelOn ? "The model answers" : "The model is off"}</h2>
    ${
      isModelOn
        ? html`<p class="hint">
            Off means at once, on all servers within two seconds: answers under way are cut, and
            nothing is spent any more. ${visitorsRead}
          </p>`
        : html`<p class="notice warn">No question is answered. ${visitorsRead}</p>`
    }
    ${lock === undefined ? switchForm(view, isModelOn) : lockNote(lock)}
  </section>`;
}

function switchForm({ session, path }: SectionView, isModelOn: boolean): Html {
  return html`<form method="post" action="${path}">
    ${formToken(session)}
    <p class="buttons">
      ${
        isModelOn
          ? html`<button class="destructive" id="switch-off" name="action" value="off">
              Switch the model off
            </button>`
          : html`<button class="primary" id="switch-on" name="action" value="on">
              Switch the model on
            </button>`
      }
    </p>
  </form>`;
}

/** What the page says when the switch alone does not help. */
export const STAYS_OFF = html`<p class="notice bad" role="alert">
  The model stays off, because a budget that you had set is not in use. Enter it again below, or
  clear its field.
</p>`;

export function spentCard(now: SpendingNow): Html {
  return html`<section class="card" id="spent">
    <h2>Spent</h2>
    ${budgetBars(now)}
  </section>`;
}

/** Budgets and prices in one form, because a budget in money needs prices. */
export function budgetForm(now: SpendingNow, { view, config, settings, link }: SpendingPage): Html {
  const listed = listedPrices(config.model, config.spending);
  return html`<section class="card">
    <h2>Budget</h2>
    <p class="hint">
      What a question may cost is set aside before it is asked, so a budget is not exceeded.
      ${noticesHint(link, config)} Days and months begin in your
      <a href="${link("/dashboard/settings/limits#TIME_ZONE")}">time zone</a>.
    </p>
    ${fieldsForm(view, settings, {
      id: "budget-form",
      fields: BUDGET_FIELDS,
      further: {
        heading: html`<h3>Prices</h3>
          ${pricesHint(now, config, listed)}`,
        fields: priceFields(listed),
      },
      action: "save",
      words: "Save budget and prices",
    })}
  </section>`;
}

function noticesHint(link: Link, { notices }: Config): Html {
  const path = link("/dashboard/settings/notices");
  return isReported("budget.reached", notices)
    ? html`You are <a href="${path}">notified</a> when 80% of it is spent, and when it is used up.`
    : html`Nobody is notified when it is used up: <a href="${path}">set up notices</a>.`;
}

function pricesHint(now: SpendingNow, config: Config, listed: ModelPrices | undefined): Content {
  const { model, spending } = config;
  if (model.kind !== "openai") return html`<p class="hint">The demo model costs nothing.</p>`;
  const isNamed = model.isNameSet || isOpenAi(model.baseUrl);
  const name = isNamed ? html`<bdi class="who">${model.name}</bdi>` : "your server’s model";
  const atMost = `The first answer of a conversation costs at most ${formatMoney(now.leastReservation.cost, spending.currency)}.`;
  if (spending.ownPrices !== undefined) {
    return html`<p class="hint">
      Of ${name}, as you have set them.
      ${listed && html`The list of ${PRICES_AS_OF} has ${listed.input} and ${listed.output}.`}
      ${atMost}
    </p>`;
  }
  if (listed === undefined) {
    return html`<p class="hint">
      Of ${name} no prices are
      known${spending.currency === "USD" ? "" : ` in ${spending.currency}`}. Enter those of its
      provider, or 0 for a model of your own.
    </p>`;
  }
  return html`<p class="hint">
    Of ${name}, from a list of ${PRICES_AS_OF}: compare them with your provider’s. Your own count in
    their place. ${atMost}
  </p>`;
}

export function proofForm({ view, settings }: SpendingPage): Html {
  return html`<section class="card">
    <h2>Crowds</h2>
    ${fieldsForm(view, settings, {
      id: "proof-form",
      fields: PROOF_FIELDS,
      action: "save-proof",
      words: "Save",
    })}
  </section>`;
}
