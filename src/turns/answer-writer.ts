import type { FinalEvent } from "../conversation/events.ts";
import type { Outcome } from "../conversation/records.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Draft, TurnStore } from "../store/turn-store.ts";
import { errorEvent, finalEvent } from "./final-event.ts";
import { storedText } from "./generation.ts";
import type { LiveTurn } from "./live-turn.ts";

interface AnswerWriterDeps {
  readonly store: Pick<TurnStore, "saveDrafts" | "finishTurn" | "findTurn">;
  readonly log: Logger;
  /** The turns that may have something to save. */
  readonly turns: () => Iterable<LiveTurn>;
  /** Called when the store has an answer, before anybody can read its last event. */
  readonly onStored: (turn: LiveTurn) => void;
}

/** How often an answer under way is saved. Contract section 4 allows a second, and a round may come late. */
const DRAFT_INTERVAL_MS = 700;
/**
 * How often answers are looked at. Each is due by its own last time, so that thousands are not saved at
 * once, which would hold everything up for 20 ms.
 */
const DRAFT_ROUND_MS = 50;
/** What bounds the time that drafts keep the event loop, at some 10 µs each. */
const DRAFTS_AT_ONCE = 100;
/** How often answers that the store could not take are tried again. */
const RETRY_INTERVAL_MS = 500;

interface Unsaved {
  readonly sessionId: string;
  readonly outcome: Outcome;
}

/** Writes answers to the store: drafts while they are under way, and how they ended. */
export class AnswerWriter {
  readonly #deps: AnswerWriterDeps;
  /** Answers that the store could not take yet, by turn id. */
  readonly #unsaved = new Map<string, Unsaved>();
  readonly #drafting: Timer;
  readonly #retrying: Timer;
  #isSavingDrafts = false;

  constructor(deps: AnswerWriterDeps) {
    this.#deps = deps;
    this.#drafting = setInterval(() => void this.#saveDrafts(), DRAFT_ROUND_MS);
    this.#drafting.unref();
    this.#retrying = setInterval(() => void this.#saveUnsaved(), RETRY_INTERVAL_MS);
    this.#retrying.unref();
  }

  /**
   * Stores how an answer ended, and only then returns its last event: what a client was told is stored,
   * is stored. An answer that cannot be stored yet is tried again; of one that has ended otherwise
   * meanwhile, the event says what is stored.
   */
  async finish(turn: LiveTurn, outcome: Outcome): Promise<FinalEvent> {
    const { store, log } = this.#deps;
    try {
      if (!(await store.finishTurn(turn.id, outcome))) return await this.#storedEnd(turn);
    } catch (error) {
      log.error("answer could not be stored yet", { turnId: turn.id, error });
      this.#unsaved.set(turn.id, { sessionId: turn.sessionId, outcome });
      return errorEvent("internal_error");
    }
    this.#deps.onStored(turn);
    return finalEvent(turn.conversationId, outcome);
  }

  /** Whether an answer has ended without being stored, though it is still under way in the store. */
  isUnsaved(turnId: string): boolean {
    return this.#unsaved.has(turnId);
  }

  /**
   * Stores what could not be stored of a session, so that it may go on.
   * @throws what the store throws
   */
  async saveUnsavedOf(sessionId: string): Promise<void> {
    for (const [turnId, unsaved] of this.#unsaved) {
      if (unsaved.sessionId === sessionId) await this.#save(turnId, unsaved);
    }
  }

  /** Makes the last try with what could not be stored. */
  async close(): Promise<void> {
    await this.#saveUnsaved();
    clearInterval(this.#drafting);
    clearInterval(this.#retrying);
  }

  /** Tries again what the store could not take: the disk was full, say, and has room again. */
  async #saveUnsaved(): Promise<void> {
    for (const [turnId, unsaved] of this.#unsaved) {
      // Logged when it failed first; the next round is another chance.
      await this.#save(turnId, unsaved).catch(() => undefined);
    }
  }

  async #save(turnId: string, { outcome }: Unsaved): Promise<void> {
    await this.#deps.store.finishTurn(turnId, outcome);
    this.#unsaved.delete(turnId);
  }

  async #storedEnd({ id, conversationId }: LiveTurn): Promise<FinalEvent> {
    const stored = await this.#deps.store.findTurn(id);
    return stored ? finalEvent(conversationId, stored.answer) : errorEvent("interrupted");
  }

  async #saveDrafts(): Promise<void> {
    // A disk can be so slow that the round before this one still goes on.
    if (this.#isSavingDrafts) return;
    this.#isSavingDrafts = true;
    const { store, turns, log } = this.#deps;
    try {
      const drafts: Draft[] = [];
      const lastBefore = performance.now() - DRAFT_INTERVAL_MS;
      for (const turn of turns()) {
        const text = turn.takeDraft(lastBefore);
        if (text !== undefined) drafts.push({ turnId: turn.id, content: storedText(text) });
        if (drafts.length === DRAFTS_AT_ONCE) await store.saveDrafts(drafts.splice(0));
      }
      if (drafts.length > 0) await store.saveDrafts(drafts);
    } catch (error) {
      // The next draft, or the end of the answer, is another chance.
      log.error("drafts could not be stored", { error });
    } finally {
      this.#isSavingDrafts = false;
    }
  }
}
