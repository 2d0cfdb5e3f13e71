import type { Database } from "bun:sqlite";

import type { Conversation, Message, Outcome } from "../../conversation/records.ts";
import { randomText } from "../../runtime/random-text.ts";
import type { AnswerTestStore } from "../answer-test-store.ts";
import { startOf, takeRows } from "../bounded-rows.ts";
import { ConversationFullError, MAX_CONVERSATION_MESSAGES } from "../conversation-limit.ts";
import { keysOf, neighbourOf } from "../conversation-pages.ts";
import type {
  ConversationCursor,
  ConversationFilter,
  ConversationPage,
  ExportedMessage,
  KeyPage,
  Side,
  VisitorConversation,
} from "../conversation-store.ts";
import { countsOf, type DayOf, toDailyFigures, utcDayOf } from "../figures.ts";
import { chooseHistory, type Exchange, maxExchanges } from "../history.ts";
import type { KnowledgeStore } from "../knowledge-store.ts";
import type { NoticeStore } from "../notice-store.ts";
import type { Claim, NewPassword, OwnerPasswordStore } from "../owner-password-store.ts";
import { preview } from "../preview.ts";
import type { RatingStore } from "../rating-store.ts";
import type { RefusedOrigin } from "../refused-origin-store.ts";
import type { RequestStore } from "../request-store.ts";
import {
  toConversation,
  toConversationKey,
  toExportedMessage,
  toMessage,
  toSourcesText,
  toStoredTurn,
  toVisitorConversation,
} from "../rows.ts";
import type {
  AuditEntry,
  SettingsChange,
  StoredInstructions,
  StoredSettings,
} from "../settings-store.ts";
import type { SetupFact, SetupFactStore, SetupTopic } from "../setup-fact-store.ts";
import type { SpendingStore } from "../spending-store.ts";
import type { DailyFigures, ExpiryStep, OwnerSession, RebuildProgress, Store } from "../store.ts";
import type { NewOwnerMessage, StoredOwnerMessage, Takeover } from "../takeover-store.ts";
import type { Beginning, Draft, NewTurn, StoredTurn } from "../turn-store.ts";
import type { UnansweredStore } from "../unanswered-store.ts";
import { Checkpoints } from "./checkpoints.ts";
import { Erasure } from "./erasure.ts";
import { releaseFreePages, usedBytes } from "./free-pages.ts";
import { GroupCommit, type OnCommit } from "./group-commit.ts";
import { prepareHidden } from "./hidden.ts";
import type { SharedParts } from "./knowledge.ts";
import { ConversationList } from "./list.ts";
import { fillMarksStep } from "./marks.ts";
import { createOwnerPassword } from "./owner-password.ts";
import { type ConversationState, prepareQueries, type Queries } from "./queries.ts";
import { SqliteRefusedOrigins } from "./refused-origins.ts";
import { SearchIndex } from "./search-index.ts";
import type { Searcher } from "./searcher.ts";
import { SqliteSettings } from "./settings.ts";
import { createSetupFacts } from "./setup-facts.ts";
import { amountOfTurn, NOTHING_HELD, SpendingLedger } from "./spending-ledger.ts";
import { SqliteTakeovers } from "./takeovers.ts";

interface SqliteStoreParts {
  readonly searcher: Searcher;
  readonly onCommit?: OnCommit | undefined;
  /** The day that a time is counted to. Default: in UTC. */
  readonly dayOf?: DayOf | undefined;
}

/**
 * The store on SQLite, but for what the bot knows (knowledge.ts) and what open.ts adds besides. bun:sqlite is
 * synchronous; the methods return promises because the seam is async.
 */
export class SqliteStore implements Omit<
  Store,
  | keyof KnowledgeStore
  | keyof RatingStore
  | keyof RequestStore
  | keyof NoticeStore
  | keyof UnansweredStore
  | keyof AnswerTestStore
  | keyof SpendingStore
