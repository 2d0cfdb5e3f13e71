import { startBinary } from "../binary.ts";
import { KEYS, resume } from "../chat-requests.ts";
import { startModelServer } from "../model-server.ts";
import type { RunningServer, Settings } from "../process.ts";
import { Ledger } from "./ledger.ts";
import { answerLoad, answerTo, startLoad, VISITOR_COUNT } from "./load.ts";
import type { Random } from "./random.ts";
import { expectReturned, expectSteadyMemory, type Resources, resourcesOf } from "./resources.ts";
import { audit } from "./stored.ts";
import { readEvents } from "./visitor.ts";

/** What a campaign came to. */
export interface Tally {
  /** Questions that were acknowledged. */
  readonly turns: number;
  readonly answers: number;
  readonly cut: number;
  readonly kills: number;
  readonly shutdowns: number;
  /** What was acknowledged and is not there, or is not as it was told; a sentence each. */
  readonly losses: readonly string[];
}

export interface CampaignOptions {
  readonly rounds: number;
  readonly random: Random;
  /** True ends the campaign after the round. */
  readonly isOver?: () => boolean;
  /** Told after each round what it has come to so far. */
  readonly onRound?: (soFar: Tally) => void;
}

/** Answers that are under way at a shutdown get this long; the longest of the load take more. */
const SHUTDOWN_GRACE_MS = 400;
/** Of so many rounds one ends with SIGTERM, the others with SIGKILL. */
const SHUTDOWN_EVERY = 5;
/** A kill comes after so many events were heard, at most: a second or two of the load. */
const MAX_EVENTS = 900;
/** And so much later, so that it does not always meet the server at the end of a write. */
const MAX_DELAY_MS = 20;

/** Without a limit of requests: the visitors all have one address. */
export const UNLIMITED: Settings = {
  RATE_LIMIT_MAX_REQUESTS: "1000000",
  MAX_STREAMS_PER_ADDRESS: "1000000",
};

/**
 * Rounds on one database file: a server under load that is ended at a random moment and started again,
 * and after each the ledger against what is stored.
 */
export async function runCampaign(options: CampaignOptions): Promise<Tally> {
  const { rounds, random, isOver, onRound } = options;
  const model = startModelServer(answerLoad);
  const settings = {
    ...KEYS,
    ...UNLIMITED,
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
      losses: [...losses],
    };
  }

  let server = await startBinary(settings);
  try {
    for (let round = 0; round < rounds && !isOver?.(); round += 1) {
      const signal = round % SHUTDOWN_EVERY === SHUTDOWN_EVERY - 1 ? "SIGTERM" : "SIGKILL";
      const load = startLoad(server.url, ledger, round * 1000);
      await ledger.events(random.between(1, MAX_EVENTS));
      // A server that the machine let stand still has had its turn.
      await (await fetch(`${server.url}/health`)).text();
      await Bun.sleep(random.between(0, MAX_DELAY_MS));
      if (signal === "SIGKILL") ledger.serverKilled(performance.now());
      const exitCode = await server.stop(signal);
      await load.stop();
      if (signal === "SIGKILL") kills += 1;
      else shutdowns += 1;
      if (exitCode !== (signal === "SIGKILL" ? 137 : 0)) losses.push(`exit code ${exitCode}`);

      server = await startBinary(settings, server.folder);
      const problems = [...(await audit(server, ledger)), ...(await tellAgain(server, ledger))];
      losses.push(...problems.map((problem) => `round ${round}, ${signal}: ${problem}`));
      onRound?.(tally());
    }
    losses.push(...(await heldAfter(server, ledger, rounds * 1000)));
    losses.push(...(await audit(server, ledger)));
    await server.stop();
  } finally {
    await model.stop();
  }
  for (const { question, done } of ledger.turns) {
    if (done === undefined || done === answerTo(question)) continue;
    losses.push(`"${question}" was answered with "${done}"`);
  }
  return tally();
}

/**
 * The process after all the kills, under the same load again and again: it ends with the files that it
 * had, no answer and no stream open, and no more memory.
 * @returns what it holds on to, in a sentence
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
    // For the next question each visitor keeps a connection, and the server one to the model.
    await expectReturned(server, before, "the last process", 2 * VISITOR_COUNT);
    return [];
  } catch (error) {
    // A long run tells it with all else that it finds, and goes on.
    return [String(error)];
  }
}

/** The newest turn of each session is told by the next server as its asker has heard it. */
async function tellAgain(server: RunningServer, ledger: Ledger): Promise<string[]> {
  const newest = new Map(ledger.acknowledged.map((turn) => [turn.sessionId, turn]));
  const problems: string[] = [];
  for (const { turnId = "", question, done } of newest.values()) {
    const events = await Array.fromAsync(readEvents(await resume(server.url, turnId)));
    const last = events.at(-1);
    const isSame = last?.type === "done" ? done === undefined || last.message === done : !done;
    if (!isSame) problems.push(`"${question}" (${turnId}) is told again as ${last?.type}`);
  }
  return problems;
}
