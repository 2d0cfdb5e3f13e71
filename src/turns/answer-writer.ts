import type { FinalEvent } from "../conversation/events.ts";
import type { Outcome } from "../conversation/records.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Draft, TurnStore } from "../store/turn-store.ts";
import { errorEvent, finalEvent } from "./final-event.ts";
import { storedText } from "./generation.ts";
import type { LiveTurn } from "./live-turn.ts";

interface AnswerWriterDeps {
  readonly store: Pick<TurnStore, "saveDrafts" | "finishTurn">;
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

/** Writes answers to the store: drafts while they are under way, and how they ended. */
export class AnswerWriter {
  readonly #deps: AnswerWriterDeps;
  /** Answers that the store could not take yet, by turn id. */
  readonly #unsaved = new Map<string, Outcome>();
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
   * is stored. An answer that cannot be stored yet is tried again.
   */
  async finish(turn: LiveTurn, outcome: Outcome): Promise<FinalEvent> {
    try {
      await this.#deps.store.finishTurn(turn.id, outcome);
    } catch (error) {
      this.#deps.log.error("answer could not be stored yet", { turnId: turn.id, error });
      this.#unsaved.set(turn.id, outcome);
      return errorEvent("internal_error");
    }
    this.#deps.onStored(turn);
    return finalEvent(turn.conversationId, outcome);
  }

  /** Makes the last try with what could not be stored. */
  async close(): Promise<void> {
    await this.#saveUnsaved();
    clearInterval(this.#drafting);
    clearInterval(this.#retrying);
  }

  /** Tries again what the store could not take: the disk was full, say, and has room again. */
  async #saveUnsaved(): Promise<void> {
    const unsaved = [...this.#unsaved];
    this.#unsaved.clear();
    for (const [turnId, outcome] of unsaved) {
      try {
        await this.#deps.store.finishTurn(turnId, outcome);
      } catch {
        // Logged when it failed first; the next round is another chance.
        this.#unsaved.set(turnId, outcome);
      }
    }
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
