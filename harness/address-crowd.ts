import { startProcessorMeter } from "./processor-meter.ts";
import { type Solvable, solveProof } from "./proof-solver.ts";

/** Many addresses that ask, each as a new visitor, as a proxy in front forwards them (TRUST_PROXY=1). */
export interface AddressCrowd {
  /** Sends a request to the server. */
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
  readonly widgetKey: string;
  readonly addresses: number;
  /** The number of the first address. Two crowds have no address in common if their numbers are apart. */
  readonly first?: number;
  /** How often each of them asks. */
  readonly questions: number;
  readonly question: string;
  /** Whether they solve what is asked of them. */
  readonly solves: boolean;
  /** Whether they go away when nothing is answered any more. */
  readonly leavesAtBudget?: boolean;
}

export interface CrowdTally {
  readonly asked: number;
  readonly answered: number;
  /** How often a challenge was solved, and the milliseconds of a processor that it took them all. */
  readonly solved: number;
  readonly solvingMs: number;
  /** How many were refused in the end, by the code. */
  readonly refused: Readonly<Record<string, number>>;
}

/** How many of them ask at the same time. */
const AT_ONCE = 16;

/** All addresses ask once, one after the other, then all again. */
export async function askFromEverywhere(crowd: AddressCrowd): Promise<CrowdTally> {
  const { addresses, questions, first = 0 } = crowd;
  const refused: Record<string, number> = {};
  const proofs = new Map<number, string>();
  const tally = { asked: 0, answered: 0, solved: 0, solvingMs: 0, refused };

  function solve(number: number, challenge: Solvable): void {
    const spentMs = startProcessorMeter();
    proofs.set(number, solveProof(challenge));
    tally.solvingMs += spentMs();
    tally.solved += 1;
  }

  async function askOnce(number: number): Promise<void> {
    tally.asked += 1;
    const answer = await send(crowd, number, proofs.get(number));
    const { challenge } = answer;
    if (challenge === undefined || !crowd.solves) return count(answer);
    solve(number, challenge);
    count(await send(crowd, number, proofs.get(number)));
  }

  function count({ code }: Answer): void {
    if (code === undefined) tally.answered += 1;
    else refused[code] = (refused[code] ?? 0) + 1;
  }

  let next = 0;
  async function askInTurn(): Promise<void> {
    while (next < addresses * questions) {
      if (crowd.leavesAtBudget === true && refused.budget_reached !== undefined) return;
      await askOnce(first + (next++ % addresses));
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, askInTurn));
  return tally;
}

interface Answer {
  /** Undefined: it was answered. */
  readonly code?: string;
  readonly challenge?: Solvable;
}

async function send(
  { fetch, widgetKey, question }: AddressCrowd,
  number: number,
  proof: string | undefined,
): Promise<Answer> {
  const headers = {
    "content-type": "application/json",
    "x-api-key": widgetKey,
    "x-forwarded-for": `198.${18 + (number >> 16)}.${(number >> 8) & 0xff}.${number & 0xff}`,
    ...(proof === undefined ? {} : { "x-proof": proof }),
  };
  const body = JSON.stringify({ sessionId: `visitor-${number}`, message: question });
  const response = await fetch("/v1/chat", { method: "POST", headers, body });
  return (await response.json()) as Answer;
}
