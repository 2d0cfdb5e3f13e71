import { type DotEnv, parseDotEnv } from "../config/dot-env.ts";
import { GROUPS, SECRET_NAMES } from "../config/groups.ts";
import { loadConfig, type LoadedConfig } from "../config/load.ts";
import { ConfigError, type ConfigProblem } from "../config/problems.ts";
import type { Environment } from "../config/setting-group.ts";
import { type Env, SettingReader } from "../config/setting-reader.ts";
import { appendixTo } from "./appendix.ts";
import { envLine } from "./env-line.ts";

interface Ground {
  readonly env: Env;
  /** The text of `.env` as it is. Undefined: there is none. */
  readonly fileText: string | undefined;
  readonly isCompiled: boolean;
  readonly readTextFile: (path: string) => string;
}

/**
 * The settings that there are, and those that are to be added to `.env`. It is read and judged as by a server
 * that starts, so what it holds in the end is accepted. It never changes: `with` returns another one.
 */
export class Draft {
  /** By name, the values to add. */
  readonly added: ReadonlyMap<string, string>;
  readonly #ground: Ground;

  constructor(ground: Ground, added: ReadonlyMap<string, string> = new Map()) {
    this.#ground = ground;
    this.added = added;
  }

  with(name: string, value: string): Draft {
    return new Draft(this.#ground, new Map([...this.added, [name, value]]));
  }

  /** Whether the environment sets it and `.env` does not. A later start may have another environment. */
  isOnlyInEnvironment(name: string): boolean {
    return this.#ground.env[name] !== undefined && this.#dotEnv().values[name] === undefined;
  }

  /** The value as the server takes it. Undefined: it is missing, or it is an example. */
  value(name: string): string | undefined {
    const reader = this.#reader();
    return SECRET_NAMES.includes(name) ? reader.secret(name) : reader.text(name);
  }

  /** What the server takes itself to be for. */
  environment(): Environment {
    const usual = this.#ground.isCompiled ? "production" : "development";
    return GROUPS.server.read(this.#reader(), usual).environment;
  }

  /** What the server would say against the value of a setting that has none. */
  problemWith(name: string, value: string): ConfigProblem | undefined {
    if (this.#ground.env[name] !== undefined) {
      const problem =
        "is empty or an example in the environment, which wins over .env: unset it there";
      return { name, problem };
    }
    if (envLine(name, value) === undefined) {
      return { name, problem: "has characters that a line of .env cannot hold together" };
    }
    const changed = this.with(name, value);
    const found = changed.problems().find((each) => each.name === name);
    if (found !== undefined || changed.value(name) === value) return found;
    return { name, problem: "is an example, or has quotes around it" };
  }

  /** Everything that would keep a server from starting. */
  problems(): readonly ConfigProblem[] {
    try {
      this.load();
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  }

  /** @throws ConfigError */
  load(): LoadedConfig {
    const { env, readTextFile, isCompiled } = this.#ground;
    return loadConfig(env, readTextFile, { dotEnv: this.#dotEnv(), isCompiled });
  }

  /** What is to be written behind the text of `.env`. */
  appendix(): string {
    return appendixTo(this.#ground.fileText, this.added);
  }

  #dotEnv(): DotEnv {
    const text = (this.#ground.fileText ?? "") + this.appendix();
    return { ...parseDotEnv(text), isReadableByOthers: false };
  }

  #merged(): Env {
    return { ...this.#dotEnv().values, ...this.#ground.env };
  }

  #reader(): SettingReader {
    return new SettingReader(this.#merged(), this.#ground.readTextFile);
  }
}
