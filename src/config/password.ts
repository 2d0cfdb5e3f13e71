import { countUnpredictable } from "./guessable.ts";

/** One address has ten guesses per window, so many addresses together could guess a shorter password. */
export const MIN_PASSWORD_LENGTH = 12;
/** How many unpredictable characters must remain without the words that attackers guess first. */
const MIN_UNPREDICTABLE = 6;
const FIRST_GUESSES =
  /passwor[dt]|passwd|chatporch|dashboard|administrator|admin|owner|secret|letmein|welcome|changeme|website|login|server/gi;

/** The reason why a dashboard password is too weak for the internet. Undefined: it is strong enough. */
export function passwordProblem(password: string): string | undefined {
  if (password.length < MIN_PASSWORD_LENGTH) {
    return `is shorter than ${MIN_PASSWORD_LENGTH} characters`;
  }
  if (countUnpredictable(password.replace(FIRST_GUESSES, "")) >= MIN_UNPREDICTABLE)
    return undefined;
  return "can be guessed: it is little more than a common word, a run or a repetition";
}
