import type { Networks } from "../net/client-networks.ts";
import type { SharedCount, SharedCounters } from "../peers/shared-counters.ts";
import { withDeadline } from "../runtime/deadline.ts";
import {
  decide,
  type RateLimitBudget,
  type RateLimitDecision,
  type RateLimiter,
} from "./rate-limiter.ts";

const DEADLINE_MS = 100;

/**
 * The other budgets protect one process: its connections and its log. Their counts stay with it, and cost no
 * round trip.
 */
const SHARED: ReadonlySet<RateLimitBudget["name"]> = new Set([
  "chat",
  "admin",
  "login",
  "requests",
  "session-requests",
  "proofs",
]);

interface SharedLimiterOptions {
  /** Counts the requests of this process. */
  readonly own: OwnLimiter;
  readonly counters: SharedCounters;
  /** A request waits no longer for the other replicas' counts. 100 by default. */
  readonly deadlineMs?: number;
}

interface OwnLimiter extends RateLimiter {
  /** Takes over what all replicas together have counted for a network. */
  adopt(budget: RateLimitBudget, network: Networks[number], counted: SharedCount): void;
}

/**
 * One budget for an address at all replicas together. Whatever this process knows to be over the budget is
 * refused by it, so a flood does not reach the shared counts. While those cannot be reached, each replica
 * counts for itself, so an address has its budget at each of them.
 */
export function createSharedLimiter({
  own,
  counters,
  deadlineMs = DEADLINE_MS,
}: SharedLimiterOptions): RateLimiter {
  /** Whether an answer is overdue. Until it has come, or the connection is given up, nobody waits again. */
  let isLate = false;

  async function ask(budget: RateLimitBudget, networks: Networks): Promise<readonly SharedCount[]> {
    const { name, maxRequests, windowMs } = budget;
    const counted = networks.map((network) => ({
      name: `${name} ${network.name}`,
      limit: maxRequests * network.share,
    }));
    const answer = counters.add(windowMs, counted);
    const settle = () => void (isLate = false);
    try {
      return await withDeadline(answer, deadlineMs);
    } catch {
      // Without the counts of the others, the own ones decide.
      isLate = true;
      answer.then(settle, settle);
      return [];
    }
  }

  return {
    async consume(budget, networks): Promise<RateLimitDecision> {
      const ownDecision = await own.consume(budget, networks);
      if (!ownDecision.isAllowed || !SHARED.has(budget.name)) return ownDecision;
      if (isLate || !counters.isUp) return ownDecision;
      let tightest: RateLimitDecision | undefined;
      let usedShare = 0;
      for (const [index, counted] of (await ask(budget, networks)).entries()) {
        const network = networks[index];
        if (!network) break;
        own.adopt(budget, network, counted);
        const decision = decide(budget.maxRequests * network.share, counted);
        // Networks behind one that is over its limit were not counted.
        if (tightest?.isAllowed === false) continue;
        if (!decision.isAllowed || decision.remaining < (tightest?.remaining ?? Number.MAX_VALUE)) {
          tightest = decision;
        }
        usedShare = Math.max(usedShare, decision.usedShare);
      }
      return tightest === undefined ? ownDecision : { ...tightest, usedShare };
    },
  };
}
