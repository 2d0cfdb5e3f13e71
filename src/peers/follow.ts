import type { StoredTurn } from "../store/turn-store.ts";
import { FollowedTurn, type FollowedTurnHooks } from "./followed-turn.ts";
import type { TurnEvents } from "./messages.ts";
import type { Pace } from "./pace.ts";

/** A followed turn, and when something was last heard of it and done for it. Decides what is due. */
export class Follow {
  readonly turn: FollowedTurn;
  readonly owner: string;
  /** Somebody wants the answer to stop. */
  isStopping = false;
  /** The database knows that it should stop. */
  isStopRequested = false;
  isBeingLookedUp = false;
  readonly #pace: Pace;
  #news = Promise.withResolvers<void>();
  #hasNews = false;
  /** The owner does not have it, or was not reached. */
  #isMissing = false;
  // Milliseconds of the monotonic clock.
  #newsWantedAt = performance.now();
  #heardAt = this.#newsWantedAt;
  #unreadSince = this.#newsWantedAt;
  #lookedUpAt = this.#newsWantedAt;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(stored: StoredTurn, pace: Pace, hooks: FollowedTurnHooks) {
    this.turn = new FollowedTurn(stored, hooks);
    this.owner = stored.owner ?? "";
    this.#pace = pace;
  }

  /** Resolves when it is known how far the turn is, or after a moment without news. */
  get news(): Promise<void> {
    return this.#news.promise;
  }

  /** It is followed from now on, perhaps again. */
  begin(): void {
    this.#newsWantedAt = performance.now();
    this.#heardAt = this.#newsWantedAt;
    this.#unreadSince = this.#newsWantedAt;
  }

  /** Somebody has come who may have read more at another replica than has arrived here. */
  doubt(): void {
    this.turn.doubt();
    this.#newsWantedAt = performance.now();
    this.#unreadSince = this.#newsWantedAt;
    if (!this.#hasNews) return;
    this.#hasNews = false;
    this.#news = Promise.withResolvers();
  }

  /** Nothing more is waited for. */
  settle(): void {
    this.#hasNews = true;
    this.#news.resolve();
  }

  /** Takes what its owner has sent. Returns false when something before it is missing. */
  take(events: TurnEvents): boolean {
    this.#heardAt = performance.now();
    this.#isMissing = false;
    const isWhole = this.turn.take(events);
    if (this.turn.hasBegun) this.settle();
    return isWhole;
  }

  /** Its owner was not reached. */
  missed(): void {
    this.#isMissing = true;
  }

  /** Its owner does not know it. A turn that is just beginning is in the database before its owner knows it. */
  unknown(): void {
    this.#isMissing = true;
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }

  asked(): void {
    this.#askedAt = performance.now();
  }

  lookedUp(): void {
    this.#lookedUpAt = performance.now();
  }

  /** Whether nobody has read it for a while. Call it often. */
  isUnread(now: number): boolean {
    if (now - this.#newsWantedAt >= this.#pace.firstNewsMs) this.settle();
    if (this.turn.hasReaders) this.#unreadSince = now;
    return now - this.#unreadSince >= this.#pace.unreadMs;
  }

  isAskDue(now: number): boolean {
    const { askIntervalMs, askAfterSilenceMs } = this.#pace;
    const isSilent = now - this.#heardAt >= askAfterSilenceMs;
    return now - this.#askedAt >= (isSilent ? askAfterSilenceMs : askIntervalMs);
  }

  isLookDue(now: number): boolean {
    const { lookIntervalMs, lookWhileStoppingMs } = this.#pace;
    return now - this.#lookedUpAt >= (this.isStopping ? lookWhileStoppingMs : lookIntervalMs);
  }

  /** Whether its events do not come, although the bus and the owner seem to be well. */
  isUnheard(now: number): boolean {
    return this.#isMissing || now - this.#heardAt >= this.#pace.lostAfterSilenceMs;
  }
}
