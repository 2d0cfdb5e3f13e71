import { passwordProblem } from "../config/password.ts";

/** Argon2id with the parameters that OWASP's Password Storage Cheat Sheet names first: 19 MiB, two passes. */
const ARGON2ID = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

/** Of a password that the owner chooses. */
export const MAX_CHOSEN_LENGTH = 500;

/** The reason why the owner cannot choose this password. Undefined: it is fine. */
export function chosenPasswordProblem(password: string): string | undefined {
  if (/[\r\n]/.test(password)) return "has more than one line, and a login form has one";
  if (password.length > MAX_CHOSEN_LENGTH) return `is longer than ${MAX_CHOSEN_LENGTH} characters`;
  return passwordProblem(password);
}

/** The argon2id hash of a password, with its salt. It is made in another thread, in some 35 ms. */
export function hashPassword(password: string): Promise<string> {
  return Bun.password.hash(normalized(password), ARGON2ID);
}

/** Whether the hash was made of this password. */
export function isPasswordOf(hash: string, candidate: string): Promise<boolean> {
  const typed = normalized(candidate);
  // Bun refuses to hash an empty text.
  return typed === "" ? Promise.resolve(false) : Bun.password.verify(typed, hash, "argon2id");
}

/** Whether somebody has typed the same twice. Both come with one form, so the time that this takes tells nothing. */
export function isTypedTwice(typed: string, again: string): boolean {
  return normalized(typed) === normalized(again);
}

/** The same letters, whichever system they were typed on (NIST SP 800-63B, section 3.1.1.2). */
function normalized(password: string): string {
  return password.trim().normalize("NFKC");
}
