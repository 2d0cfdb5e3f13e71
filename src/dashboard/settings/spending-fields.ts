import type { ModelPrices } from "../../config/model-prices.ts";
import type { Field } from "./fields.ts";

export const BUDGET_FIELDS: readonly Field[] = [
  {
    name: "BUDGET_UNIT",
    label: "Budgets are in",
    kind: "choice",
    choices: [
      ["", "money"],
      ["tokens", "tokens"],
    ],
  },
  {
    name: "BUDGET_PER_DAY",
    label: "Budget of a day",
    hint: "Such as 5 or 2.50; of tokens, such as 1000000. Empty: no limit.",
    kind: "decimal",
  },
  {
    name: "BUDGET_PER_MONTH",
    label: "Budget of a month",
    hint: "Both may be set: the first to be reached counts.",
    kind: "decimal",
  },
  {
    name: "BUDGET_SHARE",
    label: "Share of one visitor, in percent",
    hint: "Of a day’s budget, by session and by network. 100: one may use all of it.",
    kind: "number",
  },
  {
    name: "BUDGET_MESSAGE",
    label: "What visitors read when it is used up",
    hint: "Also while the model is off. Empty: the widget’s own sentence, in their language.",
    kind: "lines",
  },
];

const CURRENCY_FIELD: Field = {
  name: "CURRENCY",
  label: "Currency",
  hint: "Its three letters, such as EUR. Nothing is converted.",
  kind: "line",
};

/** @param listed stand in the place of prices that the owner has not set */
export function priceFields(listed?: ModelPrices): readonly Field[] {
  return [
    CURRENCY_FIELD,
    {
      name: "PRICE_INPUT",
      label: "Price of a million tokens read",
      kind: "decimal",
      ...(listed && { whenEmpty: String(listed.input) }),
    },
    {
      name: "PRICE_OUTPUT",
      label: "Price of a million tokens written",
      hint: "What the model thinks counts as written.",
      kind: "decimal",
      ...(listed && { whenEmpty: String(listed.output) }),
    },
  ];
}

export const PROOF_FIELDS: readonly Field[] = [
  {
    name: "PROOF_OF_WORK",
    label: "Proof of work",
    hint: "From half of an address’s limit on, or 80% of a budget, a browser has to compute for a moment before its question is taken. Programs with a key of their own are exempt.",
    kind: "choice",
    choices: [
      ["", "while there is a budget"],
      ["on", "also without a budget"],
      ["off", "never"],
    ],
  },
];

export const SPENDING_FIELDS: readonly Field[] = [
  ...BUDGET_FIELDS,
  ...priceFields(),
  ...PROOF_FIELDS,
];
