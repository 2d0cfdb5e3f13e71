import { originText } from "../net/origin.ts";
import type { ChangeOutcome, OwnerSettings } from "./owner-settings.ts";

/** How often a change is tried again when somebody else changes the websites meanwhile. */
const MAX_TRIES = 3;

/** The websites that may use the server, one by one. Together they are CORS_ORIGIN. */
export class Websites {
  readonly #settings: OwnerSettings;

  constructor(settings: OwnerSettings) {
    this.#settings = settings;
  }

  /** As they are written in CORS_ORIGIN. Empty where every website is allowed, in development. */
  list(): string[] {
    const { allowed } = this.#settings.config.origins;
    return allowed === "*" ? [] : allowed.map(originText);
  }

  /** Allows a website from the next request on. In development, the others are not allowed any more then. */
  allow(website: string, by: string): Promise<ChangeOutcome> {
    return this.#change(by, (listed) => [...listed, website.trim()]);
  }

  /** Refuses a website from the next request on. Answers under way are still sent. */
  remove(website: string, by: string): Promise<ChangeOutcome> {
    return this.#change(by, (listed) => listed.filter((each) => each !== website));
  }

  async #change(by: string, change: (listed: string[]) => string[]): Promise<ChangeOutcome> {
    for (let tries = 1; ; tries += 1) {
      await this.#settings.refresh();
      const next = change(this.list());
      const texts = { CORS_ORIGIN: [...new Set(next)].join(", ") };
      const outcome = await this.#settings.change(texts, { by, seen: this.#settings.version });
      if (outcome.kind !== "outdated" || tries === MAX_TRIES) return outcome;
    }
  }
}
