import { parseArgs } from "node:util";

import { compiledBinary } from "../harness/binary.ts";
import { runCampaign, type Tally } from "../harness/faults/campaign.ts";
import { chooseSeed, createRandom } from "../harness/faults/random.ts";
import { cleanUp } from "../harness/process.ts";

/**
 * The fault suite on the compiled binary, for longer than CI has time. Every fault comes once. After that, a
 * server is ended at random moments, again and again, until the minutes are over.
 * Usage: bun run faults [--minutes N]
 * FAULTS_SEED repeats a run. CHATPORCH_BINARY names an existing binary.
 */

const MINUTE_MS = 60_000;
/** Each campaign has a new database, because reading a large one would take too much of the time. */
const ROUNDS_OF_A_CAMPAIGN = 25;
/** How often the progress is printed. */
const PROGRESS_EVERY_MS = MINUTE_MS;
const EX_USAGE = 64;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) {
    console.error("faults: --minutes needs a number, as in --minutes 30");
    return EX_USAGE;
  }
  const deadline = performance.now() + minutes * MINUTE_MS;
  const binary = await compiledBinary();
  console.log(`faults: ${minutes} minutes on ${binary}; first every fault once`);
  const table = Bun.spawn([process.execPath, "test", "tests/faults"], {
    env: { ...process.env, CHATPORCH_BINARY: binary },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const isTableWhole = (await table.exited) === 0;

  const tallies = await runCampaigns(deadline);
  const hasLosses = tallies.some(({ losses }) => losses.length > 0);
  const verdict = isTableWhole && !hasLosses ? "all checks passed" : "FAILED";
  console.log(
    `faults: ${isTableWhole ? "every fault was handled" : "a fault was not handled, see above"}`,
  );
  console.log(`faults: ${verdict}: ${describe(tallies)}`);
  return isTableWhole && !hasLosses ? 0 : 1;
}

/** Runs one campaign after the other until the time is over. */
async function runCampaigns(deadline: number): Promise<readonly Tally[]> {
  const seed = chooseSeed();
  console.log(`faults: now a server that is ended at random moments; FAULTS_SEED=${seed}`);
  const random = createRandom(seed);
  const tallies: Tally[] = [];
  let printedAt = performance.now();
  let printedLosses = 0;

  function print(current: Tally): void {
    for (const loss of current.losses.slice(printedLosses)) console.log(`✗ ${loss}`);
    printedLosses = current.losses.length;
    if (performance.now() - printedAt < PROGRESS_EVERY_MS) return;
    printedAt = performance.now();
    console.log(`faults: ${timeLeft(deadline)} left, ${describe([...tallies, current])}`);
  }

  while (performance.now() < deadline) {
    const tally = await runCampaign({
      rounds: ROUNDS_OF_A_CAMPAIGN,
      random,
      isOver: () => performance.now() > deadline,
      onRound: print,
    });
    print(tally);
    printedLosses = 0;
    tallies.push(tally);
    await cleanUp();
  }
  return tallies;
}

function timeLeft(deadline: number): string {
  const seconds = Math.max(0, Math.round((deadline - performance.now()) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
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
