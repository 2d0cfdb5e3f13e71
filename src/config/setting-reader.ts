import type { ConfigProblem } from "./problems.ts";
import type { SettingName } from "./setting-names.ts";
import { DAY_MS } from "./time.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** setTimeout and the limiter keep milliseconds in 31 bits; a day is more than any of them needs. */
const MAX_DURATION_MS = DAY_MS;
/** What an example has where the owner's own value belongs counts as missing. */
export const PLACEHOLDER = /^(change[-_ ]?me.*|sk-\.\.\.)$/is;
/** Characters that can travel in a header. */
export const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** Reads one setting at a time and collects what is wrong with them. */
export class SettingReader {
  readonly problems: ConfigProblem[] = [];
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
  }

  refuse(name: SettingName, problem: string, example: string): void {
    this.problems.push({ name, problem, example });
  }

  hasProblem(name: SettingName): boolean {
    return this.problems.some((problem) => problem.name === name);
  }

  text(name: SettingName): string | undefined {
    const value = this.#env[name]?.trim();
    if (value === undefined || value === "" || PLACEHOLDER.test(value)) return undefined;
    return value;
  }

  list(name: SettingName): string[] {
    const entries = this.text(name)?.split(",") ?? [];
    return entries.map((entry) => entry.trim()).filter((entry) => entry !== "");
  }

  choice<const T extends string>(name: SettingName, options: readonly T[], fallback: T): T {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return fallback;
    const chosen = options.find((option) => option === value);
    if (chosen === undefined) this.refuse(name, `must be one of ${options.join(", ")}`, fallback);
    return chosen ?? fallback;
  }

  integer(name: SettingName, range: { fallback: number; min: number; max: number }): number {
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

  duration(name: SettingName, fallback: number, min = 1): number {
    return this.integer(name, { fallback, min, max: MAX_DURATION_MS });
  }

  url(name: SettingName, example: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (URL.canParse(value) && /^https?:\/\/[^#]+$/i.test(value)) return value;
    this.refuse(name, "must be an http or https address, without #", example);
    return undefined;
  }
}