> {
  readonly #db: Database;
  readonly #dayOf: DayOf;
  readonly #queries: Queries;
  readonly #writes: GroupCommit;
  readonly #list: ConversationList;
  readonly #hidden: ReturnType<typeof prepareHidden>;
  readonly #index: SearchIndex;
  readonly #searcher: Searcher;
  readonly #erasure: Erasure;
  readonly #checkpoints: Checkpoints;
  readonly #password: OwnerPasswordStore;
  readonly #settings: SqliteSettings;
  readonly #refusedOrigins: SqliteRefusedOrigins;
  readonly #setupFacts: SetupFactStore;
  readonly #takeovers: SqliteTakeovers;
  readonly #ledger: SpendingLedger;

  /** Expects a migrated database. */
  constructor(db: Database, { searcher, onCommit, dayOf = utcDayOf }: SqliteStoreParts) {
    this.#db = db;
    this.#dayOf = dayOf;
    // SQLite's own waiting would block the event loop; GroupCommit waits without blocking it.
    db.run("PRAGMA busy_timeout = 0");
    this.#queries = prepareQueries(db);
    this.#checkpoints = new Checkpoints(db);
    this.#writes = new GroupCommit(db, (durationMs) => {
      this.#checkpoints.committed();
      onCommit?.(durationMs);
    });
    this.#list = new ConversationList(db);
    this.#hidden = prepareHidden(db);
    this.#index = new SearchIndex(this.#queries, this.#writes);
    this.#searcher = searcher;
    this.#erasure = new Erasure(this.#queries, this.#index);
    this.#password = createOwnerPassword(db, (work) => this.#writes.write(work));
    this.#settings = new SqliteSettings(db, this.#writes);
    this.#refusedOrigins = new SqliteRefusedOrigins(db, this.#writes);
    this.#setupFacts = createSetupFacts(db, this.#writes);
    const parts = { queries: this.#queries, writes: this.#writes, index: this.#index, dayOf };
    this.#takeovers = new SqliteTakeovers(db, parts);
    this.#ledger = new SpendingLedger({ db, writes: this.#writes });
    // A killed process may have left erased text in the WAL.
    this.#checkpoints.scrub();
  }

  get ledger(): SpendingLedger {
    return this.#ledger;
  }

  /** For what else is stored in the file. */
  get shared(): SharedParts {
    return { db: this.#db, writes: this.#writes, checkpoints: this.#checkpoints };
  }

  async beginTurn(turn: NewTurn): Promise<Beginning> {
    const written = this.#writes.write(() => this.#begin(turn));
    return this.#ledger.holding(turn.turnId, written, ({ kind }) => kind === "begun");
  }

  #begin(turn: NewTurn): Beginning {
    const queries = this.#queries;
    const known = queries.conversationBySession.get(turn.sessionId);
    const earlier = known && this.#turnByKey(known.seq, turn.idempotencyKey);
    if (earlier) return { kind: "earlier", turn: earlier };
    if (known && this.#activeTurnId(known.seq) !== undefined) return { kind: "busy" };
    refuseWhereFull(known);
    const isForPerson = this.#isForPerson(known, turn);
    const {
      askedAgain: asked,
      history,
      earlierTokens,
    } = chooseHistory(
      known === null ? [] : this.#exchanges(known, maxExchanges(turn.history)),
      turn.question,
      turn.history,
    );
    const { refused, held } = isForPerson
      ? NOTHING_HELD
      : this.#ledger.holdFor(turn, earlierTokens);
    if (refused !== undefined) return { kind: "refused", ...refused };
    const conversation = this.#openConversation(known, turn);
    const { seq, id } = conversation;
    const questionId = asked ?? this.#insertQuestion(seq, turn);
    this.#insertAnswer(seq, turn, questionId, held);
    const added = asked === undefined ? 2 : 1;
    queries.touchConversation.run(turn.at, preview(turn.question), added, seq);
    queries.countDaily.run(this.#dayOf(turn.at), conversation.isNew ? 1 : 0, added, 0, 0);
    const left = isForPerson ? this.#leaveToPerson(turn.turnId) : undefined;
    return left ?? { kind: "begun", conversationId: id, history };
  }

  async saveDrafts(drafts: readonly Draft[]): Promise<void> {
    await this.#writes.write(() => {
      for (const { content, sources, turnId } of drafts) {
        this.#queries.saveDraft.run(content, toSourcesText(sources), turnId);
      }
    });
  }

  async finishTurn(turnId: string, outcome: Outcome): Promise<boolean> {
    const hasEnded = await this.#writes.write(() => this.#finish(turnId, outcome));
    this.#ledger.hasSettled(turnId, amountOfTurn(outcome));
    return hasEnded;
  }

  async interruptUnfinishedTurns(): Promise<number> {
    const unfinished = await this.#writes.write(() => {
      const found = this.#queries.unfinishedAnswers.all();
      for (const { turn_id: turnId, content, created_at: at, held } of found) {
        const errorCode = "interrupted";
        this.#finish(turnId, { content, status: "interrupted", errorCode, at }, held);
      }
      return found;
    });
    for (const { turn_id: turnId } of unfinished) this.#ledger.hasSettled(turnId, undefined);
    return unfinished.length;
  }

  async activeTurnId(sessionId: string): Promise<string | undefined> {
    const conversation = this.#queries.conversationBySession.get(sessionId);
    return conversation === null ? undefined : this.#activeTurnId(conversation.seq);
  }

  async findTurn(turnId: string): Promise<StoredTurn | undefined> {
    return this.#turn(turnId);
  }

  async findTurnByIdempotencyKey(sessionId: string, key: string): Promise<StoredTurn | undefined> {
    const conversation = this.#queries.conversationBySession.get(sessionId);
    return conversation === null ? undefined : this.#turnByKey(conversation.seq, key);
  }

  async listConversations(filter: ConversationFilter): Promise<ConversationPage> {
    if (filter.search === undefined) return this.#list.page(filter);
    // If another process holds the lock, the search still finds what was indexed before.
    await this.#index.catchUp().catch(() => undefined);
    return this.#searcher.search(filter);
  }

  async listKeys(filter: ConversationFilter): Promise<KeyPage> {
    if (filter.search === undefined) return this.#list.keys(filter);
    return keysOf(await this.listConversations(filter), filter);
  }

  async countNewer(filter: ConversationFilter, cursor: ConversationCursor): Promise<number> {
    return this.#list.countNewer(filter, cursor);
  }

  async findNeighbour(
    conversationId: string,
    filter: ConversationFilter,
    side: Side,
  ): Promise<string | undefined> {
    const place = this.#queries.conversationById.get(conversationId);
    return place === null
      ? undefined
      : neighbourOf((each) => this.listKeys(each), place, filter, side);
  }

  async fillMarks(): Promise<boolean> {
    return this.#writes.write(() => fillMarksStep(this.#db));
  }

  async searchBuiltShare(): Promise<number> {
    return this.#index.builtShare;
  }

  async rebuildSearchIndex(): Promise<RebuildProgress> {
    const isDone = await this.#index.rebuildStep();
    return { isDone, builtShare: this.#index.builtShare };
  }

  async findConversation(conversationId: string): Promise<Conversation | undefined> {
    const row = this.#queries.conversationById.get(conversationId);
    return row === null ? undefined : toConversation(row);
  }

  async findConversationBySession(sessionId: string): Promise<VisitorConversation | undefined> {
    const row = this.#queries.conversationBySession.get(sessionId);
    return row === null ? undefined : toVisitorConversation(row);
  }

  async listMessages(
    conversationId: string,
    limit = Number.MAX_SAFE_INTEGER,
    beforeId = Number.MAX_SAFE_INTEGER,
    characters = Number.POSITIVE_INFINITY,
  ): Promise<readonly Message[]> {
    const conversation = this.#queries.conversationById.get(conversationId);
    if (conversation === null) return [];
    const newestFirst = this.#queries.messagesBefore.iterate(conversation.seq, beforeId, limit);
    return takeRows(newestFirst, { limit, characters }).toReversed().map(toMessage);
  }

  async messagesAfter(
    conversationId: string,
    afterId: number,
    limit: number,
    characters = Number.POSITIVE_INFINITY,
  ): Promise<readonly Message[]> {
    const conversation = this.#queries.conversationById.get(conversationId);
    if (conversation === null) return [];
    const rows = this.#queries.messagesAfter.iterate(conversation.seq, afterId, limit);
    return takeRows(rows, { limit, characters }).map(toMessage);
  }

  async historyStart(conversationId: string, limit: number, bytes: number): Promise<number> {
    const conversation = this.#queries.conversationById.get(conversationId);
    if (conversation === null) return 0;
    return startOf(this.#queries.messageSizes.iterate(conversation.seq, limit), bytes);
  }

  async deleteConversation(conversationId: string): Promise<boolean> {
    let isErased = false;
    try {
      // In steps, so that other visitors do not wait for a long conversation.
      while (await this.#writes.write(() => this.#eraseStep(conversationId))) isErased = true;
      return isErased;
    } finally {
      if (isErased) this.#checkpoints.scrub();
    }
  }

  async listErasable(by: "id" | "session_id", value: string) {
    return this.#hidden.erasable[by].all(value).map(toConversationKey);
  }

  async hideConversation(conversationId: string, eraseAt: number): Promise<boolean> {
    return this.#writes.write(() => {
      const hidden = this.#hidden.hide.get(eraseAt, conversationId);
      if (hidden !== null) this.#hidden.stopAnswer.run(hidden.seq);
      return hidden !== null || this.#hidden.stored.get(conversationId) !== null;
    });
  }

  async restoreConversation(conversationId: string, at: number): Promise<boolean> {
    return this.#writes.write(() => {
      this.#hidden.restore.run(conversationId, at);
      return this.#queries.conversationById.get(conversationId) !== null;
    });
  }

  async eraseHidden(at: number): Promise<boolean> {
    const due = this.#hidden.due.get(at);
    if (due !== null) await this.deleteConversation(due.id);
    return due !== null;
  }

  /** Returns false when nothing was left. */
  #eraseStep(conversationId: string): boolean {
    // Looked up each time: after a deletion, another conversation may have got the same number.
    const conversation = this.#hidden.stored.get(conversationId);
    if (conversation !== null) this.#erasure.erase(conversation.seq);
    return conversation !== null;
  }

  async expireConversations(before: number): Promise<ExpiryStep> {
    const step = await this.#writes.write(() => this.#erasure.eraseExpired(before));
    if (!step.isDone) return step;
    const isDone = await this.#writes.write(() => releaseFreePages(this.#db));
    if (isDone) this.#checkpoints.scrub();
    return { ...step, isDone };
  }

  async databaseTime(): Promise<undefined> {
    return undefined;
  }

  async exportMessages(
    afterId: number,
    limit: number,
    characters = Number.POSITIVE_INFINITY,
  ): Promise<readonly ExportedMessage[]> {
    const rows = this.#queries.exportedMessages.iterate(afterId, limit);
    return takeRows(rows, { limit, characters }).map(toExportedMessage);
  }

  async dailyFigures(from: number, to: number): Promise<readonly DailyFigures[]> {
    const days = [utcDayOf(from), utcDayOf(to)] as const;
    return toDailyFigures(
      this.#queries.daily.all(...days),
      this.#queries.dailyFirstToken.all(...days),
      this.#queries.dailyGrounding.all(...days),
      this.#queries.dailyRatings.all(...days),
    );
  }

  async saveOwnerSession({ hash, createdAt, usedAt }: OwnerSession): Promise<void> {
    await this.#writes.write(() => this.#queries.saveOwnerSession.run(hash, createdAt, usedAt));
  }

  async touchOwnerSession(hash: string, usedAt: number): Promise<boolean> {
    const { changes } = await this.#writes.write(() =>
      this.#queries.touchOwnerSession.run(usedAt, hash),
    );
    return changes > 0;
  }

  async findOwnerSession(hash: string): Promise<OwnerSession | undefined> {
    const row = this.#queries.ownerSession.get(hash);
    return row === null ? undefined : { hash, createdAt: row.created_at, usedAt: row.used_at };
  }

  async deleteOwnerSession(hash: string): Promise<void> {
    await this.#writes.write(() => this.#queries.deleteOwnerSession.run(hash));
  }

  async deleteOwnerSessions(before: { createdAt: number; usedAt: number }): Promise<void> {
    const { createdAt, usedAt } = before;
    await this.#writes.write(() => this.#queries.deleteOwnerSessions.run(createdAt, usedAt));
  }

  ownerPasswordHash(): Promise<string | undefined> {
    return this.#password.ownerPasswordHash();
  }

  changeOwnerPassword(password: NewPassword): Promise<void> {
    return this.#password.changeOwnerPassword(password);
  }

  offerClaim(claim: Claim): Promise<void> {
    return this.#password.offerClaim(claim);
  }

  withdrawClaim(hash: string): Promise<void> {
    return this.#password.withdrawClaim(hash);
  }

  hasClaim(hash: string, at: number): Promise<boolean> {
    return this.#password.hasClaim(hash, at);
  }

  claimOwner(hash: string, password: NewPassword): Promise<boolean> {
    return this.#password.claimOwner(hash, password);
  }

  async secret(name: string, make: () => string): Promise<string> {
    return this.#writes.write(() => {
      const known = this.#queries.secret.get(name)?.value;
      if (known !== undefined) return known;
      const made = make();
      this.#queries.insertSecret.run(name, made);
      return made;
    });
  }

  readSettings(): Promise<StoredSettings> {
    return this.#settings.readSettings();
  }

  changeSettings(change: SettingsChange): Promise<boolean> {
    return this.#settings.changeSettings(change);
  }

  listAudit(limit: number): Promise<readonly AuditEntry[]> {
    return this.#settings.listAudit(limit);
  }

  listInstructions(): Promise<readonly StoredInstructions[]> {
    return this.#settings.listInstructions();
  }

  noteRefusedOrigins(refused: readonly RefusedOrigin[]): Promise<void> {
    return this.#refusedOrigins.noteRefusedOrigins(refused);
  }

  listRefusedOrigins(since: number): Promise<readonly RefusedOrigin[]> {
    return this.#refusedOrigins.listRefusedOrigins(since);
  }

  forgetRefusedOrigin(origin: string): Promise<void> {
    return this.#refusedOrigins.forgetRefusedOrigin(origin);
  }

  noteSetupFact(fact: SetupFact): Promise<void> {
    return this.#setupFacts.noteSetupFact(fact);
  }

  listSetupFacts(topic: SetupTopic): Promise<readonly SetupFact[]> {
    return this.#setupFacts.listSetupFacts(topic);
  }

  takeOver(conversationId: string, by: { name: string; at: number }): Promise<boolean> {
    return this.#takeovers.takeOver(conversationId, by);
  }

  giveBack(conversationId: string): Promise<boolean> {
    return this.#takeovers.giveBack(conversationId);
  }

  findTakeover(conversationId: string): Promise<Takeover | undefined> {
    return this.#takeovers.findTakeover(conversationId);
  }

  addOwnerMessage(message: NewOwnerMessage): Promise<StoredOwnerMessage> {
    return this.#takeovers.addOwnerMessage(message);
  }

  ownerMessagesAfter(conversationId: string, afterId: number, limit: number) {
    return this.#takeovers.ownerMessagesAfter(conversationId, afterId, limit);
  }

  versionsOf(conversationIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.#takeovers.versionsOf(conversationIds);
  }

  async sizeBytes(): Promise<number> {
    return this.#queries.size.get()?.bytes ?? 0;
  }

  async usedBytes(): Promise<number> {
    return usedBytes(this.#db);
  }

  async ping(): Promise<void> {
    // The ping reads little and may succeed in a damaged file, in which new data may be lost.
    if (this.#writes.damage) throw this.#writes.damage;
    this.#queries.ping.get();
  }

  async close(): Promise<void> {
    this.#index.close();
    this.#searcher.close();
    await this.#ledger.close();
    await this.#writes.close();
    this.#checkpoints.close();
    this.#db.close();
  }

  #turn(turnId: string): StoredTurn | undefined {
    const row = this.#queries.turn.get(turnId);
    return row === null ? undefined : toStoredTurn(row);
  }

  #turnByKey(conversationSeq: number, key: string | undefined): StoredTurn | undefined {
    if (key === undefined) return undefined;
    const found = this.#queries.turnIdByKey.get(conversationSeq, key);
    return found === null ? undefined : this.#turn(found.turn_id);
  }

  #activeTurnId(conversationSeq: number): string | undefined {
    const newest = this.#queries.newestAnswer.get(conversationSeq);
    return newest?.status === "streaming" ? newest.turn_id : undefined;
  }

  #exchanges({ seq, was_taken_over: was }: ConversationState, limit: number): Iterable<Exchange> {
    const { exchanges, exchangesWithOwner } = this.#queries;
    return (was === 1 ? exchangesWithOwner : exchanges).iterate(seq, limit);
  }

  #leaveToPerson(turnId: string): Beginning | undefined {
    this.#queries.leaveToPerson.run(turnId);
    const turn = this.#turn(turnId);
    return turn && { kind: "person", turn };
  }

  #insertQuestion(conversationSeq: number, { turnId, question, at }: NewTurn): number {
    const stored = this.#queries.insertQuestion.get(conversationSeq, turnId, question, at);
    if (stored === null) throw new Error("The question could not be stored.");
    this.#index.note(stored.id);
    return stored.id;
  }

  #insertAnswer(seq: number, turn: NewTurn, questionId: number, held: string | null = null): void {
    const { turnId, model, at, idempotencyKey: key = null } = turn;
    const answer = [seq, turnId, questionId, key, model, at, held] as const;
    const stored = this.#queries.insertAnswer.get(...answer);
    if (stored === null) throw new Error("The answer could not be stored.");
    this.#index.note(stored.id);
  }

  #isForPerson(known: ConversationState | null, { isForPerson = false, at }: NewTurn): boolean {
    return isForPerson || (known !== null && this.#takeovers.answersIn(known, at));
  }

  /** @param held what the answer's row keeps for the ledger, where this process may not know it */
  #finish(turnId: string, outcome: Outcome, held: string | null = null): boolean {
    const end = (cost: number | undefined) => this.#finishAnswer(turnId, outcome, cost);
    return this.#ledger.endTurn(turnId, outcome, { held, end });
  }

  /** Ends an answer that is still `streaming`; any other is left as it is. */
  #finishAnswer(turnId: string, outcome: Outcome, cost: number | undefined): boolean {
    const { content, status, usage } = outcome;
    const answer = this.#queries.finishAnswer.get(
      content,
      status,
      outcome.finishReason ?? null,
      outcome.errorCode ?? null,
      usage?.promptTokens ?? null,
      usage?.completionTokens ?? null,
      usage?.totalTokens ?? null,
      outcome.firstTokenMs ?? null,
      outcome.durationMs ?? null,
      outcome.grounding ?? null,
      toSourcesText(outcome.sources),
      cost ?? null,
      turnId,
    );
    if (answer === null) return false;
    this.#index.messageEnded();
    this.#countAnswer(this.#dayOf(answer.created_at), outcome);
    if (content === "") return true;
    this.#queries.touchConversation.run(outcome.at, preview(content), 0, answer.conversation_seq);
    return true;
  }

  #countAnswer(day: number, outcome: Outcome): void {
    const { tokens, errors, firstTokenMs } = countsOf(outcome);
    if (tokens > 0 || errors > 0) this.#queries.countDaily.run(day, 0, 0, tokens, errors);
    if (firstTokenMs !== undefined) this.#queries.countFirstToken.run(day, firstTokenMs);
    if (outcome.grounding !== undefined) this.#queries.countGrounding.run(day, outcome.grounding);
  }

  #openConversation(known: ConversationState | null, { sessionId, at }: NewTurn): OpenConversation {
    if (known !== null) return { seq: known.seq, id: known.id, isNew: false };
    const id = `c_${randomText(16)}`;
    const made = this.#queries.insertConversation.get(id, sessionId, at, at);
    if (made === null) throw new Error("The conversation could not be stored.");
    return { seq: made.seq, id, isNew: true };
  }
}

/** @throws ConversationFullError */
function refuseWhereFull(known: ConversationState | null): void {
  if (known !== null && known.message_count >= MAX_CONVERSATION_MESSAGES) {
    throw new ConversationFullError();
  }
}

interface OpenConversation {
  readonly seq: number;
  readonly id: string;
  readonly isNew: boolean;
}
