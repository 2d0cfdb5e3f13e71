import type { StoredTurn } from "../store/turn-store.ts";
import { EndedTurn } from "../turns/ended-turn.ts";
import { finalEvent } from "../turns/final-event.ts";
import { NumberedTurn } from "../turns/numbered-turn.ts";
import { type AbortReason, END_NUMBER, type EventBatch, type Progress } from "../turns/turn.ts";
import type { TurnEvents } from "./messages.ts";

export interface FollowedTurnHooks {
  /** Whether a person can be reached. */
  readonly offersPerson: boolean;
  /** Called when it should be stopped. */
  onStop(): void;
  /** Called when somebody begins to read. */
  onReader(): void;
}

/**
 * A turn that another replica generates. Its events come from there and keep their numbers. What does not come
 * is asked for again, and the end may come from the database.
 */
export class FollowedTurn extends NumberedTurn {
  readonly #hooks: FollowedTurnHooks;
  #hasBegun = false;
  /** Whether its owner has said how far it is since that was last doubted. */
  #isCurrent = false;
  /** The turn as it is stored, once that has brought its end. */
  #stored: EndedTurn | undefined;

  constructor(stored: StoredTurn, hooks: FollowedTurnHooks) {
    const { turnId, sessionId, conversationId, question } = stored;
    super({ id: turnId, sessionId, conversationId, question });
    this.#hooks = hooks;
  }

  /** Whether any event has come. Until then, nobody here knows how far the turn is. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Until its owner sends something again, it may be further than is known here. */
  doubt(): void {
    this.#isCurrent = false;
  }

  /** Takes events in any order. Returns false when some before them are missing. */
  take({ after, hasStart, sources, tokens, handoff, end }: TurnEvents): boolean {
    if (this.hasEnded) return true;
    if (hasStart && after >= this.lastEventNumber) {
      this.beginAfter(after);
      this.#hasBegun = true;
    }
    const afterStart = after + (hasStart ? 1 : 0);
    const isNewHead = sources !== undefined && this.lastEventNumber === afterStart;
    if (isNewHead) this.giveSources(sources);
    const firstToken = afterStart + (sources === undefined ? 0 : 1);
    const known = this.lastEventNumber;
    if (firstToken > known) return false;
    this.#isCurrent = true;
    const fresh = tokens.slice(known - firstToken);
    for (const token of fresh) this.append(token);
    const isWhole = this.lastEventNumber === firstToken + tokens.length;
    if (end !== undefined && isWhole) this.end(end, handoff);
    else if (fresh.length > 0 || hasStart || isNewHead) this.publish();
    return true;
  }

  /** Ends it by what is stored, because its owner does not say the end. */
  endAsStored(stored: StoredTurn): void {
    this.#endAs(stored, this.#hooks.offersPerson);
  }

  /** Ends it, because it is not stored any more. */
  endAsErased(): void {
    const { id: turnId, sessionId, conversationId } = this;
    const end = { status: "interrupted", errorCode: "interrupted" } as const;
    const answer = { id: 0, turnId, role: "assistant", content: "", createdAt: 0, ...end } as const;
    // Without a conversation, nobody can ask for a person.
    this.#endAs({ turnId, sessionId, conversationId, question: "", answer }, false);
  }

  #endAs(stored: StoredTurn, offersPerson: boolean): void {
    if (this.hasEnded) return;
    this.#stored = new EndedTurn(stored, offersPerson);
    this.end(finalEvent(stored.conversationId, stored.answer));
  }

  override text(): string {
    return this.#stored?.text() ?? super.text();
  }

  override progressAfter(number: number): Progress {
    if (this.#stored) return this.#stored.progressAfter(number);
    return this.hasEnded || this.#isCurrent ? super.progressAfter(number) : "more";
  }

  override eventsAfter(number: number): EventBatch {
    if (!this.#stored) return super.eventsAfter(number);
    // Numbered so that the last one is the end: the owner may have used the numbers from 1 on for other events.
    const { events } = this.#stored.eventsAfter(number);
    return { after: END_NUMBER - events.length, events };
  }

  abort(reason: AbortReason): void {
    if (reason === "stopped" && !this.hasEnded) this.#hooks.onStop();
  }

  protected onReader(): void {
    this.#hooks.onReader();
  }

  protected onUnread(): void {
    // It is followed a little longer: the next reader often comes at once.
  }
}
