import type { Config } from "../config/config.ts";
import { createOriginCheck, parseOriginPattern } from "../net/origin.ts";
import type { Logger } from "../runtime/logger.ts";
import { DAY_MS, SECOND_MS } from "../runtime/time.ts";
import {
  MAX_REFUSED_ORIGINS,
  type RefusedOrigin,
  type RefusedOriginStore,
} from "../store/refused-origin-store.ts";

interface RefusedOriginsDeps {
  readonly store: RefusedOriginStore;
  readonly config: Pick<Config, "origins">;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Many requests of refused websites share a transaction. */
const STORE_EVERY_MS = 5 * SECOND_MS;
/** How long the owner is shown a refused website. */
const SHOWN_DAYS = 7;

/** The websites that were refused in the last days, so that the owner sees which one he has forgotten to name. */
export class RefusedOrigins {
  readonly #deps: RefusedOriginsDeps;
  /** What is not stored yet. */
  #pending = new Map<string, RefusedOrigin>();
  #storedAt = Number.NEGATIVE_INFINITY;
  #storing: Promise<unknown> = Promise.resolve();
  /** Stores what no later refusal stores, so that the owner sees it at another replica, too. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: RefusedOriginsDeps) {
    this.#deps = deps;
  }

  /** Notes a refusal, if the owner could allow the origin. Does not wait, never throws. */
  note(origin: string): void {
    if (parseOriginPattern(origin)?.kind !== "exact") return;
    const known = this.#pending.get(origin);
    if (known === undefined && this.#pending.size >= MAX_REFUSED_ORIGINS) return;
    const lastAt = this.#deps.now();
    this.#pending.set(origin, { origin, count: (known?.count ?? 0) + 1, lastAt });
    const agoMs = Math.abs(lastAt - this.#storedAt);
    if (agoMs >= STORE_EVERY_MS) this.#storePending();
    else this.#timer ??= setTimeout(() => this.#storePending(), STORE_EVERY_MS - agoMs).unref();
  }

  /** Those that are still refused, the one that was refused last first. */
  async list(): Promise<readonly RefusedOrigin[]> {
    this.#storePending();
    await this.#storing;
    const { store, config, now } = this.#deps;
    const isAllowed = createOriginCheck(config.origins.allowed);
    const refused = await store.listRefusedOrigins(now() - SHOWN_DAYS * DAY_MS);
    return refused.filter(({ origin }) => !isAllowed(origin));
  }

  /** Takes an origin off the list, until it is refused again. */
  async forget(origin: string): Promise<void> {
    this.#pending.delete(origin);
    await this.#storing;
    await this.#deps.store.forgetRefusedOrigin(origin);
  }

  #storePending(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#storedAt = this.#deps.now();
    const refused = [...this.#pending.values()];
    if (refused.length === 0) return;
    this.#pending = new Map();
    // Written at once, and not after what is being stored: the store may be closed by then.
    this.#storing = Promise.all([this.#storing, this.#store(refused)]);
  }

  async #store(refused: readonly RefusedOrigin[]): Promise<void> {
    try {
      await this.#deps.store.noteRefusedOrigins(refused);
    } catch (error) {
      // A website that is still in use will be refused again.
      this.#deps.log.debug("refused origins could not be stored", { error });
    }
  }
}
