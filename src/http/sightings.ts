import type { Logger } from "../runtime/logger.ts";
import { MINUTE_MS } from "../runtime/time.ts";
import type { SetupFactStore } from "../store/setup-fact-store.ts";

interface SightingsDeps {
  readonly store: SetupFactStore;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A website that has used the widget or the chat. */
export interface Sighting {
  readonly origin: string;
  /** When, to a minute, in milliseconds since the epoch. */
  readonly at: number;
}

/** More websites are not told apart. Whoever has so many names them with a star. */
const MAX_WEBSITES = 100;
/** A name of a host has 253 characters at most. */
const MAX_ORIGIN_LENGTH = 300;
/** A busy website is stored once in this time. */
const STORE_EVERY_MS = MINUTE_MS;

/** Which allowed websites have asked for the widget or the chat, so that the owner sees that his tag works. */
export class Sightings {
  readonly #deps: SightingsDeps;
  /** When each website was stored by this process. */
  readonly #storedAt = new Map<string, number>();
  #storing: Promise<unknown> = Promise.resolve();

  constructor(deps: SightingsDeps) {
    this.#deps = deps;
  }

  /** Notes a request of a website that is allowed. Does not wait, never throws. */
  note(origin: string): void {
    const at = this.#deps.now();
    const storedAt = this.#storedAt.get(origin);
    if (storedAt === undefined) {
      if (this.#storedAt.size >= MAX_WEBSITES || origin.length > MAX_ORIGIN_LENGTH) return;
    } else if (Math.abs(at - storedAt) < STORE_EVERY_MS) return;
    this.#storedAt.set(origin, at);
    this.#storing = Promise.all([this.#storing, this.#store(origin, at)]);
  }

  /** The websites that were seen last, the newest first. */
  async list(): Promise<readonly Sighting[]> {
    await this.#storing;
    const facts = await this.#deps.store.listSetupFacts("website");
    return facts.map(({ subject, at }) => ({ origin: subject, at }));
  }

  async #store(origin: string, at: number): Promise<void> {
    try {
      await this.#deps.store.noteSetupFact({ topic: "website", subject: origin, text: "", at });
    } catch (error) {
      // A website that is still in use is seen again.
      this.#deps.log.debug("a website that was seen could not be stored", { error });
    }
  }
}
