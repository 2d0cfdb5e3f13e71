import { JsonVisit, StreamVisit } from "./cluster-visit.ts";
import type { Ledger, LedgerTurn } from "./ledger.ts";
import type { Random } from "./random.ts";
import { isConnectionLoss } from "./visitor.ts";

/**
 * How long a visitor tries. The longest fault takes 8 s. Its answer is declared interrupted after that, or it
 * ends at the other side of a balancer that has to notice the fault, too.
 */
const PATIENCE_MS = 45_000;
/** A visitor whose request failed tries again after this time. */
const PAUSE_MS = 150;

/** What was seen of a question besides what the ledger knows. */
export interface Asked {
  readonly turn: LedgerTurn;
  /** How long the visitor waited for the end. */
  readonly tookMs: number;
  /** What was sent wrongly, a sentence each. */
  readonly problems: readonly string[];
}

interface AskedQuestion {
  readonly sessionId: string;
  readonly question: string;
  readonly mode?: "stream" | "json";
}

/**
 * Asks a question at whichever replica the balancer gives, and goes on until the answer has ended: repeats it with
 * its key while it is not acknowledged, and resumes the answer whenever the connection breaks. Breaks its own
 * connection, and stops an answer, now and then.
 */
export async function askAcross(
  url: string,
  ledger: Ledger,
  { sessionId, question, mode = "stream" }: AskedQuestion,
  random: Random,
): Promise<Asked> {
  const turn = ledger.ask(sessionId, question);
  const visit = mode === "stream" ? new StreamVisit(url, turn, random) : new JsonVisit(url, turn);
  const startedAt = performance.now();
  while (!visit.isOver) {
    if (performance.now() - startedAt > PATIENCE_MS) {
      visit.wrong(`was sent no end within ${PATIENCE_MS / 1000} s`);
      break;
    }
    try {
      await visit.go();
    } catch (error) {
      if (!isConnectionLoss(error)) throw error;
    }
    if (!visit.isOver) await Bun.sleep(random.between(0, PAUSE_MS));
  }
  return { turn, problems: visit.problems, tookMs: performance.now() - startedAt };
}
