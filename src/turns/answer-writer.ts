import type { FinalEvent } from "../conversation/events.ts";
import type { Outcome } from "../conversation/records.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Draft, TurnStore } from "../store/turn-store.ts";
import { StoreUnavailableError } from "../store/unavailable.ts";
import { errorEvent, finalEvent } from "./final-event.ts";
import { storedText } from "./generation.ts";
import type { LiveTurn } from "./live-turn.ts";

interface AnswerWriterDeps {
  readonly store: Pick<TurnStore, "saveDrafts" | "finishTurn" | "findTurn">;
  readonly log: Logger;
  /** The turns that may have text to save. */
  readonly turns: () => Iterable<LiveTurn>;
  /** Called when an answer is stored, before anybody can read its last event. */
  readonly onStored: (turn: LiveTurn) => void;
}

/** How often an answer under way is saved. Contract section 4 allows a second, and a check may come late. */
const DRAFT_INTERVAL_MS = 700;
/**
 * How often to check which answers are due. Each answer is due by its own last save, so that thousands are
 * not saved at once, which would block the event loop for 20 ms.
 */
const DRAFT_ROUND_MS = 50;
/** Bounds the time that drafts block the event loop, at about 10 µs each. */
const DRAFTS_AT_ONCE = 100;
/** How often the store is asked again to take answers that it could not take. */
const RETRY_INTERVAL_MS = 500;

/** With the sources each time, because a draft before it may have been lost. */
function toDraft({ id: turnId, given: sources }: LiveTurn, text: string): Draft {
  return { turnId, content: storedText(text), sources };
}

interface Unsaved {
  readonly sessionId: string;
  readonly outcome: Outcome;
}

/** Writes answers to the store: drafts while they are under way, and their outcomes. */
export class AnswerWriter {
  readonly #deps: AnswerWriterDeps;
  /** Answers that the store could not take yet, by turn id. */
  readonly #unsaved = new Map<string, Unsaved>();
  readonly #drafting: Timer;
  readonly #retrying: Timer;
  #isSavingDrafts = false;
  /** The round that tries to store the unsaved answers. */
  #round: Promise<void> | undefined;

  constructor(deps: AnswerWriterDeps) {
    this.#deps = deps;
    this.#drafting = setInterval(() => void this.#saveDrafts(), DRAFT_ROUND_MS);
    this.#drafting.unref();
    this.#retrying = setInterval(() => void this.#saveUnsaved(), RETRY_INTERVAL_MS);
    this.#retrying.unref();
  }

  /**
   * Stores how an answer ended, and only then returns its last event, so that every answer that a client has
   * received completely is stored. An answer that cannot be stored now is tried again later. If the store
   * already has another end of this answer, the event for that end is returned.
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

  /** Whether an answer has ended but its end could not be stored yet. */
  isUnsaved(turnId: string): boolean {
    return this.#unsaved.has(turnId);
  }

  /**
   * Stores a session's answers that could not be stored before, so that the session can go on.
   * @throws what the store throws
   */
  async saveUnsavedOf(sessionId: string): Promise<void> {
    for (const [turnId, unsaved] of this.#unsaved) {
      if (unsaved.sessionId === sessionId) await this.#save(turnId, unsaved);
    }
  }

  /** Tries for the last time to store the answers that could not be stored before. */
  async close(): Promise<void> {
    await this.#round;
    await this.#saveUnsaved();
    clearInterval(this.#drafting);
    clearInterval(this.#retrying);
  }

  /** Tries again to store answers: a disk that was full, for example, may have room again. */
  #saveUnsaved(): Promise<void> {
    // A database that does not answer keeps a round for longer than the interval.
    this.#round ??= this.#saveAll().finally(() => void (this.#round = undefined));
    return this.#round;
  }

  async #saveAll(): Promise<void> {
    for (const [turnId, unsaved] of this.#unsaved) {
      try {
        await this.#save(turnId, unsaved);
      } catch (error) {
        // The first failure was logged. The next round tries again.
        if (error instanceof StoreUnavailableError) return;
      }
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
    // On a slow disk, the previous round may still be running.
    if (this.#isSavingDrafts) return;
    this.#isSavingDrafts = true;
    const { store, turns, log } = this.#deps;
    try {
      const drafts: Draft[] = [];
      const lastBefore = performance.now() - DRAFT_INTERVAL_MS;
      for (const turn of turns()) {
        const text = turn.takeDraft(lastBefore);
        if (text !== undefined) drafts.push(toDraft(turn, text));
        if (drafts.length === DRAFTS_AT_ONCE) await store.saveDrafts(drafts.splice(0));
      }
      if (drafts.length > 0) await store.saveDrafts(drafts);
    } catch (error) {
      // The next draft or the end of the answer saves the text again. An outage of the database is logged once.
      const isOutage = error instanceof StoreUnavailableError;
      if (!isOutage) log.error("drafts could not be stored", { error });
    } finally {
      this.#isSavingDrafts = false;
    }
  }
}
