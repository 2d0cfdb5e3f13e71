import type { Config } from "../config/config.ts";
import { type Activity, ActivityFeed } from "../conversation/activity.ts";
import type { FinalEvent } from "../conversation/events.ts";
import { Followers } from "../conversation/followers.ts";
import type { ConversationKey, HistoryMessage } from "../conversation/records.ts";
import { AppError } from "../errors.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { ModelInForce } from "../model/model-in-force.ts";
import type { ChatModel } from "../model/model.ts";
import type { Peers } from "../peers/peers.ts";
import { leaveToPerson } from "../people/leave-to-person.ts";
import type { RedactionInForce } from "../redaction/redaction.ts";
import type { LoopWatch } from "../runtime/event-loop-watch.ts";
import type { Logger } from "../runtime/logger.ts";
import { randomText } from "../runtime/random-text.ts";
import type { Account } from "../spending/account.ts";
import type { Spending } from "../spending/spending.ts";
import { ConversationFullError } from "../store/conversation-limit.ts";
import type { StoreSpace } from "../store/space.ts";
import type { ErasureStore } from "../store/store.ts";
import type { TakeoverStore } from "../store/takeover-store.ts";
import type { StoredTurn, TurnStore } from "../store/turn-store.ts";
import { type Refusal, refuseFor } from "../turns/admission.ts";
import { AnswerWriter } from "../turns/answer-writer.ts";
import { TurnDirectory } from "../turns/directory.ts";
import { EndedTurn } from "../turns/ended-turn.ts";
import { handoffBefore } from "../turns/final-event.ts";
import { generateAnswer } from "../turns/generation.ts";
import type { Grounder } from "../turns/grounder.ts";
import { LiveTurn } from "../turns/live-turn.ts";
import { type Question, withOriginal } from "../turns/question.ts";
import type { AbortReason, Turn } from "../turns/turn.ts";
import { createRefusals } from "./refusals.ts";

interface ChatServiceDeps {
  readonly config: Pick<Config, "assistant" | "turns" | "model" | "people">;
  readonly store: TurnStore &
    Pick<
      ErasureStore,
      "deleteConversation" | "hideConversation" | "listErasable" | "restoreConversation"
    > &
    Pick<TakeoverStore, "findTakeover" | "versionsOf">;
  readonly space: Pick<StoreSpace, "isFull">;
  readonly model: ModelInForce;
  readonly grounder: Grounder;
  readonly spending: Pick<Spending, "open" | "refuse" | "charge" | "close" | "isOff">;
  readonly redaction: RedactionInForce;
  readonly peers: Peers;
  readonly loop: LoopWatch;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now: () => number;
}

interface Run {
  readonly model: ChatModel;
  readonly history: readonly HistoryMessage[];
  readonly question: Question;
  readonly account: Account;
}

/** How often ended turns are removed from memory. */
const HOUSEKEEPING_INTERVAL_MS = 500;

/** Runs turns from the question to the stored answer. Each session has at most one turn at a time. */
export class ChatService {
  /** Publishes each change after it is stored. */
  readonly activity = new ActivityFeed();
  /** Gets the same, a conversation at a time. */
  readonly followers: Followers;
  readonly #deps: ChatServiceDeps;
  readonly #directory = new TurnDirectory();
  readonly #writer: AnswerWriter;
  /** Sessions whose conversation is being erased. A new question would be erased with it. */
  readonly #erasing = new Set<string>();
  readonly #refusals: readonly Refusal[];
  readonly #housekeeping: Timer;
  #isLeaving = false;
  #isDraining = false;

