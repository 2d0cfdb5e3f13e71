import type { Config } from "../../config/config.ts";
import { rateLimited } from "../../errors.ts";
import { countRequest } from "../../http/rate-limit.ts";
import type { RateLimiter } from "../../http/rate-limiter.ts";
import { contextOf } from "../../http/request-context.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { OwnerPasswordStore } from "../../store/owner-password-store.ts";
import type { ChosenPassword } from "../owner-password.ts";
import { chosenPasswordProblem, isTypedTwice, MAX_CHOSEN_LENGTH } from "../password-hash.ts";
import type { OwnerSessions } from "../session.ts";
import type { SubmittedForm } from "./section.ts";

export interface PasswordChangeDeps {
  readonly config: Pick<Config, "limits">;
  readonly store: Pick<OwnerPasswordStore, "changeOwnerPassword">;
  readonly chosen: ChosenPassword;
  readonly sessions: OwnerSessions;
  readonly limiter: RateLimiter;
  readonly metrics: Pick<Metrics, "rateLimited">;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What is wrong with the fields, or the new login of the one who has changed the password. */
type PasswordChange =
  | { readonly kind: "refused"; readonly problems: ReadonlyMap<string, string> }
  | { readonly kind: "changed"; readonly token: string | undefined };

/**
 * Changes the password for somebody who knows it: a browser that was left open is not enough.
 * @throws AppError rate_limited or overloaded
 */
export async function changePassword(
  form: SubmittedForm,
  deps: PasswordChangeDeps,
): Promise<PasswordChange> {
  await countAttempt(form.request, deps);
  const [current = "", password = "", again = ""] = ["current", "password", "again"].map((name) =>
    form.fields[name]?.trim(),
  );
  const problems = problemsOf(password, again);
  // A check is costly, and a longer text is no password.
  const mayBeRight = current.length <= MAX_CHOSEN_LENGTH;
  const isRight = mayBeRight && (await deps.chosen.check(current)) !== undefined;
  if (!isRight) problems.set("current", "Wrong password.");
  if (problems.size > 0) return { kind: "refused", problems };
  const { store, sessions, now, chosen, log } = deps;
  const passwordHash = await chosen.hash(password);
  await store.changeOwnerPassword({ passwordHash, at: now(), by: form.by });
  log.info("the dashboard's password was changed", { client: contextOf(form.request).client });
  return { kind: "changed", token: await sessions.begin(password) };
}

/** It counts as an attempt to log in, so that the old password cannot be guessed here either. */
async function countAttempt(request: Request, deps: PasswordChangeDeps): Promise<void> {
  const { maxLoginAttempts: maxRequests, rateLimitWindowMs: windowMs } = deps.config.limits;
  const budget = { name: "login", maxRequests, windowMs } as const;
  const { networks } = contextOf(request);
  const { waitSeconds } = await countRequest(deps, budget, networks, { headers: {} });
  if (waitSeconds !== undefined) throw rateLimited(waitSeconds);
}

function problemsOf(password: string, again: string): Map<string, string> {
  const problems = new Map<string, string>();
  const problem = chosenPasswordProblem(password);
  if (password === "") problems.set("password", "Enter a new password.");
  else if (problem !== undefined) problems.set("password", `The password ${problem}.`);
  else if (!isTypedTwice(password, again)) problems.set("again", "The two passwords differ.");
  return problems;
}
