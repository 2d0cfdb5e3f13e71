import { parseArgs } from "node:util";

import { BALANCER_NAMES, type BalancerName } from "../harness/balancer.ts";
import { compiledBinary } from "../harness/binary.ts";
import { runCampaign, type Tally } from "../harness/faults/campaign.ts";
import { chooseSeed, createRandom } from "../harness/faults/random.ts";
import { cleanUp } from "../harness/process.ts";
import { breakCluster } from "./cluster-faults.ts";

/**
 * The fault suite on the compiled binary, for longer than CI has time. Every fault comes once. After that, a
 * server is ended at random moments, again and again, until the minutes are over.
 * With --cluster, three replicas behind a balancer are put under load instead, and they, PostgreSQL, Redis and the
 * network between them are broken at random until the minutes are over.
 * Usage: bun run faults [--minutes N] [--cluster] [--balancer haproxy|nginx] [--seed N]
 * FAULTS_SEED repeats a run, as --seed does. CHATPORCH_BINARY names an existing binary.
 */

const MINUTE_MS = 60_000;
/** Each campaign has a new database, because reading a large one would take too much of the time. */
const ROUNDS_OF_A_CAMPAIGN = 25;
/** How often the progress is printed. */
const PROGRESS_EVERY_MS = MINUTE_MS;
const EX_USAGE = 64;
/** Answers with random ends: ten thousand in all, which is more than the tests ask for. */
const LEDGER = "tests/spending/ledger.test.ts";
const LEDGER_TURNS = "3700";

interface Options {
  readonly minutes: number;
  readonly seed: number;
  /** Undefined: a single server. */
  readonly balancer: BalancerName | undefined;
}

/** @throws a sentence about what is wrong */
function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "10" },
      seed: { type: "string", default: String(chooseSeed()) },
      cluster: { type: "boolean", default: false },
      balancer: { type: "string", default: "haproxy" },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error("--minutes needs a number, as in --minutes 30");
  const seed = Number(values.seed);
  if (!(Number.isInteger(seed) && seed > 0)) throw new Error("--seed needs a whole number");
  const balancer = BALANCER_NAMES.find((name) => name === values.balancer);
  if (!balancer) throw new Error(`--balancer is ${BALANCER_NAMES.join(" or ")}`);
  return { minutes, seed, balancer: values.cluster ? balancer : undefined };
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`faults: ${error instanceof Error ? error.message : String(error)}`);
    return EX_USAGE;
  }
  const { minutes, seed, balancer } = options;
  const binary = await compiledBinary();
  if (balancer) return (await breakCluster({ minutes, seed, balancer, binary })) ? 0 : 1;

  const deadline = performance.now() + minutes * MINUTE_MS;
  console.log(`faults: ${minutes} minutes on ${binary}; first every fault once`);
  const table = Bun.spawn([process.execPath, "test", "tests/faults", LEDGER], {
    env: { ...process.env, CHATPORCH_BINARY: binary, LEDGER_TURNS },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const isTableWhole = (await table.exited) === 0;

  const tallies = await runCampaigns(deadline, seed);
  const hasLosses = tallies.some(({ losses }) => losses.length > 0);
  const verdict = isTableWhole && !hasLosses ? "all checks passed" : "FAILED";
  console.log(
    `faults: ${isTableWhole ? "every fault was handled" : "a fault was not handled, see above"}`,
  );
  console.log(`faults: ${verdict}: ${describe(tallies)}`);
  return isTableWhole && !hasLosses ? 0 : 1;
}

/** Runs one campaign after the other until the time is over. */
async function runCampaigns(deadline: number, seed: number): Promise<readonly Tally[]> {
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
    `${sum(({ notices }) => notices)} notices, ${sum(({ repeated }) => repeated)} of them again`,
    `${sum(({ losses }) => losses.length)} losses`,
  ].join(", ");
}

process.exit(await main());
