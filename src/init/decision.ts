import type { ConfigProblem } from "../config/problems.ts";
import type { Draft } from "./draft.ts";
import type { SetUp } from "./set-up.ts";
import { InitUsageError } from "./usage-error.ts";

/** A setting that the owner decides: by an option, or by an answer to a question. */
interface Decision {
  readonly name: string;
  readonly option: string;
  /** The value of the option. Undefined: it is not given. */
  readonly given: string | undefined;
  /** Asks on the terminal. The answer is empty where the setting is to stay out. Missing: nobody is asked. */
  readonly ask?: () => Promise<string>;
}

/** @throws InitUsageError when the option is wrong */
export async function decide(draft: Draft, setUp: SetUp, decision: Decision): Promise<Draft> {
  const { name, option, given, ask } = decision;
  if (isSettled(draft, decision)) return draft;
  if (given !== undefined) {
    const problem = draft.problemWith(name, given);
    if (problem !== undefined) throw new InitUsageError(`${option}: ${sentence(problem)}`);
    return draft.with(name, given);
  }
  if (ask === undefined || setUp.questions === undefined) return draft;
  for (;;) {
    const answer = await ask();
    if (answer === "") return draft;
    const problem = draft.problemWith(name, answer);
    if (problem === undefined) return draft.with(name, answer);
    setUp.write(`  ${sentence(problem)}\n`);
  }
}

/**
 * Whether the setting has a value already, which stays.
 * @throws InitUsageError when the option says something else
 */
function isSettled(draft: Draft, { name, option, given }: Decision): boolean {
  const value = draft.value(name);
  if (value === undefined) return false;
  if (given === undefined || given === value) return true;
  throw new InitUsageError(
    `${option}: ${name} is set to something else, and init changes nothing that is set. Change it yourself, or leave the option out.`,
  );
}

/** A problem as an owner reads it. It repeats no value. */
function sentence({ name, problem, example }: ConfigProblem): string {
  const hint = example === undefined ? "" : `, for example ${name}=${example}`;
  return `${name} ${problem}${hint}`;
}
