import type { Config } from "../config/config.ts";
import { EDITABLE_NAMES, SECRET_NAMES, settingsInForce } from "../config/groups.ts";
import { type Lock, SECRET_ADDRESSES } from "../config/sources.ts";

/** An editable setting, as the dashboard shows it. */
export interface EditableSetting {
  readonly name: string;
  /** What is in force, for people. Never a secret. */
  readonly shown: string;
  /** The text for the form's field. Empty: nothing is stored, or what is stored is secret. */
  readonly text: string;
  /** Whether the text is never shown again once it is stored. */
  readonly isSecret: boolean;
  /** Of a stored secret, its last four characters. */
  readonly lastFour: string | undefined;
  /** Whether the owner has stored it. It may be locked all the same. */
  readonly isStored: boolean;
  /** The variable that fixes it. Undefined: the owner can change it. */
  readonly lock: Lock | undefined;
}

/** The values of headers are secret, although their names are shown. */
const WRITE_ONLY: readonly string[] = [...SECRET_NAMES, "OPENAI_HEADERS"];
/** Four characters of a shorter secret would be too much of it. */
const MIN_SHOWN_LENGTH = 16;

interface Situation {
  readonly config: Config;
  readonly stored: Readonly<Record<string, string>>;
  readonly locks: ReadonlyMap<string, Lock>;
}

export function editableSettings({ config, stored, locks }: Situation): EditableSetting[] {
  const shown = new Map(settingsInForce(config).map(({ name, value }) => [name, value]));
  return EDITABLE_NAMES.map((name) => {
    const text = stored[name];
    const isSecret = WRITE_ONLY.includes(name);
    return {
      name,
      shown: shown.get(name) ?? "",
      text: text === undefined || isSecret ? "" : formText(name, text, shown.get(name)),
      isSecret,
      lastFour: isSecret && name !== "OPENAI_HEADERS" ? lastFourOf(text) : undefined,
      isStored: text !== undefined,
      lock: locks.get(name),
    };
  });
}

/** An address may hold a password, which is not shown. */
function formText(name: string, text: string, shown: string | undefined): string {
  return SECRET_ADDRESSES.some((address) => address.name === name) ? (shown ?? "") : text;
}

function lastFourOf(secret: string | undefined): string | undefined {
  return secret !== undefined && secret.length >= MIN_SHOWN_LENGTH ? secret.slice(-4) : undefined;
}
