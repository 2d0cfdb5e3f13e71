import { knownPrices, type ModelPrices, PRICES_CURRENCY } from "./model-prices.ts";
import { isOpenAi, type ModelSettings } from "./model.ts";
import type { SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** What a budget is counted in. */
export const BUDGET_UNITS = ["money", "tokens"] as const;
export type BudgetUnit = (typeof BUDGET_UNITS)[number];

/** What the model may cost. Sums of money are in millionths of the currency. */
export interface SpendingSettings {
  /** False: the owner has switched the model off. */
  readonly isModelOn: boolean;
  readonly unit: BudgetUnit;
  /** In the unit, for a day and a month of the owner. Undefined: without end. */
  readonly perDay: number | undefined;
  readonly perMonth: number | undefined;
  /** How much of a day's budget one visitor may use, in percent. 100: there is no such limit. */
  readonly sharePercent: number;
  /** Three letters (ISO 4217). It is only shown. */
  readonly currency: string;
  /** As the owner has set them. Undefined: those of the list (model-prices.ts), if it has the model. */
  readonly ownPrices: ModelPrices | undefined;
  /** What visitors read while nothing is answered. Undefined: the widget's own sentence. */
  readonly message: string | undefined;
}

/** The settings that keep the model from costing more than the owner wants. */
export const SPENDING_LIMITS: readonly string[] = [
  "MODEL_CALLS",
  "BUDGET_UNIT",
  "BUDGET_PER_DAY",
  "BUDGET_PER_MONTH",
];

export const MILLION = 1_000_000;
const DEFAULT_SHARE_PERCENT = 5;
const DEFAULT_CURRENCY = PRICES_CURRENCY;
const MAX_MESSAGE = 300;
/** A billion of a currency, and as many tokens: sums stay whole numbers. */
const MAX_BUDGET = 1_000_000_000;

export const SPENDING: SettingGroup<SpendingSettings> = {
  read: readSpendingSettings,
  shown: {
    MODEL_CALLS: ({ isModelOn }) => (isModelOn ? "on" : "off"),
    BUDGET_UNIT: ({ unit }) => unit,
    BUDGET_PER_DAY: ({ unit, perDay }) => budgetText(unit, perDay),
    BUDGET_PER_MONTH: ({ unit, perMonth }) => budgetText(unit, perMonth),
    BUDGET_SHARE: ({ sharePercent }) => String(sharePercent),
    BUDGET_MESSAGE: ({ message }) => message ?? "not set",
    CURRENCY: ({ currency }) => currency,
    PRICE_INPUT: ({ ownPrices }) => priceText(ownPrices?.input),
    PRICE_OUTPUT: ({ ownPrices }) => priceText(ownPrices?.output),
  },
  editable: [
    "MODEL_CALLS",
    "BUDGET_UNIT",
    "BUDGET_PER_DAY",
    "BUDGET_PER_MONTH",
    "BUDGET_SHARE",
    "BUDGET_MESSAGE",
    "CURRENCY",
    "PRICE_INPUT",
    "PRICE_OUTPUT",
  ],
};

function readSpendingSettings(reader: SettingReader): SpendingSettings {
  const unit = reader.choice("BUDGET_UNIT", BUDGET_UNITS, "money");
  return {
    isModelOn: reader.choice("MODEL_CALLS", ["on", "off"], "on") === "on",
    unit,
    perDay: readBudget(reader, "BUDGET_PER_DAY", unit),
    perMonth: readBudget(reader, "BUDGET_PER_MONTH", unit),
    sharePercent: reader.integer("BUDGET_SHARE", {
      fallback: DEFAULT_SHARE_PERCENT,
      min: 1,
      max: 100,
    }),
    currency: readCurrency(reader),
    ownPrices: readPrices(reader),
    message: readMessage(reader),
  };
}

/** A sum of money, such as 5 or 2.50, or a number of tokens. */
function readBudget(reader: SettingReader, name: string, unit: BudgetUnit): number | undefined {
  if (unit === "money") {
    const sum = readDecimal(reader, name, "5.00");
    // Nobody may mean it: some write 0 for "no limit".
    if (sum === 0) reader.refuse(name, "must be more than 0. Leave it out for no limit", "5.00");
    return sum === undefined ? undefined : Math.round(sum * MILLION);
  }
  if (reader.text(name) === undefined) return undefined;
  return reader.integer(name, { fallback: MILLION, min: 1, max: MAX_BUDGET * 1000 });
}

function readPrices(reader: SettingReader): ModelPrices | undefined {
  const input = readDecimal(reader, "PRICE_INPUT", "0.40");
  const output = readDecimal(reader, "PRICE_OUTPUT", "1.60");
  if (input !== undefined && output !== undefined) return { input, output };
  if (input === undefined && output === undefined) return undefined;
  const missing = input === undefined ? "PRICE_INPUT" : "PRICE_OUTPUT";
  if (!reader.hasProblem("PRICE_INPUT", "PRICE_OUTPUT")) {
    reader.refuse(missing, "is needed together with the other price", "0.40");
  }
  return undefined;
}

/** A number with at most six decimal places. */
function readDecimal(reader: SettingReader, name: string, example: string): number | undefined {
  const text = reader.text(name);
  if (text === undefined) return undefined;
  const number = /^\d{1,10}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (number <= MAX_BUDGET) return number;
  reader.refuse(
    name,
    `must be a number up to ${MAX_BUDGET} with six decimal places at most, such as ${example}`,
    example,
  );
  return undefined;
}

function readCurrency(reader: SettingReader): string {
  const text = reader.text("CURRENCY")?.toUpperCase() ?? DEFAULT_CURRENCY;
  if (/^[A-Z]{3}$/.test(text)) return text;
  reader.refuse("CURRENCY", "must be the three letters of a currency", DEFAULT_CURRENCY);
  return DEFAULT_CURRENCY;
}

function readMessage(reader: SettingReader): string | undefined {
  const text = reader.text("BUDGET_MESSAGE")?.replaceAll(/\s+/g, " ");
  if (text !== undefined && text.length > MAX_MESSAGE) {
    const example = "We answer again tomorrow.";
    reader.refuse("BUDGET_MESSAGE", `has more than ${MAX_MESSAGE} characters`, example);
  }
  return text;
}

function budgetText(unit: BudgetUnit, budget: number | undefined): string {
  if (budget === undefined) return "not set";
  return unit === "money" ? String(budget / MILLION) : String(budget);
}

function priceText(price: number | undefined): string {
  return price === undefined ? "not set" : String(price);
}

export function hasBudget({ perDay, perMonth }: SpendingSettings): boolean {
  return perDay !== undefined || perMonth !== undefined;
}

/** What the model in force takes for tokens. Undefined: nobody knows. */
export function pricesInForce({
  model,
  spending,
}: {
  readonly model: ModelSettings;
  readonly spending: SpendingSettings;
}): ModelPrices | undefined {
  if (model.kind !== "openai") return { input: 0, output: 0 };
  return spending.ownPrices ?? listedPrices(model, spending);
}

/** The prices of the list for the model that answers. Which one a server of one's own has is known only by its name. */
export function listedPrices(
  model: ModelSettings,
  spending: SpendingSettings,
): ModelPrices | undefined {
  if (model.kind !== "openai" || !(model.isNameSet || isOpenAi(model.baseUrl))) return undefined;
  return presetPrices(model.name, spending);
}

/** The list's prices of a model, which are in US dollars. Undefined: the list does not have it, or the owner counts otherwise. */
export function presetPrices(
  name: string,
  { currency }: Pick<SpendingSettings, "currency">,
): ModelPrices | undefined {
  return currency === PRICES_CURRENCY ? knownPrices(name) : undefined;
}

/** A budget in money holds only where it is known what a token costs. */
export function refuseUnknownPrices(
  reader: SettingReader,
  config: Parameters<typeof pricesInForce>[0],
): void {
  const { unit, perDay, perMonth } = config.spending;
  if (unit === "tokens" || pricesInForce(config) !== undefined) return;
  if (reader.hasProblem("PRICE_INPUT", "PRICE_OUTPUT")) return;
  const budgets = { BUDGET_PER_DAY: perDay, BUDGET_PER_MONTH: perMonth };
  for (const [name, budget] of Object.entries(budgets)) {
    if (budget === undefined) continue;
    reader.refuse(
      name,
      "is a sum of money, and the prices of this model are not known: set both prices, or count in tokens",
      "5.00",
    );
  }
}
