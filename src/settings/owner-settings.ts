import type { Config } from "../config/config.ts";
import { EDITABLE_NAMES } from "../config/groups.ts";
import { ConfigError, type ConfigProblem } from "../config/problems.ts";
import { isLockedBySecret, type Lock, SECRET_ADDRESSES } from "../config/sources.ts";
import { MAX_AUDIT_ENTRIES } from "../store/settings-store.ts";
import type { AuditEntry, StoredInstructions, StoredSettings } from "../store/settings-store.ts";
import { type EnteredTexts, problemsOfAddress, problemsOfTexts } from "./change-rules.ts";
import { type EditableSetting, editableSettings } from "./editable.ts";
import { NO_CHANGE, type Plan, type SettingsDeps, SettingsInForce } from "./settings-in-force.ts";
import { tracesOf } from "./traces.ts";
import { WidgetKeys } from "./widget-keys.ts";

/** What has become of a change. */
export type ChangeOutcome =
  /** It is stored and in force here. `settings` is empty when everything was so already. */
  | { readonly kind: "changed"; readonly settings: readonly string[] }
  | { readonly kind: "refused"; readonly problems: readonly ConfigProblem[] }
  /** Somebody else has changed these since the owner has seen them. */
  | { readonly kind: "outdated"; readonly settings: readonly string[] };

/** The settings as a change would make them. */
export type Preview =
  | { readonly kind: "usable"; readonly config: Config }
  | { readonly kind: "refused"; readonly problems: readonly ConfigProblem[] };

interface Changing {
  /** Who changes it, as the audit list shows it. */
  readonly by: string;
  /** The version that the owner has seen. Undefined: whatever it is. */
  readonly seen?: number;
}

/**
 * The settings that the owner changes while the server runs. A change is checked as a start checks the settings, it
 * is stored with its traces, and it is in force in this process when the promise resolves.
 */
export class OwnerSettings {
  readonly keys: WidgetKeys;
  readonly #deps: SettingsDeps;
  readonly #settings: SettingsInForce;

