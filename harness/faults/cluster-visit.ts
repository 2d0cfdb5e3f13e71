import { END_NUMBER } from "../../src/turns/turn.ts";
import { ask, resume, stopAnswer } from "../chat-requests.ts";
import type { LedgerTurn } from "./ledger.ts";
import { answerTo } from "./load.ts";
import type { Random } from "./random.ts";
import { isConnectionLoss, readMessages } from "./visitor.ts";

/** An answer of the load sends a token every few milliseconds. A reader of nothing comes again. */
const SILENCE_MS = 4000;
/** One request in this many is cut by the visitor's own network. */
const CUT_EVERY = 6;
/** A visitor's network fails after at most this many events. */
const MAX_EVENTS_BEFORE_CUT = 12;
/** One answer in this many is stopped by its visitor. */
const STOP_EVERY = 15;
/** The least event number of an answer that was read from the database. It has three events, the end included. */
const FIRST_STORED = END_NUMBER - 2;

/** One question, over as many requests as it takes. */
abstract class Visit {
  readonly turn: LedgerTurn;
  readonly problems: string[] = [];
  protected readonly url: string;
  protected isEnded = false;

  constructor(url: string, turn: LedgerTurn) {
    this.url = url;
    this.turn = turn;
  }

  get isOver(): boolean {
    return this.isEnded;
  }

  wrong(what: string): void {
    const { question, turnId } = this.turn;
    this.problems.push(`"${question}" (${turnId}) ${what}`);
    this.isEnded = true;
  }

  /** Makes one request and reads its answer as far as it comes. */
  async go(): Promise<void> {
    const leaving = new AbortController();
    const silence = setTimeout(() => leaving.abort(), SILENCE_MS);
    try {
      const response = await this.request(leaving.signal);
      if (response.status === 200) await this.read(response, leaving, silence);
      else await this.#refused(response);
    } finally {
      clearTimeout(silence);
      leaving.abort();
    }
  }

  protected abstract request(signal: AbortSignal): Promise<Response>;
  protected abstract read(
    response: Response,
    leaving: AbortController,
    silence: Timer,
  ): Promise<void>;
  /** Whether a refusal with this code is how the answer ended. */
  protected isEndedBy(_code: string): boolean {
    return false;
  }

  protected ask(path: string, signal: AbortSignal): Promise<Response> {
    const { sessionId, question } = this.turn;
    const headers = { "idempotency-key": question };
    return ask(this.url, question, { path, sessionId, headers, signal });
  }

  async #refused(response: Response): Promise<void> {
    const body = await response.text();
    if (response.status === 204) return this.wrong("has nothing more to read, and no end");
    // A refusal for the moment, by a replica or by the balancer. An answer of the session's earlier question
    // may also still count as under way.
    const code = /"code":"(\w+)"/.exec(body)?.[1] ?? "";
    if (this.isEndedBy(code)) {
      this.turn.refused(code);
      this.isEnded = true;
    } else if (!RETRIED.has(response.status)) {
      this.wrong(`was answered with ${response.status}: ${body.slice(0, 200)}`);
    }
  }
}

/** Statuses after which the visitor tries again. */
const RETRIED: ReadonlySet<number> = new Set([409, 429, 502, 503, 504]);

/** Reads the whole answer at once. Does not know its turn before. */
export class JsonVisit extends Visit {
  protected request(signal: AbortSignal): Promise<Response> {
    return this.ask("/v1/chat", signal);
  }

  protected async read(response: Response): Promise<void> {
    const answer: { turnId: string; message: string } = JSON.parse(await response.text());
    this.turn.hearWhole(answer);
    this.isEnded = true;
    if (answer.message !== answerTo(this.turn.question)) {
      this.wrong(`was answered with "${answer.message}"`);
    }
  }

  protected override isEndedBy(code: string): boolean {
    return ENDS.has(code);
  }
}

/** Codes that say how the answer ended, for good. */
const ENDS: ReadonlySet<string> = new Set(["interrupted", "internal_error", "model_error"]);

/** Reads the answer token by token, over one connection after the other. */
export class StreamVisit extends Visit {
  readonly #random: Random;
  /** The number of the newest event. */
  #newest = 0;
  #text = "";
  #wantsStop: boolean;

  constructor(url: string, turn: LedgerTurn, random: Random) {
    super(url, turn);
    this.#random = random;
    this.#wantsStop = random.between(1, STOP_EVERY) === 1;
  }

  protected request(signal: AbortSignal): Promise<Response> {
    const { turnId } = this.turn;
    if (turnId === undefined) return this.ask("/v1/chat/stream", signal);
    return resume(this.url, turnId, this.#newest, signal);
  }

  protected async read(
    response: Response,
    leaving: AbortController,
    silence: Timer,
  ): Promise<void> {
    const random = this.#random;
    const isCut = random.between(1, CUT_EVERY) === 1;
    let eventsToCut = isCut ? random.between(1, MAX_EVENTS_BEFORE_CUT) : Number.POSITIVE_INFINITY;
    for await (const { id, data } of readMessages(response)) {
      silence.refresh();
      const number = Number(id);
      const isEnd = data.type === "done" || data.type === "error";
      const isStored = number >= FIRST_STORED && this.#newest < FIRST_STORED;
      if (number !== this.#newest + 1 && !isStored) {
        return this.wrong(`was sent event ${number} after ${this.#newest}`);
      }
      if (data.type === "start" && this.turn.turnId !== undefined) {
        return this.wrong(`began twice, the second time as ${data.turnId}`);
      }
      this.#newest = number;
      this.turn.hear(data);
      if (data.type === "token") this.#text += data.token;
      if (data.type === "done") this.#check(data);
      this.isEnded ||= isEnd;
      if (isEnd) return;
      if (this.#wantsStop && this.#text !== "") void this.#stop();
      eventsToCut -= 1;
      if (eventsToCut === 0) leaving.abort();
    }
  }

  /** The answer must be the question's own, and what was sent of it token by token. */
  #check({ message, finishReason }: { readonly message: string; readonly finishReason?: string }) {
    const whole = answerTo(this.turn.question);
    const isRight = finishReason === "stopped" ? whole.startsWith(message) : message === whole;
    if (!isRight) this.wrong(`was answered with "${message}" (${finishReason})`);
    const read = this.#text.trim();
    const isRead = this.#newest === END_NUMBER ? message.startsWith(read) : message === read;
    if (!isRead) this.wrong(`was sent as "${read}" and ended as "${message}"`);
  }

  async #stop(): Promise<void> {
    this.#wantsStop = false;
    const { turnId } = this.turn;
    if (turnId === undefined) return;
    try {
      await (await stopAnswer(this.url, turnId)).arrayBuffer();
    } catch (error) {
      // Nothing is owed for a stop that did not arrive: the answer goes on.
      if (!isConnectionLoss(error)) throw error;
    }
  }
}
