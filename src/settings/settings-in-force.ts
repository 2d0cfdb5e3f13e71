import type { Config } from "../config/config.ts";
import type { SettingSources } from "../config/sources.ts";
import type { Logger } from "../runtime/logger.ts";
import type { SettingsChange, SettingsStore, StoredSettings } from "../store/settings-store.ts";
import { LiveConfig } from "./live-config.ts";
import { loadUsable } from "./usable-settings.ts";

export interface SettingsDeps {
  readonly store: SettingsStore;
  readonly sources: SettingSources;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a change stores, with its traces. */
export type Plan = Omit<SettingsChange, "expectedVersion" | "at" | "by">;

/** A plan that stores nothing, to begin with. */
export const NO_CHANGE: Plan = {
  values: {},
  madeKeys: [],
  revokedKeys: [],
  instructions: undefined,
  audit: [],
};

/** How often a change is tried again when others come in between. */
const MAX_TRIES = 5;

/** What is stored, and the settings that follow from it. Both change together. */
export class SettingsInForce {
  readonly config: LiveConfig;
  readonly #deps: SettingsDeps;
  readonly #listeners: ((version: number) => void)[] = [];
  #stored: StoredSettings;
  #ignored: readonly string[] = [];
  /** Changes of this process are made one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  /** @throws ConfigError when the environment is wrong */
  constructor(deps: SettingsDeps, stored: StoredSettings) {
    this.#deps = deps;
    this.#stored = stored;
    this.config = new LiveConfig(this.#configOf(stored));
  }

  get stored(): StoredSettings {
    return this.#stored;
  }

  /** Names of stored settings that do not fit beside the environment, and are not in force. */
  get ignored(): readonly string[] {
    return this.#ignored;
  }

  /** The listener is called with the new version after each change that this process has stored. */
  onStored(listener: (version: number) => void): void {
    this.#listeners.push(listener);
  }

  /** Puts in force what another process has stored. */
  async refresh(): Promise<void> {
    const stored = await this.#deps.store.readSettings();
    // Several may be under way. The newest counts.
    if (stored.version <= this.#stored.version) return;
    const next = this.#configOf(stored);
    this.#stored = stored;
    this.config.replace(next);
  }

  /**
   * Stores what the plan says, and puts it in force. The plan is made anew when somebody else was first; undefined:
   * nothing is left to do.
   * @throws what the plan throws
   */
  write(by: string, plan: () => Plan | undefined): Promise<void> {
    const doing = this.#last.then(() => this.#tryToWrite(by, plan));
    // A change that fails concerns only the one who made it.
    this.#last = doing.catch(() => undefined);
    return doing;
  }

  async #tryToWrite(by: string, plan: () => Plan | undefined): Promise<void> {
    const { store, now } = this.#deps;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      await this.refresh();
      const change = plan();
      if (change === undefined) return;
      const expectedVersion = this.#stored.version;
      if (!(await store.changeSettings({ ...change, expectedVersion, at: now(), by }))) continue;
      await this.refresh();
      for (const listener of this.#listeners) listener(this.#stored.version);
      return;
    }
    throw new Error("The settings were changed by others all the time.");
  }

  #configOf(stored: StoredSettings): Config {
    const { sources, log } = this.#deps;
    const { loaded, ignored } = loadUsable(sources, stored);
    this.#ignored = ignored;
    if (ignored.length > 0) log.warn("stored settings are ignored", { settings: ignored });
    return loaded.config;
  }
}