  /**
   * @param stored what the store has now
   * @throws ConfigError when the environment is wrong
   */
  constructor(deps: SettingsDeps, stored: StoredSettings) {
    this.#deps = deps;
    this.#settings = new SettingsInForce(deps, stored);
    this.keys = new WidgetKeys(this.#settings);
  }

  /** The settings in force. */
  get config() {
    return this.#settings.config;
  }

  /** The version of the settings in force. */
  get version(): number {
    return this.#settings.stored.version;
  }

  /** Names of stored settings that do not fit beside the environment, and are not in force. */
  get ignored(): readonly string[] {
    return this.#settings.ignored;
  }

  /** Every setting that can be edited, as the dashboard shows it. */
  list(): EditableSetting[] {
    const { config, stored } = this.#settings;
    return editableSettings({ config, stored: stored.values, locks: this.#deps.sources.locks });
  }

  /** The variable that fixes a setting, the widget keys or the password of the dashboard. */
  lockOf(name: string): Lock | undefined {
    return this.#deps.sources.locks.get(name);
  }

  /**
   * The settings with entered texts, to try them. Nothing is stored, and what could not be changed is refused: no
   * stored secret is tried at another server than its own.
   */
  preview(entered: EnteredTexts): Preview {
    const problems = [...this.#lockProblems(entered), ...problemsOfTexts(entered)];
    if (problems.length > 0) return { kind: "refused", problems };
    try {
      return { kind: "usable", config: this.#configWith(this.#differing(entered)) };
    } catch (error) {
      if (error instanceof ConfigError) return { kind: "refused", problems: error.problems };
      throw error;
    }
  }

  /** Changes settings. An empty text takes the stored one away, so that the default is in force. */
  async change(entered: EnteredTexts, { by, seen }: Changing): Promise<ChangeOutcome> {
    const problems = [...this.#lockProblems(entered), ...problemsOfTexts(entered)];
    if (problems.length > 0) return { kind: "refused", problems };
    const outdated = seen === undefined ? [] : await this.#changedSince(seen, Object.keys(entered));
    if (outdated.length > 0) return { kind: "outdated", settings: outdated };
    let settings: readonly string[] = [];
    try {
      await this.#settings.write(by, () => {
        const texts = this.#differing(entered);
        // After a try whose answer was lost, nothing differs any more.
        if (Object.keys(texts).length === 0) return undefined;
        settings = Object.keys(texts);
        return this.#plan(texts);
      });
    } catch (error) {
      if (error instanceof ConfigError) return { kind: "refused", problems: error.problems };
      throw error;
    }
    return { kind: "changed", settings };
  }

  /** The newest changes, the newest first. */
  audit(limit: number): Promise<readonly AuditEntry[]> {
    return this.#deps.store.listAudit(limit);
  }

  /** The versions of the system prompt, the newest first. */
  instructions(): Promise<readonly StoredInstructions[]> {
    return this.#deps.store.listInstructions();
  }

  /** The listener is called with the new version after each change that this process has stored. */
  onStored(listener: (version: number) => void): void {
    this.#settings.onStored(listener);
  }

  /** Puts in force what another process has stored. */
  refresh(): Promise<void> {
    return this.#settings.refresh();
  }

  /** As `refresh`, if the version is newer. Never throws: whoever notices it will notice it again. */
  async notice(version: number): Promise<void> {
    if (version <= this.version) return;
    try {
      await this.refresh();
    } catch (error) {
      this.#deps.log.warn("changed settings could not be read yet", { error });
    }
  }

  /** @throws ConfigError when the settings would not be usable */
  #plan(texts: EnteredTexts): Plan {
    const after = this.#configWith(texts);
    const names = Object.keys(texts);
    const values = Object.fromEntries(names.map((name) => [name, texts[name] || null]));
    return {
      ...NO_CHANGE,
      values: { ...values, ...Object.fromEntries(this.#left(texts).map((name) => [name, null])) },
      instructions: texts.SYSTEM_PROMPT || undefined,
      audit: tracesOf(names, this.#settings.config, after),
    };
  }

  /** @throws ConfigError when the settings would not be usable */
  #configWith(texts: EnteredTexts): Config {
    const { config, stored } = this.#settings;
    const next: Record<string, string> = { ...stored.values, ...texts };
    for (const name of Object.keys(next)) {
      // What is ignored already does not make another change fail.
      const isIgnored = this.ignored.includes(name) && !(name in texts);
      if (next[name] === "" || isIgnored) delete next[name];
    }
    for (const name of this.#left(texts)) delete next[name];
    const { config: after } = this.#deps.sources.load(next);
    const problems = problemsOfAddress(stored.values, texts, { before: config, after });
    if (problems.length > 0) throw new ConfigError(problems);
    return after;
  }

  /** The stored addresses that are left: a secret is entered for OpenAI, which the environment put in their place. */
  #left(texts: EnteredTexts): string[] {
    return SECRET_ADDRESSES.filter((address) => {
      const isEntered = address.secrets.some((name) => texts[name]);
      return isEntered && isLockedBySecret(address, (name) => this.lockOf(name));
    }).map(({ name }) => name);
  }

  /** The entered texts that are other than what is stored, and than what the form showed of it. */
  #differing(entered: EnteredTexts): EnteredTexts {
    const { values } = this.#settings.stored;
    const shown = new Map(this.list().map(({ name, text }) => [name, text]));
    const texts = Object.entries(entered).map(([name, text]) => [name, tidy(text)] as const);
    return Object.fromEntries(
      texts.filter(([name, text]) => {
        if (text === "") return values[name] !== undefined;
        // An ignored secret is not in the form, so whoever sends it means it.
        const isOfAddress = SECRET_ADDRESSES.some(({ secrets }) => secrets.includes(name));
        if (isOfAddress && this.ignored.includes(name)) return true;
        return text !== values[name] && text !== shown.get(name);
      }),
    );
  }

  #lockProblems(entered: EnteredTexts): ConfigProblem[] {
    return Object.keys(entered).flatMap((name) => {
      if (!EDITABLE_NAMES.includes(name)) return [{ name, problem: "is not set here" }];
      const lock = this.lockOf(name);
      if (lock === undefined) return [];
      const place = lock.isInDotEnv ? "the file .env" : "the environment";
      return [{ name, problem: `cannot be changed here: ${lock.variable} is set in ${place}` }];
    });
  }

  async #changedSince(version: number, names: readonly string[]): Promise<string[]> {
    const entries = await this.#deps.store.listAudit(MAX_AUDIT_ENTRIES);
    const later = entries.filter((entry) => entry.version > version);
    return names.filter((name) => later.some(({ setting }) => setting === name));
  }
}

/** Forms send line ends as CRLF. */
function tidy(text: string): string {
  return text.replaceAll("\r\n", "\n").trim().toWellFormed();
}
