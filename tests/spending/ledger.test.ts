import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { createRandom } from "../../harness/faults/random.ts";
import { type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { CountingModel } from "../../harness/spending/counting-model.ts";
import { PLANNED_SETTINGS, planTurns } from "../../harness/spending/planned-turn.ts";
import { askPlanned } from "../../harness/spending/visitors.ts";
import { formatNumber } from "../../src/dashboard/formats.ts";
import type { Amount, Spent } from "../../src/store/spending-store.ts";
import { askAdmin } from "../support/admin-requests.ts";
import { openDashboard } from "../support/dashboard-requests.ts";
import { ARRANGEMENTS, sendTo, type SpendingServers } from "../support/spending-servers.ts";
import { until } from "../support/until.ts";

/** Thousands of turns whose ends are random, until the budget of the day is reached. */

setDefaultTimeout(120_000);

const SEED = Number(process.env.LEDGER_SEED ?? 19);
/** `bun run faults` asks more: ten thousand are begun in the three arrangements together. */
const TURNS = Number(process.env.LEDGER_TURNS ?? 1200);
const VISITORS = 40;
/** The budget has room for about nine tenths of the turns. */
const BUDGET = TURNS * 170;
const ENV = {
  ...PLANNED_SETTINGS,
  OPENAI_MODEL: "counting",
  SYSTEM_PROMPT: "Be kind and short.",
  BUDGET_PER_DAY: String(BUDGET),
  BUDGET_PER_MONTH: String(BUDGET * 10),
  PRICE_INPUT: "3",
  PRICE_OUTPUT: "7",
};
const DAY = "2026-11-23";
const MONTH = "2026-11";
const NOTHING: Amount = { inputTokens: 0, outputTokens: 0, cost: 0 };

let model: ModelServer | undefined;
let opened: SpendingServers | undefined;

afterEach(async () => {
  await opened?.close();
  await model?.stop();
});

async function sumsOf({ store }: SpendingServers): Promise<readonly [day: Spent, month: Spent]> {
  const [day, month] = await store.spentIn([DAY, MONTH]);
  if (day === undefined || month === undefined) throw new Error("There are no sums.");
  return [day, month];
}

/** The costs that are stored with the answers, in millionths. */
async function costOfAnswers({ servers: [server] }: SpendingServers): Promise<number> {
  const response = await askAdmin(server, "/v1/admin/conversations/export?format=ndjson");
  const lines = (await response.text()).trimEnd().split("\n");
  const messages = lines.map((line): { readonly cost?: number } => JSON.parse(line));
  return messages.reduce((sum, { cost = 0 }) => sum + cost, 0);
}

describe.each(ARRANGEMENTS)("%s", (_, open) => {
  test("spends no more than its budget and what is reserved at once, however its answers end, and shows the sum", async () => {
    const count = new CountingModel();
    model = startModelServer(count.script);
    opened = await open({ modelUrl: model.url, env: ENV });
    const { servers } = opened;
    const lost = servers[1]?.replica;
    let ended = 0;
    const startedAt = performance.now();
    const ends = await askPlanned({
      turns: TURNS,
      plan: planTurns(createRandom(SEED)),
      servers: servers.map(sendTo),
      visitors: VISITORS,
      onTurn() {
        ended += 1;
        // One of three is given up by the others, who settle what it has reserved, and comes back.
        if (ended === Math.floor(TURNS / 4)) lost?.pause();
        if (ended === Math.floor(TURNS / 2)) lost?.resume();
      },
    });
    const sums = opened;
    await until(async () => (await sumsOf(sums))[0].held.outputTokens === 0);
    const [day, month] = await sumsOf(sums);
    const counted = count.counted.inputTokens + count.counted.outputTokens;
    const spent = day.inputTokens + day.outputTokens;
    const ms = Math.round(performance.now() - startedAt);
    const figures = { ...Object.fromEntries(ends), budget: BUDGET, counted, spent, ms };
    console.log(`ledger: seed ${SEED}, ${JSON.stringify(figures)}`);

    expect(spent).toBeGreaterThan(0.9 * BUDGET);
    expect(ends.get("budget_reached")).toBeGreaterThan(0);
    expect(counted).toBeLessThanOrEqual(BUDGET + VISITORS * count.mostOfOneTurn);
    expect(day.held).toEqual(NOTHING);
    expect({ ...month, period: DAY }).toEqual(day);
    expect(day.cost).toBe(3 * day.inputTokens + 7 * day.outputTokens);
    expect(await costOfAnswers(opened)).toBe(day.cost);
    for (const server of servers) {
      const { inputTokens, outputTokens, cost } = day;
      const response = await askAdmin(server, "/v1/admin/spending");
      expect(await response.json()).toMatchObject({
        day: { period: DAY, spent: { inputTokens, outputTokens, cost }, held: NOTHING },
      });
      const { get } = await openDashboard(server);
      const { body } = await get("/dashboard/settings/spending");
      const [read, written] = [day.inputTokens, day.outputTokens].map(formatNumber);
      expect(body).toContain(`${read} tokens read, ${written} written.`);
    }
  });
});
