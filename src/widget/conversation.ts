import type { ChatEvent } from "../chat/events.ts";
import type { ApiClient, History } from "./api-client.ts";
import type { NumberedEvent } from "./event-stream.ts";
import { Failure } from "./failure.ts";
import { patiently, type Work } from "./patience.ts";
import type { SessionKeeper } from "./session.ts";

/** What a visitor sees of a message. */
export interface Entry {
  readonly role: "user" | "assistant";
  text: string;
  /** Of an answer: `cut` ended before it was complete, `failed` never came to an end. */
  status: "complete" | "streaming" | "stopped" | "cut" | "failed";
}

/** Something the visitor has to know besides the messages. */
export interface Notice {
  readonly kind: "offline" | "reconnecting" | "wait" | "down" | "unsent" | "busy" | "setup";
  /** Of `wait`: until it goes on. */
  readonly seconds?: number;
  /** Trying again can help. */
  readonly canRetry?: boolean;
  /** Of `setup`: the attribute to look at. */
  readonly detail?: string;
}

interface ConversationOptions {
  readonly api: ApiClient;
  readonly sessions: SessionKeeper;
  /** Called after every change of what is to be shown. */
  readonly onChange: () => void;
  readonly onMessage: (entry: Entry) => void;
  /** Every failure that ended something, with its code. */
  readonly onFailure: (failure: Failure) => void;
  /** The attribute that keeps the chat from working. */
  readonly wrongSetting: string | undefined;
}

/** A question on its way, and what is known of its answer. */
interface Exchange {
  readonly text: string;
  /** Repeating a request under the same key never asks twice. */
  key: string;
  readonly answer: Entry;
  turnId: string | undefined;
  lastEvent: number;
}

