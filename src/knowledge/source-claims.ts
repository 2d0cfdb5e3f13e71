import { randomText } from "../runtime/random-text.ts";
import { MINUTE_MS, SECOND_MS } from "../runtime/time.ts";
import type { KnowledgeSource, KnowledgeStore, SourceEnd } from "../store/knowledge-store.ts";

interface SourceClaimsDeps {
  readonly store: Pick<KnowledgeStore, "claimSource" | "keepSource" | "endSource">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Called when a claim could not be renewed. It is tried again in time. */
  readonly onFault?: (error: unknown) => void;
}

/** A claim that is renewed until its end. */
export interface KeptClaim {
  /** Aborted when the source was removed or somebody else has it. */
  readonly lost: AbortSignal;
  /** Renews it no more. */
  release(): void;
}

/** A reader that says nothing for so long is dead, and another one begins anew. */
const CLAIM_MS = 2 * MINUTE_MS;
const KEEP_INTERVAL_MS = 30 * SECOND_MS;
const OWNER_BYTES = 9;

/** The claims of one reader to sources, which nobody else reads meanwhile. */
export class SourceClaims {
  readonly #deps: SourceClaimsDeps;
  readonly #owner = randomText(OWNER_BYTES);

  constructor(deps: SourceClaimsDeps) {
    this.#deps = deps;
  }

  /** Claims the source that is due longest, or the named one, due or not. Undefined: somebody else has it. */
  claim(sourceId?: number): Promise<KnowledgeSource | undefined> {
    return this.#deps.store.claimSource({ ...this.#next(), sourceId });
  }

  keep(sourceId: number): KeptClaim {
    const lost = new AbortController();
    const timer = setInterval(() => void this.#renew(sourceId, lost), KEEP_INTERVAL_MS);
    return { lost: lost.signal, release: () => clearInterval(timer) };
  }

  /** The reading has ended. */
  async end(sourceId: number, end: Omit<SourceEnd, "owner" | "at">): Promise<void> {
    const { store, now } = this.#deps;
    await store.endSource(sourceId, { ...end, owner: this.#owner, at: now() });
  }

  #next() {
    const now = this.#deps.now();
    return { owner: this.#owner, now, until: now + CLAIM_MS };
  }

  async #renew(sourceId: number, lost: AbortController): Promise<void> {
    try {
      if (!(await this.#deps.store.keepSource(sourceId, this.#next()))) lost.abort();
    } catch (error) {
      this.#deps.onFault?.(error);
    }
  }
}
