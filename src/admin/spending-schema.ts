import { t } from "elysia";

import { NO_DEFAULT, WholeNumber } from "../chat/schema.ts";
import { BUDGET_UNITS } from "../config/spending.ts";

/** The request and the response of GET /v1/admin/spending. */

export const SpendingQuery = t.Object(
  {
    days: t.Optional(
      t.String({
        pattern: "^(?:[1-9][0-9]?|[12][0-9]{2}|3(?:[0-5][0-9]|6[0-6]))$",
        description: "how many days to list, today included: 1 to 366",
        examples: ["30"],
      }),
    ),
  },
  { additionalProperties: false, description: "only days" },
);

const Millionths = t.Unsafe<number>({
  type: "integer",
  description: "in millionths of the currency; calls whose prices were not known count 0",
});

const amount = { inputTokens: WholeNumber, outputTokens: WholeNumber, cost: Millionths };

const SpentAmount = t.Object(amount, { title: "SpentAmount" });

const SpentPeriod = t.Object(
  {
    period: t.String({
      description: "in the owner's time zone",
      examples: ["2026-11-26", "2026-11"],
    }),
    spent: SpentAmount,
    held: SpentAmount,
    budget: t.Optional(
      t.Unsafe<number>({
        type: "integer",
        description: "in the unit; of money, in millionths of the currency; missing: there is none",
      }),
    ),
  },
  { title: "SpentPeriod", description: "what is spent, and what is set aside for calls under way" },
);

const SpentDay = t.Object(
  { day: t.String({ examples: ["2026-11-26"] }), ...amount },
  { title: "SpentDay" },
);

export const SpendingSchema = t.Object(
  {
    isModelOn: t.Boolean(),
    unit: t.UnionEnum(BUDGET_UNITS, { ...NO_DEFAULT, title: "BudgetUnit" }),
    currency: t.String({ description: "three letters (ISO 4217)", examples: ["USD"] }),
    prices: t.Optional(
      t.Object(
        { input: t.Number(), output: t.Number() },
        { title: "ModelPrices", description: "for a million tokens; missing: not known" },
      ),
    ),
    day: SpentPeriod,
    month: SpentPeriod,
    days: t.Array(SpentDay, { description: "the oldest first; days without calls are left out" }),
  },
  { title: "Spending" },
);