  constructor(deps: ChatServiceDeps) {
    this.#deps = deps;
    const { store, peers } = deps;
    this.followers = new Followers((ids) => store.versionsOf(ids));
    this.#writer = new AnswerWriter({
      ...deps,
      turns: () => this.#directory.known(),
      onStored: ({ conversationId }) => this.publish({ conversationId, kind: "answer" }),
    });
    this.#refusals = createRefusals({
      ...deps,
      directory: this.#directory,
      isDraining: () => this.#isDraining,
      isErasing: (sessionId) => this.#erasing.has(sessionId),
    });
    this.#housekeeping = setInterval(() => this.#directory.forgetEnded(), HOUSEKEEPING_INTERVAL_MS);
    this.#housekeeping.unref();
    peers.serve({
      find: (turnId) => this.#directory.find(turnId),
      onActivity: (activity) => {
        // The others may read nothing that was erased at one of them.
        if (activity.kind === "erased") this.#directory.forgetConversation(activity.conversationId);
        this.#spread(activity);
      },
      onTyping: (conversationId) => this.followers.typing(conversationId),
      onMissedActivity: () => {
        this.activity.missed();
        this.followers.missed();
      },
      onFenced: () => this.abortAll("fenced"),
    });
  }

  /** True once the server is shutting down and should get no more traffic. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** True once the server is shutting down and refuses new questions. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** How many answers are under way. */
  get runningTurns(): number {
    return this.#directory.running;
  }

  /**
   * Begins a turn, or joins the one that the same Idempotency-Key began. Resolves when the question is
   * stored.
   * @throws AppError idempotency_conflict, draining, not_set_up, turn_in_progress, overloaded,
   * database_full, conversation_full, model_off, budget_reached, share_reached
   */
  async ask(question: Question): Promise<Turn> {
    // Another connection may have begun the turn while this one waited for the store.
    const earlier = (await this.findAsked(question)) ?? this.#joinRunning(question);
    if (earlier) return earlier;
    refuseFor(this.#refusals, question);
    const { sessionId, message, idempotencyKey } = question;
    const turn = this.#begin(question);
    try {
      return await this.#directory.begin(sessionId, { idempotencyKey, message, turn });
    } catch (error) {
      throw error instanceof ConversationFullError ? new AppError("conversation_full") : error;
    }
  }

  /**
   * The turn that the same Idempotency-Key began in this session.
   * @throws AppError idempotency_conflict when it was begun with a different message
   */
  async findAsked(question: Question): Promise<Turn | undefined> {
    if (question.idempotencyKey === undefined) return undefined;
    return this.#joinRunning(question) ?? this.#findStored(question);
  }

  /** The turn with the given id: from this process, another replica or the database. */
  async findTurn(turnId: string): Promise<Turn | undefined> {
    const turn = this.#directory.find(turnId);
    // One that has ended may have been erased since then, by another replica. The store knows.
    if (turn && !turn.hasEnded) return turn;
    const stored = await this.#deps.store.findTurn(turnId);
    return stored && this.#revive(stored);
  }

  /** Ends all answers that this process generates. */
  abortAll(reason: AbortReason): void {
    for (const turn of this.#directory.known()) turn.abort(reason);
  }

  /** Stops the answer. Resolves with its final event once that is stored. */
  async stop(turn: Turn): Promise<FinalEvent | undefined> {
    turn.abort("stopped");
    return turn.conclusion();
  }

  /** Stops the answer that a session has under way, and resolves once its end is stored. */
  async stopUnderWay(sessionId: string): Promise<void> {
    const running = (await this.#runningIn(sessionId)) ?? (await this.#runningElsewhere(sessionId));
    if (running) await this.stop(running);
  }

  /** Lets the feeds of all replicas know what has just been stored. */
  publish(activity: Activity): void {
    this.#spread(activity);
    this.#deps.peers.announce(activity);
  }

  /** The owner is writing. */
  showTyping(conversationId: string): void {
    this.followers.typing(conversationId);
    this.#deps.peers.announceTyping(conversationId);
  }

  /** The turn that a session has under way. */
  async activeTurnId(sessionId: string): Promise<string | undefined> {
    // A turn that is just beginning is in the store after this.
    await this.#runningIn(sessionId);
    const turnId = await this.#deps.store.activeTurnId(sessionId);
    return turnId !== undefined && this.#writer.isUnsaved(turnId) ? undefined : turnId;
  }

  /** Erases the conversations of a session, also hidden ones. An answer under way is stopped first. */
  async eraseSession(sessionId: string): Promise<void> {
    const erasable = await this.#deps.store.listErasable("session_id", sessionId);
    for (const conversation of erasable) await this.eraseConversation(conversation);
  }

  /** As eraseSession. Returns false when the conversation did not exist any more. */
  eraseConversation(conversation: ConversationKey): Promise<boolean> {
    return this.#remove(conversation, (id) => this.#deps.store.deleteConversation(id));
  }

  /**
   * As eraseConversation, but it can be restored until it is erased (delayed-erasure.ts).
   * @param eraseAt milliseconds since the epoch
   */
  hideConversation(conversation: ConversationKey, eraseAt: number): Promise<boolean> {
    return this.#remove(conversation, (id) => this.#deps.store.hideConversation(id, eraseAt));
  }

  /** Restores a hidden conversation. Returns false when it is too late. */
  async restoreConversation(id: string): Promise<boolean> {
    const isRestored = await this.#deps.store.restoreConversation(id, this.#deps.now());
    if (isRestored) this.publish({ conversationId: id, kind: "restored" });
    return isRestored;
  }

  async #remove(
    { id, sessionId }: ConversationKey,
    removeFromStore: (id: string) => Promise<boolean>,
  ): Promise<boolean> {
    this.#erasing.add(sessionId);
    try {
      await this.stopUnderWay(sessionId);
      this.#directory.forgetConversation(id);
      const isRemoved = await removeFromStore(id);
      if (isRemoved) this.publish({ conversationId: id, kind: "erased" });
      return isRemoved;
    } finally {
      this.#erasing.delete(sessionId);
    }
  }

  /**
   * Takes questions for the given delay, until a balancer has noticed that the server leaves. Then refuses new
   * ones and gives running answers the given time to finish. Those that do not finish end as
   * `interrupted`. Resolves when all of them are stored.
   */
  async drain(graceMs: number, delayMs = 0): Promise<void> {
    this.#isLeaving = true;
    if (delayMs > 0) await Bun.sleep(delayMs);
    this.#isDraining = true;
    const running = await this.#directory.allRunning();
    const timer = setTimeout(() => {
      for (const turn of running) turn.abort("draining");
    }, graceMs);
    await Promise.all(running.map((turn) => turn.conclusion()));
    clearTimeout(timer);
    clearInterval(this.#housekeeping);
    await this.#writer.close();
    await this.#deps.peers.leave();
    this.activity.end();
    this.followers.end();
  }

  #joinRunning({ sessionId, message, idempotencyKey }: Question): Promise<Turn> | undefined {
    const running = this.#directory.runningIn(sessionId);
    if (idempotencyKey === undefined || running?.idempotencyKey !== idempotencyKey)
      return undefined;
    refuseOtherWords(running.message, message);
    return running.turn;
  }

  async #findStored({ sessionId, message, idempotencyKey = "" }: Question) {
    const stored = await this.#deps.store.findTurnByIdempotencyKey(sessionId, idempotencyKey);
    return stored && this.#rejoin(stored, message);
  }

  /** @throws AppError idempotency_conflict */
  #rejoin(stored: StoredTurn, message: string): Promise<Turn> {
    refuseOtherWords(stored.question, message);
    return this.#revive(stored);
  }

  /** A stored turn: from this process, followed on another replica, or rebuilt from the database. */
  async #revive(stored: StoredTurn): Promise<Turn> {
    const offersPerson = this.#offersPerson;
    const known = this.#directory.find(stored.turnId);
    const turn = known ?? (await this.#deps.peers.follow(stored, offersPerson));
    return turn ?? new EndedTurn(stored, offersPerson);
  }

  /** The turn that a session has under way in this process. One that is just beginning is waited for. */
  async #runningIn(sessionId: string): Promise<Turn | undefined> {
    // Its beginning may fail, which concerns only the one who asked.
    return this.#directory.runningIn(sessionId)?.turn.catch(() => undefined);
  }

  async #runningElsewhere(sessionId: string): Promise<Turn | undefined> {
    const turnId = await this.#deps.store.activeTurnId(sessionId);
    return turnId === undefined ? undefined : this.findTurn(turnId);
  }

  #spread(activity: Activity): void {
    this.activity.publish(activity);
    this.followers.publish(activity);
  }

  get #offersPerson(): boolean {
    return this.#deps.config.people.person !== "off";
  }

  async #begin(question: Question): Promise<Turn> {
    const { sessionId, message, idempotencyKey, isForPerson } = question;
    const { store, peers, config, spending, log, now } = this.#deps;
    await this.#writer.saveUnsavedOf(sessionId);
    const id = `t_${randomText(16)}`;
    const owner = peers.self;
    const model = this.#deps.model();
    const account = await spending.open({ ...question, id, owner });
    const beginning = await store.beginTurn({
      turnId: id,
      sessionId,
      owner,
      question: message,
      idempotencyKey,
      model: model.name,
      at: now(),
      reservation: account.reservation,
      isForPerson,
      history: {
        messages: config.assistant.maxHistoryMessages,
        tokens: config.assistant.maxHistoryTokens,
      },
    });
    if (beginning.kind === "busy") throw new AppError("turn_in_progress");
    if (beginning.kind === "refused") throw spending.refuse(account, beginning);
    if (beginning.kind === "earlier") {
      this.#directory.release(sessionId);
      return this.#rejoin(beginning.turn, message);
    }
    if (beginning.kind === "person") {
      this.#directory.release(sessionId);
      this.publish({ conversationId: beginning.turn.conversationId, kind: "question" });
      return new EndedTurn(beginning.turn);
    }
    const { conversationId, history } = beginning;
    this.publish({ conversationId, kind: "question" });
    const { abandonedTurnGraceMs: abandonedGraceMs } = config.turns;
    const turn = new LiveTurn({
      id,
      sessionId,
      conversationId,
      question: message,
      abandonedGraceMs,
    });
    this.#directory.add(turn);
    log.debug("turn began", { turnId: id, requestId: question.requestId });
    // The others have declared that owner dead meanwhile, and end its answers.
    if (owner !== peers.self) turn.abort("fenced");
    // Switched off meanwhile.
    if (spending.isOff) turn.abort("off");
    void this.#run(turn, { model, history, question, account });
    return turn;
  }

  async #run(turn: LiveTurn, { model, history, question, account }: Run): Promise<void> {
    const { config, grounder, redaction, spending, log, metrics, now } = this.#deps;
    const { mode, languages, requestId } = question;
    const { systemPrompt, maxOutputTokens } = config.assistant;
    const request = {
      systemPrompt,
      history: withOriginal(history, question),
      maxOutputTokens,
    };
    const {
      outcome: ended,
      call,
      error,
    } = await generateAnswer(turn, request, mode, {
      model,
      ground: (asked) => grounder.ground({ history: asked, languages }),
      redaction,
      firstTokenTimeoutMs: config.model.firstTokenTimeoutMs,
      idleTimeoutMs: config.model.idleTimeoutMs,
      now,
    });
    const spent = spending.charge(account, call);
    const outcome = await leaveToPerson(this.#deps.store, turn.conversationId, { ...ended, spent });
    const { status, errorCode, firstTokenMs, durationMs } = outcome;
    const story = { turnId: turn.id, requestId, status, errorCode, firstTokenMs, durationMs };
    if (error === undefined) log.info("turn ended", story);
    else log.error("turn failed", { ...story, error });
    // An answer that is sent whole has no first token that a visitor could wait for.
    metrics.turnEnded(mode === "json" ? { ...outcome, firstTokenMs: undefined } : outcome);

    const event = await this.#writer.finish(turn, outcome);
    spending.close(account);
    // Released before the last event is published: whoever receives it may ask the next question at once.
    this.#directory.release(turn.sessionId);
    turn.end(event, this.#offersPerson ? handoffBefore(event) : undefined);
    this.#directory.retain(turn);
  }
}

/** @throws AppError idempotency_conflict */
function refuseOtherWords(asked: string, message: string): void {
  if (asked !== message) throw new AppError("idempotency_conflict");
}
