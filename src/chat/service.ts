import type { Config } from "../config/config.ts";
import { AppError, overloaded } from "../errors.ts";
import type { LoopWatch } from "../event-loop-watch.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { ChatModel } from "../model/model.ts";
import { randomText } from "../random-text.ts";
import type {
  Conversation,
  Draft,
  HistoryMessage,
  Message,
  Store,
  TurnOutcome,
} from "../store/store.ts";
import { ActivityFeed } from "./activity.ts";
import type { FinalEvent } from "./events.ts";
import {
  generateAnswer,
  type GeneratedAnswer,
  type GenerationMode,
  storedText,
} from "./generation.ts";
import { errorEvent, finalEvent, replayTurn } from "./replay.ts";
import { Turn } from "./turn.ts";

export interface Question {
  readonly sessionId: string;
  readonly message: string;
  readonly idempotencyKey: string | undefined;
  readonly mode: GenerationMode;
  /** Joins the log lines of the request and the turn. */
  readonly requestId: string;
}

export interface ChatServiceDeps {
  readonly config: Pick<
    Config,
    | "systemPrompt"
    | "maxHistoryMessages"
    | "maxHistoryTokens"
    | "maxOutputTokens"
    | "maxConcurrentTurns"
    | "modelFirstTokenTimeoutMs"
    | "modelIdleTimeoutMs"
    | "abandonedTurnGraceMs"
  >;
  readonly store: Store;
  readonly model: ChatModel;
  readonly loop: LoopWatch;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now: () => number;
}

/** A visitor's own conversation and the turn that is still under way in it. */
export interface SessionHistory {
  readonly conversation: Conversation | undefined;
  readonly messages: readonly Message[];
  readonly activeTurnId: string | undefined;
}

interface EndedTurn {
  readonly turnId: string;
  /** Milliseconds of the monotonic clock. */
  readonly endedAt: number;
}

/** The turn a session has under way. The promise is there before the turn is, so nobody gets between. */
interface RunningTurn {
  readonly idempotencyKey: string | undefined;
  readonly message: string;
  readonly turn: Promise<Turn>;
}

/** How often an answer under way is saved. Spec section 4 allows a second, and a round may come late. */
const DRAFT_INTERVAL_MS = 700;
/**
 * How often it is looked which answers are due. Each is due by its own last time, so that thousands are
 * not saved at once, which would hold everything up for 20 ms.
 */
const DRAFT_ROUND_MS = 50;
/** What bounds the time that drafts keep the event loop, at some 10 µs each. */
const DRAFTS_AT_ONCE = 100;
/** How often answers that the store could not take are tried again, and ended turns are forgotten. */
const HOUSEKEEPING_INTERVAL_MS = 500;
/** How long a turn that has ended can be resumed event by event; later the stored answer is told. */
const ENDED_TURN_RETENTION_MS = 120_000;
const MAX_ENDED_TURNS = 256;
/** What a visitor gets back after a reload. */
const MAX_VISITOR_MESSAGES = 500;

/** Turns from the question to the stored answer: one at a time for each session. */
export class ChatService {
  /** Told after the store has what happened, never before. */
  readonly activity = new ActivityFeed();
  readonly #deps: ChatServiceDeps;
  readonly #running = new Map<string, RunningTurn>();
  /** Turns under way and those that ended lately, by id. */
  readonly #turns = new Map<string, Turn>();
  /** Turns that have ended and can still be resumed, the first to be forgotten first. */
  readonly #ended: EndedTurn[] = [];
  /** Answers that the store could not take yet, by turn id. */
  readonly #unsaved = new Map<string, TurnOutcome>();
  /** Sessions whose conversation is being erased: a new question would be erased with it. */
  readonly #erasing = new Set<string>();
  readonly #drafting: Timer;
  readonly #housekeeping: Timer;
  #isSavingDrafts = false;
  #isDraining = false;

