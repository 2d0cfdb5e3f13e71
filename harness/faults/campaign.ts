import { startBinary } from "../binary.ts";
import { KEYS, resume } from "../chat-requests.ts";
import { startModelServer } from "../model-server.ts";
import type { RunningServer, Settings } from "../process.ts";
import { Ledger } from "./ledger.ts";
import { answerLoad, answerTo, startLoad, VISITOR_COUNT } from "./load.ts";
import { NoticeLedger } from "./notice-ledger.ts";
import type { Random } from "./random.ts";
import { expectReturned, expectSteadyMemory, type Resources, resourcesOf } from "./resources.ts";
import { audit } from "./stored.ts";
import { readEvents } from "./visitor.ts";

/** The results of a campaign. */
export interface Tally {
  /** How many questions were acknowledged. */
  readonly turns: number;
  readonly answers: number;
  readonly cut: number;
  readonly kills: number;
  readonly shutdowns: number;
  /** How many notices the owner got, and how often one of them came again. */
  readonly notices: number;
  readonly repeated: number;
  /** What was acknowledged and is missing, or differs from what was sent. One sentence each. */
  readonly losses: readonly string[];
}

interface CampaignOptions {
  readonly rounds: number;
  readonly random: Random;
  /** True ends the campaign after the round. */
  readonly isOver?: () => boolean;
  /** Called after each round with the results so far. */
  readonly onRound?: (soFar: Tally) => void;
}

/** How long answers under way may take at a shutdown. The longest answers of the load take longer. */
const SHUTDOWN_GRACE_MS = 400;
/** One round in this many ends with SIGTERM, the others with SIGKILL. */
const SHUTDOWN_EVERY = 5;
/** A kill comes after at most this many events have been received: a second or two of the load. */
const MAX_EVENTS = 900;
/** A kill is delayed by at most this much, so that it does not always come at the end of a write. */
const MAX_DELAY_MS = 20;

/** Settings without rate limits, because all visitors have the same address. */
export const UNLIMITED: Settings = {
  RATE_LIMIT_MAX_REQUESTS: "1000000",
  MAX_STREAMS_PER_ADDRESS: "1000000",
};

/**
 * Runs rounds on one database file. In each round, a server under load is ended at a random moment and
 * started again. Then the ledger is compared with what is stored.
 */
export async function runCampaign(options: CampaignOptions): Promise<Tally> {
  const { rounds, random, isOver, onRound } = options;
  const model = startModelServer(answerLoad);
  const notices = new NoticeLedger(random);
  const settings = {
    ...KEYS,
    ...UNLIMITED,
    ...notices.settings,
    OPENAI_BASE_URL: model.url,
    SHUTDOWN_GRACE_MS: String(SHUTDOWN_GRACE_MS),
  };
  const ledger = new Ledger();
  const losses: string[] = [];
  let kills = 0;
  let shutdowns = 0;

  function tally(): Tally {
    const turns = ledger.acknowledged;
    const answers = turns.filter(({ done }) => done !== undefined).length;
    return {
      turns: turns.length,
      answers,
      cut: turns.length - answers,
      kills,
      shutdowns,
      ...notices.counts,
      losses: [...losses],
    };
  }

  let server = await startBinary(settings);
  try {
    for (let round = 0; round < rounds && !isOver?.(); round += 1) {
      const signal = round % SHUTDOWN_EVERY === SHUTDOWN_EVERY - 1 ? "SIGTERM" : "SIGKILL";
      const load = startLoad(server.url, ledger, round * 1000);
      await ledger.events(random.between(1, MAX_EVENTS));
      // Waits for an answer first, so that a server that the machine had kept waiting makes some progress.
      await (await fetch(`${server.url}/health`)).text();
      await Bun.sleep(random.between(0, MAX_DELAY_MS));
      if (signal === "SIGKILL") ledger.serverKilled(performance.now());
      const exitCode = await server.stop(signal);
      await load.stop();
      if (signal === "SIGKILL") kills += 1;
      else shutdowns += 1;
      if (exitCode !== (signal === "SIGKILL" ? 137 : 0)) losses.push(`exit code ${exitCode}`);

      server = await startBinary(settings, server.folder);
      const problems = [
        ...(await audit(server, ledger)),
        ...(await checkResumedTurns(server, ledger)),
      ];
      losses.push(...problems.map((problem) => `round ${round}, ${signal}: ${problem}`));
      onRound?.(tally());
    }
    losses.push(...(await heldAfter(server, ledger, rounds * 1000)));
    losses.push(...(await audit(server, ledger)));
    losses.push(...(await notices.compare(server)));
    await server.stop();
  } finally {
    await Promise.all([model.stop(), notices.stop()]);
  }
  for (const { question, done } of ledger.turns) {
    if (done === undefined || done === answerTo(question)) continue;
    losses.push(`"${question}" was answered with "${done}"`);
  }
  return tally();
}

/**
 * Puts the last process under the same load again and again. Afterwards it must have the same open files, no
 * answer and no stream open, and no more memory.
 * @returns what it holds on to, as sentences
 */
async function heldAfter(server: RunningServer, ledger: Ledger, from: number): Promise<string[]> {
  let before: Resources | undefined;
  try {
    await expectSteadyMemory(server, "the last process", async (time) => {
      const load = startLoad(server.url, ledger, from + time * 1000);
      await ledger.events(MAX_EVENTS);
      await load.stop();
      before ??= resourcesOf(server.pid);
    });
    // Each visitor keeps a connection for the next question, and the server keeps one to the model for each.
    await expectReturned(server, before, "the last process", 2 * VISITOR_COUNT);
    return [];
  } catch (error) {
    // A long run lists this with its other findings and goes on.
    return [String(error)];
  }
}

/** Checks that the next server returns the newest turn of each session as its visitor had received it. */
async function checkResumedTurns(server: RunningServer, ledger: Ledger): Promise<string[]> {
  const newest = new Map(ledger.acknowledged.map((turn) => [turn.sessionId, turn]));
  const problems: string[] = [];
  for (const { turnId = "", question, done } of newest.values()) {
    const events = await Array.fromAsync(readEvents(await resume(server.url, turnId)));
    const last = events.at(-1);
    const isSame = last?.type === "done" ? done === undefined || last.message === done : !done;
    if (!isSame) problems.push(`"${question}" (${turnId}) now ends with ${last?.type}`);
  }
  return problems;
}