/** The visitor's side of the conversation: what was said, what is under way, what went wrong. */
export class Conversation {
  entries: Entry[] = [];
  notice: Notice | undefined;
  /** True until the earlier messages are there. */
  isLoading = false;
  readonly #options: ConversationOptions;
  #exchange: Exchange | undefined;
  /** What `retry` does. */
  #again: (() => void) | undefined;
  #work = new AbortController();
  #isStopping = false;
  #hasLoaded = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const detail = options.wrongSetting;
    if (detail !== undefined) this.notice = { kind: "setup", detail };
  }

  /** False when a setting keeps the chat from working. */
  get isUsable(): boolean {
    return this.#options.wrongSetting === undefined;
  }

  get isAnswering(): boolean {
    return this.#exchange !== undefined;
  }

  /** Reads the earlier messages, once, and follows the answer that is still being written. */
  load(): void {
    if (this.#hasLoaded || !this.isUsable) return;
    this.#hasLoaded = true;
    if (!this.#options.sessions.current() || this.isAnswering) return;
    this.isLoading = true;
    this.#changed();
    void this.#run(
      () => this.#loadHistory(),
      () => this.load(),
    );
  }

  /** Asks, unless an answer is under way. Returns whether it did. */
  send(text: string): boolean {
    const question = toWellFormed(text).replaceAll("\0", "").trim();
    const isBusy = this.isAnswering || this.isLoading;
    if (question === "" || isBusy || !this.isUsable) return false;
    // Who writes first has no use for what was before, if it could not be read until now.
    this.#hasLoaded = true;
    const asked: Entry = { role: "user", text: question, status: "complete" };
    this.entries.push(asked);
    this.#options.onMessage(asked);
    this.#ask(question);
    return true;
  }

  retry(): void {
    const again = this.#again;
    this.notice = this.#again = undefined;
    again?.();
    this.#changed();
  }

  /** Ends the answer; what was said so far stays. */
  stop(): void {
    const exchange = this.#exchange;
    if (!exchange || (this.#isStopping && !this.notice)) return;
    this.#isStopping = true;
    if (exchange.turnId !== undefined && !this.notice)
      void this.#stopTurn(exchange, exchange.turnId);
    // Without a connection there is nothing to wait for. Else the answer's first event is.
    else if (this.notice) this.#settle("stopped");
  }

  /** Leaves the conversation and begins a new one. */
  reset(): void {
    if (!this.isUsable) return;
    const turnId = this.#exchange?.turnId;
    if (turnId !== undefined) void this.#options.api.stop(turnId).catch(() => undefined);
    this.dispose();
    this.#work = new AbortController();
    this.#options.sessions.forget();
    this.entries = [];
    this.#exchange = this.notice = this.#again = undefined;
    this.isLoading = this.#isStopping = false;
    this.#changed();
  }

  /** Ends everything that is under way. */
  dispose(): void {
    this.#work.abort();
  }

  #changed(): void {
    this.#options.onChange();
  }

  #ask(text: string): void {
    const answer: Entry = { role: "assistant", text: "", status: "streaming" };
    this.entries.push(answer);
    this.#follow({ text, key: randomKey(), answer, turnId: undefined, lastEvent: 0 });
  }

  #follow(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#isStopping = false;
    this.notice = this.#again = undefined;
    exchange.answer.status = "streaming";
    this.#changed();
    void this.#run(
      (progressed) => this.#readAnswer(exchange, progressed),
      // Whether the question arrived may be unknown: the same key asks at most once.
      () => this.#follow(exchange),
    );
  }

  /** Does something until it works or cannot; then the notice says why, and `again` is what retry does. */
  async #run(work: Work, again: () => void): Promise<void> {
    const { signal } = this.#work;
    try {
      await patiently(work, {
        signal,
        onTrouble: (notice) => {
          // What the visitor wants to end is not tried again.
          if (this.#isStopping) return this.#settle("stopped");
          this.notice = notice;
          this.#changed();
        },
        onSessionLost: () => this.#forgetSession(),
      });
    } catch (error) {
      if (signal.aborted) return;
      this.#failed(error instanceof Failure ? error : new Failure("refused", String(error)), again);
    }
  }

  async #loadHistory(): Promise<void> {
    const { signal } = this.#work;
    const history = await this.#options.api.history(signal);
    if (signal.aborted) return;
    this.notice = undefined;
    this.#showHistory(history);
  }

  #showHistory({ messages, activeTurnId }: History): void {
    this.isLoading = false;
    this.entries = messages.flatMap(({ role, content, status }, index) => {
      // An answer that failed and was asked for again is of no more interest.
      if (role === "assistant" && messages[index + 1]?.role === "assistant") return [];
      return [{ role, text: content, status: statusOf(status) }];
    });
    const last = this.entries.at(-1);
    const question = this.entries.findLast(({ role }) => role === "user")?.text ?? "";
    if (last?.role === "assistant" && activeTurnId !== undefined) {
      // From its beginning: what was saved may be less than what was sent.
      const place = { key: randomKey(), turnId: activeTurnId, lastEvent: 0 };
      this.#follow({ text: question, answer: last, ...place });
      return;
    }
    if (last?.status === "streaming") last.status = "cut";
    if (last?.status === "failed") this.#offerRetry("down", () => this.#askAgain(question));
    this.#changed();
  }

  /** Reads the answer's events from where it stands; asks first if that has not been done. */
  async #readAnswer(exchange: Exchange, progressed: () => void): Promise<void> {
    const { api } = this.#options;
    const { signal } = this.#work;
    const { turnId, lastEvent } = exchange;
    const events =
      turnId === undefined
        ? api.ask(exchange.text, exchange.key, signal)
        : api.resume(turnId, lastEvent, signal);
    try {
      for await (const event of events) {
        if (signal.aborted || this.#exchange !== exchange) return;
        if (event.number > exchange.lastEvent) progressed();
        if (this.#take(exchange, event)) return;
      }
    } catch (error) {
      // The turn is not to be had event by event any more; the history tells how it ended.
      const isGone = error instanceof Failure && error.kind === "refused" && turnId !== undefined;
      if (!isGone) throw error;
      return this.#readEnding();
    }
    throw new Failure("network", "connection_lost");
  }

  async #readEnding(): Promise<void> {
    const history = await this.#options.api.history(this.#work.signal);
    this.#exchange = undefined;
    this.notice = undefined;
    this.#showHistory({ ...history, activeTurnId: undefined });
  }

  /** Returns true when that was the last event. */
  #take(exchange: Exchange, { number, event }: NumberedEvent): boolean {
    const { answer } = exchange;
    if (number <= exchange.lastEvent) return false;
    // The first token of a turn told anew replaces what was there of it.
    if (exchange.lastEvent < 2 && event.type === "token") answer.text = "";
    exchange.lastEvent = number;
    this.notice = undefined;
    if (event.type === "token") answer.text += event.token;
    if (event.type === "start") {
      exchange.turnId = event.turnId;
      if (this.#isStopping) void this.#stopTurn(exchange, event.turnId);
    }
    const isFinal = event.type === "done" || event.type === "error";
    if (isFinal) this.#end(exchange, event);
    this.#changed();
    return isFinal;
  }

  #end({ text, answer }: Exchange, event: ChatEvent): void {
    if (event.type === "done") {
      answer.text = event.message;
      const isCut = event.finishReason === "length" || event.finishReason === "content_filter";
      this.#settle(event.finishReason === "stopped" ? "stopped" : isCut ? "cut" : "complete");
    } else if (event.type === "error") {
      this.#settle(answer.text === "" ? "failed" : "cut");
      this.#offerRetry("down", () => this.#askAgain(text));
      this.#options.onFailure(new Failure("server", event.code));
    }
  }

  #settle(status: Entry["status"]): void {
    const exchange = this.#exchange;
    if (!exchange) return;
    exchange.answer.status = status;
    this.#exchange = this.notice = undefined;
    // Nobody reads on what was given up without a connection.
    this.#work.abort();
    this.#work = new AbortController();
    if (status !== "failed") this.#options.onMessage(exchange.answer);
    this.#changed();
  }

  /** The same question under a new key, in the place of the answer that failed. */
  #askAgain(text: string): void {
    if (this.entries.at(-1)?.role === "assistant") this.entries.pop();
    this.#ask(text);
  }

  #failed(failure: Failure, again: () => void): void {
    this.isLoading = false;
    this.#hasLoaded = this.entries.length > 0;
    const exchange = this.#exchange;
    this.#exchange = undefined;
    const retry =
      failure.code === "idempotency_conflict" && exchange
        ? () => this.#askAgain(exchange.text)
        : again;
    if (exchange) exchange.answer.status = exchange.answer.text === "" ? "failed" : "cut";
    if (failure.kind === "setup") {
      this.notice = { kind: "setup", canRetry: true };
      this.#again = retry;
    } else {
      const isUnsent = exchange !== undefined && exchange.turnId === undefined;
      const kind = failure.kind === "busy" ? "busy" : isUnsent ? "unsent" : "down";
      this.#offerRetry(kind, retry);
    }
    this.#options.onFailure(failure);
    this.#changed();
  }

  #offerRetry(kind: Notice["kind"], again: () => void): void {
    this.#again = again;
    this.notice = { kind, canRetry: true };
  }

  async #stopTurn(exchange: Exchange, turnId: string): Promise<void> {
    try {
      // The stream then brings the answer's last event.
      await this.#options.api.stop(turnId);
    } catch {
      // The visitor has stopped it, whatever the server does with the rest.
      if (this.#exchange === exchange) this.#settle("stopped");
    }
  }

  #forgetSession(): void {
    this.#options.sessions.forget();
    if (this.#exchange) Object.assign(this.#exchange, { turnId: undefined, lastEvent: 0 });
  }
}

function statusOf(status: string): Entry["status"] {
  if (status === "interrupted") return "cut";
  const known = ["complete", "streaming", "stopped", "failed"] as const;
  return known.find((each) => each === status) ?? "complete";
}

/** Not crypto.randomUUID, which pages without TLS do not have. */
function randomKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}

/** Without halves of characters, which are no text. */
function toWellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}
