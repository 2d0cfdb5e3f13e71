import type { Config } from "../config/config.ts";
import { hasBudget } from "../config/spending.ts";
import { AppError } from "../errors.ts";
import type { RateLimiter } from "../http/rate-limiter.ts";
import { contextOf } from "../http/request-context.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Spending } from "../spending/spending.ts";
import { type Asker, createChallenges, PROOF_TTL_MS } from "./challenge.ts";
import { isSolution, parseProof } from "./solution.ts";

/** A client that has used more of its rate limit has to prove work. */
const SOFT_LIMIT_SHARE = 0.5;
/** When so much of a budget is spent, everybody has to. */
const SOFT_BUDGET_SHARE = 0.8;
/** How many questions one solution is good for. */
const PROOF_BUDGET = { name: "proofs", maxRequests: 10, windowMs: PROOF_TTL_MS } as const;

interface ProofDeps {
  readonly config: Pick<Config, "proof" | "spending">;
  readonly spending: Pick<Spending, "state" | "isOff" | "isUsedUp">;
  readonly limiter: RateLimiter;
  readonly metrics: Pick<Metrics, "proofs">;
  /** The secret of the session tokens. */
  readonly sessionSecret: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Refuses a question that needs a proof of work and has none.
 * @param sent the header x-proof
 * @throws AppError proof_required, with a challenge, whatever is wrong with what was sent
 */
export type RequireProof = (
  request: Request,
  sessionId: string,
  sent: string | undefined,
) => Promise<void>;

/**
 * The proof of work. It makes a crowd of addresses pay for its questions in processor time, once somebody asks for
 * more than visitors usually do, or most of a budget is spent. Whoever asks less never meets it.
 */
export function createProofCheck({ config, ...deps }: ProofDeps): RequireProof {
  const { spending, limiter, metrics, sessionSecret: secret, now } = deps;
  const challenges = createChallenges({ secret, now });

  async function isNeeded(request: Request): Promise<boolean> {
    const { isProgram, usedLimitShare } = contextOf(request);
    if (isProgram || spending.isOff || !isOn(config)) return false;
    const isWithinLimit = usedLimitShare <= SOFT_LIMIT_SHARE;
    if (isWithinLimit && (await spending.state()).share < SOFT_BUDGET_SHARE) return false;
    // Nobody is to work for an answer that does not come: without a proof, the question is refused for want of budget.
    return !(await spending.isUsedUp());
  }

  /** Only a solved challenge is counted, so that one which is not takes no memory. */
  async function isGood(sent: string, asker: Asker): Promise<boolean> {
    const proof = parseProof(sent);
    const issued = proof && challenges.read(proof.token, asker);
    if (!issued || !isSolution(proof, issued)) return false;
    return (await limiter.consume(PROOF_BUDGET, [{ name: issued.mac, share: 1 }])).isAllowed;
  }

  return async (request, sessionId, sent) => {
    if (!(await isNeeded(request))) return;
    const asker = { sessionId, network: contextOf(request).networks[0].name };
    if (sent !== undefined && (await isGood(sent, asker))) {
      metrics.proofs.add(1, { result: "accepted" });
      return;
    }
    metrics.proofs.add(1, { result: sent === undefined ? "required" : "refused" });
    throw new AppError("proof_required", { body: { challenge: challenges.issue(asker) } });
  };
}

function isOn({ proof, spending }: Pick<Config, "proof" | "spending">): boolean {
  return proof.mode === "auto" ? hasBudget(spending) : proof.mode === "on";
}
