import type { FinalEvent, HandoffEvent } from "../conversation/events.ts";
import type { AnswerSource } from "../conversation/records.ts";
import { shownSources } from "../conversation/shown-sources.ts";
import { NumberedTurn } from "./numbered-turn.ts";
import type { AbortReason } from "./turn.ts";

/** A value of `#drafted`: the stored draft is wrong, even if there is no token yet. */
const STALE_DRAFT = -1;

interface LiveTurnOptions {
  readonly id: string;
  readonly sessionId: string;
  readonly conversationId: string;
  /** As it is stored. Undefined: it is no visitor's. */
  readonly question?: string | undefined;
  /** How long the answer goes on when nobody reads it, in milliseconds. */
  readonly abandonedGraceMs: number;
}

/** A turn that this process generates. The generator appends its tokens and ends it. */
export class LiveTurn extends NumberedTurn {
  readonly #abandonedGraceMs: number;
  readonly #abort = new AbortController();
  #abandonTimer: Timer | undefined;
  #abortReason: AbortReason | undefined;
  #drafted = 0;
  #given: readonly AnswerSource[] | undefined;
  /** Milliseconds of the monotonic clock. */
  #draftedAt = performance.now();

  constructor({ abandonedGraceMs, ...ids }: LiveTurnOptions) {
    super(ids);
    this.#abandonedGraceMs = abandonedGraceMs;
    this.beginAfter(0);
    this.onUnread();
  }

  /** The sources that the model was given. Undefined: none. */
  get given(): readonly AnswerSource[] | undefined {
    return this.#given;
  }

  /** The model is given sources. Readers get them before the first token. */
  give(sources: readonly AnswerSource[]): void {
    this.#given = sources;
    this.giveSources(shownSources(sources));
    this.publish();
  }

  /** Aborted when the answer should end early. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Why the answer was aborted; undefined if it was not. The first reason counts. */
  get abortReason(): AbortReason | undefined {
    return this.#abortReason;
  }

  /**
   * The text so far, if it must be saved now: the answer is under way, has new text, and its last draft was
   * taken before the given time of the monotonic clock.
   */
  takeDraft(lastBefore: number): string | undefined {
    const { tokenCount } = this;
    if (this.hasEnded || this.#drafted === tokenCount) return undefined;
    if (this.#draftedAt >= lastBefore) return undefined;
    const isStale = this.#drafted === STALE_DRAFT;
    this.#draftedAt = performance.now();
    this.#drafted = tokenCount;
    const text = this.text();
    return text === "" && !isStale ? undefined : text;
  }

  /**
   * Begins the answer again: the tokens so far were not part of it. Readers get the head again, with the next
   * numbers. Later readers never see the events before it.
   */
  restart(): void {
    if (this.tokenCount === 0) return;
    this.beginAfter(this.lastEventNumber);
    // The stored draft is wrong now and must be replaced, even by an empty text.
    this.#drafted = STALE_DRAFT;
  }

  override end(event: FinalEvent, handoff?: HandoffEvent): void {
    clearTimeout(this.#abandonTimer);
    super.end(event, handoff);
  }

  abort(reason: AbortReason): void {
    if (this.hasEnded || this.#abortReason !== undefined) return;
    this.#abortReason = reason;
    this.#abort.abort();
  }

  protected onReader(): void {
    clearTimeout(this.#abandonTimer);
  }

  protected onUnread(): void {
    if (this.hasEnded) return;
    this.#abandonTimer = setTimeout(() => this.abort("abandoned"), this.#abandonedGraceMs);
  }
}
