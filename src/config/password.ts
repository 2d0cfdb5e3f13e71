import { countUnpredictable } from "./guessable.ts";

/** Ten guesses a window and address are allowed: shorter passwords are within reach of many addresses. */
export const MIN_PASSWORD_LENGTH = 12;
/** What has to remain besides the words that are guessed first, in characters that follow from nothing. */
const MIN_UNPREDICTABLE = 6;
const FIRST_GUESSES =
  /passwor[dt]|passwd|chatporch|dashboard|administrator|admin|owner|secret|letmein|welcome|changeme|website|login|server/gi;

/** Why the password of the dashboard is none for the internet; undefined for one that is. */
export function passwordProblem(password: string): string | undefined {
  if (password.length < MIN_PASSWORD_LENGTH) {
    return `is shorter than ${MIN_PASSWORD_LENGTH} characters`;
  }
  if (countUnpredictable(password.replace(FIRST_GUESSES, "")) >= MIN_UNPREDICTABLE)
    return undefined;
  return "can be guessed: it is little more than a common word, a run or a repetition";
}
