import type { Config } from "../config/config.ts";
import type { ConfigProblem } from "../config/problems.ts";
import { SECRET_ADDRESSES } from "../config/sources.ts";

/** Texts that the owner has entered, by the names of settings. Empty: the setting is taken away. */
export type EnteredTexts = Readonly<Record<string, string>>;

/** The longest text of a setting, in characters. Long instructions have some ten thousand. */
const MAX_LENGTH = 100_000;
/** Characters that nobody types and that no setting has. Tabs and line ends are allowed. */
// oxlint-disable-next-line no-control-regex -- these are what it looks for
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/** What is wrong with entered texts, whatever the setting. */
export function problemsOfTexts(entered: EnteredTexts): ConfigProblem[] {
  return Object.entries(entered).flatMap(([name, text]) => {
    if (text.length > MAX_LENGTH) {
      return [{ name, problem: `has more than ${MAX_LENGTH} characters` }];
    }
    return CONTROLS.test(text) ? [{ name, problem: "has characters that cannot be shown" }] : [];
  });
}

/**
 * What is wrong with a change of a server's address. A stored key is never sent to another server than the one that
 * it was entered for: otherwise whoever gets into the dashboard could have it sent to himself.
 */
export function problemsOfAddress(
  stored: Readonly<Record<string, string>>,
  entered: EnteredTexts,
  { before, after }: { readonly before: Config; readonly after: Config },
): ConfigProblem[] {
  const problem = "was entered for another address: enter the one for this address, or remove it";
  return SECRET_ADDRESSES.flatMap(({ secrets, serverOf }) => {
    if (serverOf(before) === serverOf(after)) return [];
    return secrets.filter((secret) => secret in stored && !(secret in entered));
  }).map((name) => ({ name, problem }));
}
