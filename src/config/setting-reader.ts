import { DAY_MS } from "../runtime/time.ts";
import { pathSettingProblem, wordProblem } from "./plain-word.ts";
import type { ConfigProblem } from "./problems.ts";
import { UnreadableFileError } from "./text-file.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** setTimeout and the limiter keep milliseconds in 31 bits. No setting needs more than a day. */
const MAX_DURATION_MS = DAY_MS;
/** A placeholder from an example counts as missing. */
const PLACEHOLDER = /^(change[-_ ]?me.*|sk-\.\.\.)$/is;
/** Placeholders for secrets, which have more forms. */
const EXAMPLE_SECRET =
  /^(?:change[-_ ]?me|sk-\.\.\.$|(?:sk-)?(?:proj-)?your[-_ ]|a-(?:different-random-text|random-text|long-password)|\$\(|<|9 lives \\?\$ #1$)/i;
/** Characters that are safe in a header value. */
export const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** Reads one setting at a time and collects their problems. */
export class SettingReader {
  readonly problems: ConfigProblem[] = [];
  /** Names of secrets that hold an example from the documentation. */
  readonly examples: string[] = [];
  readonly #env: Env;
  readonly #readTextFile: (path: string) => string;

  constructor(env: Env, readTextFile: (path: string) => string) {
    this.#env = env;
    this.#readTextFile = readTextFile;
  }

  refuse(name: string, problem: string, example: string): void {
    this.problems.push({ name, problem, example });
  }

  /** Refuses a setting that holds an example from the documentation: a value seems to be there, and is none. */
  refuseExample(name: string, example: string): void {
    if (!this.examples.includes(name) && !PLACEHOLDER.test(this.#written(name))) return;
    this.refuse(name, "holds an example from the documentation, so it counts as missing", example);
  }

  hasProblem(...names: readonly string[]): boolean {
    return this.problems.some((problem) => names.some((name) => name === problem.name));
  }

  text(name: string): string | undefined {
    const value = this.#written(name);
    return value === "" || PLACEHOLDER.test(value) ? undefined : value;
  }

  #written(name: string): string {
    return withoutQuotes(this.#env[name]?.trim() ?? "");
  }

  /** A name, such as a model's. */
  word(name: string, example: string): string | undefined {
    return this.#checked(name, example, wordProblem);
  }

  /** The path of a file. */
  path(name: string, example: string): string | undefined {
    return this.#checked(name, example, pathSettingProblem);
  }

  #checked(
    name: string,
    example: string,
    problemOf: (value: string) => string | undefined,
  ): string | undefined {
    const value = this.text(name);
    const problem = value === undefined ? undefined : problemOf(value);
    if (problem === undefined) return value;
    this.refuse(name, problem, example);
    return undefined;
  }

  list(name: string): string[] {
    return splitList(this.text(name) ?? "", ",");
  }

  /** The value, or the text of the file that `<name>_FILE` names. */
  textOrFile(name: string, example: string): string | undefined {
    const inline = this.text(name);
    const path = this.path(`${name}_FILE`, example);
    if (path === undefined) return inline;
    const refuse = (problem: string) => {
      this.refuse(`${name}_FILE`, problem, example);
      return undefined;
    };
    if (inline !== undefined) return refuse(`is set together with ${name}: keep one`);
    try {
      const text = this.#readTextFile(path).trim();
      if (text === "") return refuse("names an empty file");
      if (PLACEHOLDER.test(text)) return refuse("names a file that holds an example");
      return text;
    } catch (error) {
      // The path is not shown, because somebody may have put the secret itself there.
      const reason = error instanceof UnreadableFileError ? `: ${error.message}` : "";
      return refuse(`names a file that cannot be read${reason}`);
    }
  }

  secret(name: string): string | undefined {
    const [value] = this.#ownSecrets(name, [this.#secretText(name)]);
    return value;
  }

  /** Keys are separated by commas or, in a file, also by line ends. */
  secrets(name: string): string[] {
    return this.#ownSecrets(name, splitList(this.#secretText(name), /[,\r\n]/));
  }

  #secretText(name: string): string {
    const text = this.textOrFile(name, `/run/secrets/${name.toLowerCase()}`);
    return text ?? this.#written(name);
  }

  /** The secrets without examples from the documentation, which everybody knows. */
  #ownSecrets(name: string, all: readonly string[]): string[] {
    const own = all.filter((secret) => secret !== "" && !EXAMPLE_SECRET.test(secret));
    if (own.length < all.filter((secret) => secret !== "").length) this.examples.push(name);
    return own;
  }

  choice<const T extends string>(name: string, options: readonly T[], fallback: T): T {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return fallback;
    const chosen = options.find((option) => option === value);
    if (chosen === undefined) this.refuse(name, `must be one of ${options.join(", ")}`, fallback);
    return chosen ?? fallback;
  }

  integer(name: string, range: { fallback: number; min: number; max: number }): number {
    const value = this.text(name);
    if (value === undefined) return range.fallback;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= range.min && number <= range.max) return number;
    this.refuse(
      name,
      `must be a whole number from ${range.min} to ${range.max}`,
      `${range.fallback}`,
    );
    return range.fallback;
  }

  duration(name: string, fallback: number, min = 1): number {
    return this.integer(name, { fallback, min, max: MAX_DURATION_MS });
  }

  url(name: string, example: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (URL.canParse(value) && /^https?:\/\/[^#]+$/i.test(value)) return value;
    this.refuse(name, "must be an http or https address, without #", example);
    return undefined;
  }
}

function splitList(text: string, separator: string | RegExp): string[] {
  const entries = text.split(separator).map((entry) => withoutQuotes(entry.trim()));
  return entries.filter((entry) => entry !== "");
}

/**
 * Removes a pair of quotes around the whole value. A shell and `.env` remove them, but `docker --env-file` and
 * lists in compose files keep them.
 */
function withoutQuotes(value: string): string {
  const [, , inner] = /^(["'])([\s\S]*)\1$/.exec(value) ?? [];
  const [quote = ""] = value;
  return inner === undefined || inner.includes(quote) ? value : inner.trim();
}
