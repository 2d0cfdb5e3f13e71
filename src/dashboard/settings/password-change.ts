import { contextOf } from "../../http/request-context.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { OwnerPasswordStore } from "../../store/owner-password-store.ts";
import { type AttemptsDeps, countAttempt } from "../attempts.ts";
import type { ChosenPassword } from "../owner-password.ts";
import { chosenPasswordProblem, isTypedTwice, MAX_CHOSEN_LENGTH } from "../password-hash.ts";
import type { OwnerSessions } from "../session.ts";
import type { SubmittedForm } from "./section.ts";

export interface PasswordChangeDeps extends AttemptsDeps {
  readonly store: Pick<OwnerPasswordStore, "changeOwnerPassword">;
  readonly chosen: ChosenPassword;
  readonly sessions: OwnerSessions;
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
  // It counts as an attempt to log in, so that the old password cannot be guessed here either.
  await countAttempt(form.request, deps, { headers: {} });
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

function problemsOf(password: string, again: string): Map<string, string> {
  const problems = new Map<string, string>();
  const problem = chosenPasswordProblem(password);
  if (password === "") problems.set("password", "Enter a new password.");
  else if (problem !== undefined) problems.set("password", `The password ${problem}.`);
  else if (!isTypedTwice(password, again)) problems.set("again", "The two passwords differ.");
  return problems;
}
