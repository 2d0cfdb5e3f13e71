import { parseArgs } from "node:util";

import { runCampaign, type Tally } from "../tests/faults/campaign.ts";
import { chooseSeed, createRandom } from "../tests/faults/random.ts";
import { cleanUp } from "../tests/support/process.ts";

/**
 * The fault suite for longer than CI has time: every fault once, then a server that is ended at random
 * moments, again and again, until the minutes are over.
 * Usage: bun run faults [--minutes N]; FAULTS_SEED repeats a run, CHATPORCH_BINARY names the binary.
 */

const MINUTE_MS = 60_000;
/** Then a new database: the longer one grows, the more of the time goes into reading it. */
const ROUNDS_OF_A_CAMPAIGN = 25;
const EX_USAGE = 64;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) {
    console.error("faults: --minutes wants a number, as in --minutes 30");
    return EX_USAGE;
  }
  const deadline = performance.now() + minutes * MINUTE_MS;
  const table = Bun.spawn([process.execPath, "test", "tests/faults"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const tableExit = await table.exited;

  const seed = chooseSeed();
  console.log(`faults: seed ${seed}, ${minutes} minutes`);
  const random = createRandom(seed);
  const isOver = () => performance.now() > deadline;
  const tallies: Tally[] = [];
  while (!isOver()) {
    const tally = await runCampaign({ rounds: ROUNDS_OF_A_CAMPAIGN, random, isOver });
    await cleanUp();
    tallies.push(tally);
    for (const loss of tally.losses) console.log(`✗ ${loss}`);
    console.log(`faults: ${describe(tallies)}`);
  }
  return tableExit === 0 && tallies.every(({ losses }) => losses.length === 0) ? 0 : 1;
}

function describe(tallies: readonly Tally[]): string {
  const sum = (of: (tally: Tally) => number) => tallies.reduce((total, t) => total + of(t), 0);
  return [
    `${sum(({ turns }) => turns)} questions acknowledged`,
    `${sum(({ answers }) => answers)} answered`,
    `${sum(({ cut }) => cut)} cut off`,
    `${sum(({ kills }) => kills)} kills`,
    `${sum(({ shutdowns }) => shutdowns)} shutdowns`,
    `${sum(({ losses }) => losses.length)} losses`,
  ].join(", ");
}

process.exit(await main());