  constructor(deps: ChatServiceDeps) {
    this.#deps = deps;
    this.#drafting = setInterval(() => void this.#saveDrafts(), DRAFT_ROUND_MS);
    this.#drafting.unref();
    this.#housekeeping = setInterval(() => {
      void this.#saveUnsaved();
      this.#forgetEndedTurns();
    }, HOUSEKEEPING_INTERVAL_MS);
    this.#housekeeping.unref();
  }

  /** True once the server is on its way down and takes no more questions. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** How many answers are under way. */
  get runningTurns(): number {
    return this.#running.size;
  }

  /**
   * Begins a turn, or joins the one that the same Idempotency-Key began. Resolves when the question is
   * stored.
   * @throws AppError idempotency_conflict, turn_in_progress, draining, overloaded
   */
  async ask(question: Question): Promise<Turn> {
    const earlier = await this.findAsked(question);
    if (earlier) return earlier;
    if (this.#isDraining) throw new AppError("draining");
    const running = this.#running.get(question.sessionId);
    if (running) return this.#joinRunning(running, question);
    if (this.#erasing.has(question.sessionId)) throw new AppError("turn_in_progress");
    this.#refuseWithoutRoom();

    const turn = this.#begin(question);
    const { idempotencyKey, message } = question;
    this.#running.set(question.sessionId, { idempotencyKey, message, turn });
    try {
      return await turn;
    } catch (error) {
      this.#running.delete(question.sessionId);
      throw error;
    }
  }

  /**
   * The turn that the same Idempotency-Key began in this session, ready to be read from the event after
   * the given number, as findTurn has it.
   * @throws AppError idempotency_conflict
   */
  async findAsked(question: Question, after = 0): Promise<Turn | undefined> {
    const { sessionId, idempotencyKey } = question;
    if (idempotencyKey === undefined) return undefined;
    const running = this.#running.get(sessionId);
    if (running?.idempotencyKey === idempotencyKey) return this.#joinRunning(running, question);
    const stored = await this.#deps.store.findTurnByIdempotencyKey(sessionId, idempotencyKey);
    if (!stored) return undefined;
    if (stored.question !== question.message) throw new AppError("idempotency_conflict");
    return this.#turns.get(stored.turnId) ?? replayTurn(stored, after);
  }

  /**
   * The turn with the given id, ready to be read from the event after the given number. A turn that
   * is only in the database is told as its whole text, or, to a reader who has events already, as its
   * last event.
   */
  async findTurn(turnId: string, after = 0): Promise<Turn | undefined> {
    const turn = this.#turns.get(turnId);
    if (turn) return turn;
    const stored = await this.#deps.store.findTurn(turnId);
    return stored && replayTurn(stored, after);
  }

  /** Stops the answer; resolves with how it ended once that is stored. */
  async stop(turn: Turn): Promise<FinalEvent | undefined> {
    turn.abort("stopped");
    return turn.conclusion();
  }

  async readHistory(sessionId: string): Promise<SessionHistory> {
    const conversation = await this.#deps.store.findConversationBySession(sessionId);
    const messages = conversation
      ? await this.#deps.store.listMessages(conversation.id, MAX_VISITOR_MESSAGES)
      : [];
    const running = await this.#running.get(sessionId)?.turn;
    return { conversation, messages, activeTurnId: running?.id };
  }

  /** Erases what a session has said and was told; an answer under way is stopped first. */
  async eraseSession(sessionId: string): Promise<void> {
    const conversation = await this.#deps.store.findConversationBySession(sessionId);
    if (conversation) await this.eraseConversation(conversation);
  }

  async eraseConversation(conversation: Pick<Conversation, "id" | "sessionId">): Promise<boolean> {
    const { id, sessionId } = conversation;
    this.#erasing.add(sessionId);
    try {
      const running = await this.#running.get(sessionId)?.turn;
      if (running) await this.stop(running);
      for (const turn of this.#turns.values()) {
        if (turn.sessionId === sessionId) this.#turns.delete(turn.id);
      }
      const isErased = await this.#deps.store.deleteConversation(id);
      if (isErased) this.activity.publish({ conversationId: id, kind: "erased" });
      return isErased;
    } finally {
      this.#erasing.delete(sessionId);
    }
  }

  /**
   * Takes no more questions and lets running answers finish for the given time; then they end as
   * `interrupted`. Resolves when all of them are stored.
   */
  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    const turns = await Promise.allSettled([...this.#running.values()].map(({ turn }) => turn));
    const running = turns.flatMap((turn) => (turn.status === "fulfilled" ? [turn.value] : []));
    const timer = setTimeout(() => {
      for (const turn of running) turn.abort("draining");
    }, graceMs);
    await Promise.all(running.map((turn) => turn.conclusion()));
    clearTimeout(timer);
    await this.#saveUnsaved();
    clearInterval(this.#drafting);
    clearInterval(this.#housekeeping);
    this.activity.end();
  }

  #joinRunning(running: RunningTurn, question: Question): Promise<Turn> {
    const isSameKey =
      running.idempotencyKey !== undefined && running.idempotencyKey === question.idempotencyKey;
    if (!isSameKey) throw new AppError("turn_in_progress");
    if (running.message !== question.message) throw new AppError("idempotency_conflict");
    return running.turn;
  }

  /** Refuses what there is no room for, before it costs anything, so that what was accepted goes on. */
  #refuseWithoutRoom(): void {
    const { config, loop } = this.#deps;
    if (this.#running.size < config.maxConcurrentTurns && !loop.isBehind) return;
    throw overloaded();
  }

  async #begin({ sessionId, message, idempotencyKey, mode, requestId }: Question): Promise<Turn> {
    const { store, model, config, log, now } = this.#deps;
    const id = `t_${randomText(16)}`;
    const { conversationId, history } = await store.beginTurn({
      turnId: id,
      sessionId,
      question: message,
      idempotencyKey,
      model: model.name,
      at: now(),
      history: { messages: config.maxHistoryMessages, tokens: config.maxHistoryTokens },
    });
    this.activity.publish({ conversationId, kind: "question" });
    const { abandonedTurnGraceMs: abandonedGraceMs } = config;
    const turn = new Turn({ id, sessionId, conversationId, abandonedGraceMs });
    this.#turns.set(id, turn);
    log.debug("turn began", { turnId: id, requestId });
    void this.#run(turn, history, mode, requestId);
    return turn;
  }

  async #run(
    turn: Turn,
    history: readonly HistoryMessage[],
    mode: GenerationMode,
    requestId: string,
  ): Promise<void> {
    const { config, model, log, metrics } = this.#deps;
    const { systemPrompt, maxOutputTokens } = config;
    const { error, ...answer } = await generateAnswer(
      turn,
      { systemPrompt, history, maxOutputTokens },
      mode,
      {
        model,
        firstTokenTimeoutMs: config.modelFirstTokenTimeoutMs,
        idleTimeoutMs: config.modelIdleTimeoutMs,
      },
    );
    const { status, errorCode, firstTokenMs, durationMs } = answer;
    const story = { turnId: turn.id, requestId, status, errorCode, firstTokenMs, durationMs };
    if (error === undefined) log.info("turn ended", story);
    else log.error("turn failed", { ...story, error });
    // A whole answer at once has no first token to wait for.
    metrics.turnEnded(mode === "json" ? { ...answer, firstTokenMs: undefined } : answer);

    const event = await this.#store(turn, answer);
    // Before the last event is read: whoever sees it may ask the next question at once.
    this.#running.delete(turn.sessionId);
    turn.end(event);
    this.#ended.push({ turnId: turn.id, endedAt: performance.now() });
    if (this.#ended.length > MAX_ENDED_TURNS) this.#forgetEndedTurns();
  }

  /** Stores the answer, and only then says how it ended: what a client was told is stored, is stored. */
  async #store(turn: Turn, answer: Omit<GeneratedAnswer, "error">): Promise<FinalEvent> {
    const { store, log, now } = this.#deps;
    const outcome = { ...answer, turnId: turn.id, at: now() };
    try {
      await store.finishTurn(outcome);
    } catch (error) {
      log.error("answer could not be stored yet", { turnId: turn.id, error });
      this.#unsaved.set(turn.id, outcome);
      return errorEvent("internal_error");
    }
    this.activity.publish({ conversationId: turn.conversationId, kind: "answer" });
    return finalEvent(turn.conversationId, answer);
  }

  /** Tries again what the store could not take: the disk was full, say, and has room again. */
  async #saveUnsaved(): Promise<void> {
    const outcomes = [...this.#unsaved.values()];
    this.#unsaved.clear();
    for (const outcome of outcomes) {
      try {
        await this.#deps.store.finishTurn(outcome);
      } catch {
        // Logged when it failed first; the next round is another chance.
        this.#unsaved.set(outcome.turnId, outcome);
      }
    }
  }

  async #saveDrafts(): Promise<void> {
    // A disk can be so slow that the round before this one still goes on.
    if (this.#isSavingDrafts) return;
    this.#isSavingDrafts = true;
    try {
      const drafts: Draft[] = [];
      const lastBefore = performance.now() - DRAFT_INTERVAL_MS;
      for (const turn of this.#turns.values()) {
        const text = turn.takeDraft(lastBefore);
        if (text !== undefined) drafts.push({ turnId: turn.id, content: storedText(text) });
        if (drafts.length === DRAFTS_AT_ONCE) await this.#deps.store.saveDrafts(drafts.splice(0));
      }
      if (drafts.length > 0) await this.#deps.store.saveDrafts(drafts);
    } catch (error) {
      // The next draft, or the end of the answer, is another chance.
      this.#deps.log.error("drafts could not be stored", { error });
    } finally {
      this.#isSavingDrafts = false;
    }
  }

  #forgetEndedTurns(): void {
    const expired = performance.now() - ENDED_TURN_RETENTION_MS;
    for (;;) {
      const oldest = this.#ended[0];
      if (oldest === undefined) return;
      if (this.#ended.length <= MAX_ENDED_TURNS && oldest.endedAt > expired) return;
      this.#ended.shift();
      this.#turns.delete(oldest.turnId);
    }
  }
}
