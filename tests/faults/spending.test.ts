import { afterEach, expect, setDefaultTimeout, test } from "bun:test";

import { startBinary } from "../../harness/binary.ts";
import { KEYS } from "../../harness/chat-requests.ts";
import { UNLIMITED } from "../../harness/faults/campaign.ts";
import { chooseSeed, createRandom } from "../../harness/faults/random.ts";
import { startModelServer } from "../../harness/model-server.ts";
import { cleanUp, type RunningServer } from "../../harness/process.ts";
import { CountingModel } from "../../harness/spending/counting-model.ts";
import { PLANNED_SETTINGS, planTurns } from "../../harness/spending/planned-turn.ts";
import { readSpending, sendOver, spentOf } from "../../harness/spending/server.ts";
import { askPlanned } from "../../harness/spending/visitors.ts";

setDefaultTimeout(120_000);

const ROUNDS = 6;
const VISITORS = 16;
/** The process is killed after at most so many turns have ended. */
const MAX_TURNS = 120;
/** Reached in one of the last rounds. */
const BUDGET = 60_000;
/** A reservation: the prompt with its history, counted safely, and the longest answer. */
const MOST_OF_A_TURN = 1000;

afterEach(cleanUp);

test("a budget holds however often the process is killed, and what was reserved then counts as spent", async () => {
  const seed = chooseSeed();
  const random = createRandom(seed);
  const count = new CountingModel();
  const model = startModelServer(count.script);
  const settings = {
    ...KEYS,
    ...UNLIMITED,
    ...PLANNED_SETTINGS,
    OPENAI_BASE_URL: model.url,
    ABANDONED_TURN_GRACE_MS: "50",
    BUDGET_PER_DAY: String(BUDGET),
    BUDGET_PER_MONTH: String(10 * BUDGET),
  };
  const plan = planTurns(random);
  let from = 0;
  let server: RunningServer = await startBinary(settings);
  const { folder } = server;
  for (let round = 0; round < ROUNDS; round += 1) {
    const killAfter = random.between(1, MAX_TURNS);
    let ended = 0;
    let isKilled = false;
    const first = from;
    const killed = Promise.withResolvers<void>();
    const asking = askPlanned({
      turns: MAX_TURNS + VISITORS,
      plan: (number) => plan((from = first + number)),
      servers: [sendOver(server.url)],
      visitors: VISITORS,
      onTurn() {
        ended += 1;
        if (ended === killAfter) killed.resolve();
      },
      isOver: () => isKilled,
    });
    await Promise.race([killed.promise, asking]);
    isKilled = true;
    await server.stop("SIGKILL");
    await asking;
    server = await startBinary(settings, folder);
    const { day, month } = await readSpending(server.url);
    // The reservations of the killed process are settled before the first question.
    expect({ round, held: spentOf(day.held) }).toEqual({ round, held: 0 });
    expect(spentOf(month.spent)).toBe(spentOf(day.spent));
  }
  const { day } = await readSpending(server.url);
  const counted = spentOf(count.counted);
  console.log(
    `faults: seed ${seed}, ${counted} tokens by the model, ${spentOf(day.spent)} by the ledger`,
  );
  expect(counted).toBeLessThanOrEqual(BUDGET + VISITORS * MOST_OF_A_TURN);
  expect(spentOf(day.spent)).toBeLessThanOrEqual(BUDGET + VISITORS * MOST_OF_A_TURN);
  await server.stop();
  await model.stop();
});
