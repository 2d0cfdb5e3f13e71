import type { ChatEvent } from "../../src/conversation/events.ts";
import type { Message } from "../../src/conversation/records.ts";

/**
 * Everything that a server has acknowledged to its clients, and so must have stored. A question is
 * acknowledged by its `start` event (or 200), a token by its arrival, an answer by its `done`.
 */
export class Ledger {
  readonly #turns: LedgerTurn[] = [];
  readonly #fencedWithinMs: number | undefined;
  #onEvent: (() => void) | undefined;
  #heardEvents = 0;

  /**
   * @param fencedWithinMs of several replicas: how long one may go on sending, and store nothing, before it
   * learns that the others have given it up. Its answers end as `interrupted`.
   */
  constructor(fencedWithinMs?: number) {
    this.#fencedWithinMs = fencedWithinMs;
  }

  get turns(): readonly LedgerTurn[] {
    return this.#turns;
  }

  get acknowledged(): readonly LedgerTurn[] {
    return this.#turns.filter(({ turnId }) => turnId !== undefined);
  }

  /** Enters a question before it is sent. Each question must be unique, because its text identifies it. */
  ask(sessionId: string, question: string): LedgerTurn {
    const onEvent = () => {
      this.#heardEvents += 1;
      this.#onEvent?.();
    };
    const turn = new LedgerTurn(sessionId, question, onEvent, this.#fencedWithinMs);
    this.#turns.push(turn);
    return turn;
  }

  /** Resolves when the clients have received this many more events. */
  events(count: number): Promise<void> {
    const wanted = this.#heardEvents + count;
    return new Promise((resolve) => {
      this.#onEvent = () => {
        if (this.#heardEvents < wanted) return;
        this.#onEvent = undefined;
        resolve();
      };
    });
  }

  /** The process was killed. Of an answer under way, it must have stored what it had time to save. */
  serverKilled(at: number): void {
    for (const turn of this.#turns) turn.serverKilled(at);
  }

  /**
   * A replica died, froze or lost its database, and the others end its answers. Which answers are its own is
   * not known: of each one under way, somebody must have stored what there was time to save.
   */
  ownersLost(at: number): void {
    for (const turn of this.#turns) turn.ownerLost(at);
  }

  /** Everything that is missing, doubled, mixed up or changed in what is stored. One sentence each. */
  compare(stored: ReadonlyMap<string, readonly Message[]>): string[] {
    const sessions = Map.groupBy(this.#turns, ({ sessionId }) => sessionId);
    const strangers = [...stored.keys()].filter((sessionId) => !sessions.has(sessionId));
    const problems = strangers.map((sessionId) => `${sessionId}: a session that nobody began`);
    for (const [sessionId, turns] of sessions) {
      const messages = stored.get(sessionId) ?? [];
      problems.push(...compareSession(turns, messages).map((text) => `${sessionId}: ${text}`));
    }
    return problems;
  }
}

/** The error of an answer whose end could not be stored at the time. */
const STORED_LATER = "internal_error";
/** The error of an answer whose replica was given up by the others. */
const FENCED = "interrupted";
/** Partial text is saved at least once a second (contract section 4). */
const MAX_UNSAVED_MS = 1000;

interface Arrival {
  readonly textLength: number;
  readonly at: number;
}

/** One question, and what its visitor has received. */
export class LedgerTurn {
  readonly sessionId: string;
  readonly question: string;
  readonly #onEvent: () => void;
  readonly #fencedWithinMs: number | undefined;
  readonly #arrivals: Arrival[] = [];
  #killedAt: number | undefined;
  #lostAt: number | undefined;
  readonly #waiting: { readonly events: number; readonly resolve: () => void }[] = [];
  #heardEvents = 0;
  #text = "";
  #turnId: string | undefined;
  #done: string | undefined;
  #errorCode: string | undefined;

  constructor(
    sessionId: string,
    question: string,
    onEvent: () => void,
    fencedWithinMs: number | undefined,
  ) {
    this.#fencedWithinMs = fencedWithinMs;
    this.sessionId = sessionId;
    this.question = question;
    this.#onEvent = onEvent;
  }

  /** Set once the question is acknowledged. */
  get turnId(): string | undefined {
    return this.#turnId;
  }

  /** The whole answer, once it is acknowledged. */
  get done(): string | undefined {
    return this.#done;
  }

  /** The public code of an answer that failed, or of a question that was refused. */
  get errorCode(): string | undefined {
    return this.#errorCode;
  }

  hear(event: ChatEvent): void {
    switch (event.type) {
      case "start":
        this.#turnId = event.turnId;
        break;
      case "token":
        this.#text += event.token;
        this.#arrivals.push({ textLength: this.#text.length, at: performance.now() });
        break;
      case "done":
        this.#done = event.message;
        break;
      case "error":
        this.#errorCode = event.code;
    }
    this.#heardEvents += 1;
    for (const { events, resolve } of this.#waiting) if (this.#heardEvents >= events) resolve();
    this.#onEvent();
  }

  /** Resolves when the visitor has received this many events of the turn. */
  events(events: number): Promise<void> {
    if (this.#heardEvents >= events) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ events, resolve }));
  }

  hearWhole(answer: { readonly turnId: string; readonly message: string }): void {
    this.#turnId = answer.turnId;
    this.#done = answer.message;
    this.#onEvent();
  }

  refused(code: string): void {
    this.#errorCode = code;
  }

  serverKilled(at: number): void {
    this.#killedAt ??= at;
  }

  ownerLost(at: number): void {
    if (this.#done === undefined && this.#errorCode === undefined) this.#lostAt ??= at;
  }

  /** How long before the last token the text after this length began to come. */
  msBeforeEnd(textLength: number): number {
    const missing = this.#arrivals.find((arrival) => arrival.textLength > textLength);
    return Math.round(this.#lastTokenAt() - (missing?.at ?? this.#lastTokenAt()));
  }

  /** The least text that must be stored of an answer that was not finished. */
  owedText(): string {
    const endedAt = this.#storingEndedAt();
    if (endedAt === undefined) return this.#text.trim();
    const savedAt = endedAt - MAX_UNSAVED_MS;
    const saved = this.#arrivals.findLast(({ at }) => at <= savedAt);
    return this.#text.slice(0, saved?.textLength ?? 0).trim();
  }

  /** When the server had its last chance to store text; undefined when it had one until the end. */
  #storingEndedAt(): number | undefined {
    // An answer is stored with all its text before its failure is sent, unless its owner was lost.
    if (this.#errorCode === undefined) return this.#lostAt ?? this.#killedAt;
    const mayBeFenced = this.#fencedWithinMs !== undefined && this.#errorCode === FENCED;
    if (!mayBeFenced) return this.#lostAt;
    return Math.min(this.#lostAt ?? Infinity, this.#lastTokenAt() - (this.#fencedWithinMs ?? 0));
  }

  #lastTokenAt(): number {
    return this.#arrivals.at(-1)?.at ?? 0;
  }
}

function compareSession(turns: readonly LedgerTurn[], messages: readonly Message[]): string[] {
  const problems: string[] = [];
  const asked = new Set(turns.map(({ question }) => question));
  const questions = messages.filter(({ role }) => role === "user");
  const answers = messages.filter((message, index) => {
    return message.role === "assistant" && !isBegunAnew(message, messages[index + 1]);
  });

  for (const { content } of questions) {
    if (!asked.has(content)) problems.push(`holds "${content}", which was not asked here`);
  }
  if (new Set(questions.map(({ content }) => content)).size < questions.length) {
    problems.push("holds a question twice");
  }
  if (new Set(answers.map(({ turnId }) => turnId)).size < answers.length) {
    problems.push("holds two answers of one turn");
  }
  if (answers.length !== questions.length) {
    problems.push(`holds ${questions.length} questions and ${answers.length} answers`);
  }
  const order = questions.map(({ content }) => turns.findIndex((t) => t.question === content));
  if (order.some((place, index) => index > 0 && place < (order[index - 1] ?? -1))) {
    problems.push("holds its questions in another order than they were asked in");
  }
  for (const turn of turns) problems.push(...compareTurn(turn, messages));
  return problems;
}

/**
 * Whether an answer never began, and its question was repeated with its key and answered: the database had taken it
 * without the replica hearing of it.
 */
function isBegunAnew({ status, content }: Message, next: Message | undefined): boolean {
  return status === "interrupted" && content === "" && next?.role === "assistant";
}

function compareTurn(turn: LedgerTurn, messages: readonly Message[]): string[] {
  const { turnId, done, question } = turn;
  const place = `"${question}" (${turnId})`;
  if (turnId === undefined) return [];
  if (!messages.some(({ role, content }) => role === "user" && content === question)) {
    return [`${place} was acknowledged and is missing`];
  }
  const answer = messages.find((found) => found.role === "assistant" && found.turnId === turnId);
  if (answer === undefined) return [`the answer to ${place} is missing`];
  const { content, status } = answer;
  const problems: string[] = [];
  if (status === "streaming") problems.push(`the answer to ${place} is left in streaming`);
  if (done !== undefined) {
    if (content !== done) problems.push(`the answer to ${place} differs from its done event`);
    if (status !== "complete" && status !== "stopped") {
      problems.push(`the answer to ${place} was sent as done and is ${status}`);
    }
    return problems;
  }
  // The store may take an answer later that it could not take when its end was sent.
  const mayHaveEndedWell = turn.errorCode === undefined || turn.errorCode === STORED_LATER;
  if (!mayHaveEndedWell && status !== "interrupted" && status !== "failed") {
    problems.push(`the answer to ${place} was sent as an error and is ${status}`);
  }
  const owed = turn.owedText();
  if (!content.startsWith(owed)) {
    const came = `which came ${turn.msBeforeEnd(content.length)} ms before its last (${turn.errorCode ?? "no end"})`;
    problems.push(
      `the answer to ${place} has lost text, ${came}: "${content}" instead of "${owed}"…`,
    );
  }
  return problems;
}
