import type { ApiClient, History } from "./api-client.ts";
import type { NumberedEvent } from "./event-stream.ts";
import { Failure } from "./failure.ts";
import { patiently, type Trouble, type Work } from "./patience.ts";
import type { SessionKeeper } from "./session.ts";

/** What a visitor sees of a message. */
export interface Entry {
  readonly role: "user" | "assistant";
  text: string;
  /** Of an answer: `cut` ended before it was complete, `failed` never came to a beginning. */
  status: "complete" | "streaming" | "stopped" | "cut" | "failed";
}

/** Something the visitor has to know besides the messages. */
export interface Notice {
  readonly kind: Trouble["kind"] | "down" | "title";
  readonly seconds?: number;
  /** The setting to look at. */
  readonly detail?: string;
  /** Tries again what has failed, where that can help. */
  readonly retry?: () => void;
}

/** The visitor's side of the conversation: what was said, what is under way, what went wrong. */
export interface Conversation {
  entries(): readonly Entry[];
  notice(): Notice | undefined;
  isAnswering(): boolean;
  /** True until the earlier messages are there. */
  isLoading(): boolean;
  /** Reads the earlier messages, once, and follows the answer that is still being written. */
  load(): void;
  /**
   * Asks, as soon as the earlier messages are there and no answer is under way. Returns whether the text
   * was taken: it is no question when it is empty or too long, and only so many wait.
   */
  send(text: string): boolean;
  /** Ends the answer; what was said so far stays. */
  stop(): void;
  /** Leaves the conversation and begins a new one. */
  reset(): void;
  /** Ends everything that is under way. */
  dispose(): void;
}

interface ConversationOptions {
  readonly api: ApiClient;
  readonly sessions: SessionKeeper;
  /** Called after every change of what is to be shown. */
  readonly onChange: () => void;
  /** A question that was asked, or an answer that has ended. */
  readonly onMessage: (entry: Entry) => void;
  /** Every failure that ended something. */
  readonly onFailure: (failure: Failure) => void;
}

/** What the server takes, in Unicode code points. */
export const MAX_LENGTH = 4000;
/** How an answer ended, by its finish reason; for any other, it was cut. */
const ENDINGS: Partial<Record<string, Entry["status"]>> = {
  stop: "complete",
  stopped: "stopped",
};
/** How many questions wait for the answers to those before them; a page can send without end. */
const MAX_WAITING = 9;

/** A question on its way, and what is known of its answer. */
interface Exchange {
  readonly text: string;
  /** Repeating a request under the same key never asks twice. */
  readonly key: string;
  readonly answer: Entry;
  turnId?: string | undefined;
  lastEvent: number;
}

export function createConversation(options: ConversationOptions): Conversation {
  const { api, sessions, onChange, onMessage, onFailure } = options;
  let entries: Entry[] = [];
  let waiting: string[] = [];
  let notice: Notice | undefined;
  let exchange: Exchange | undefined;
  let isLoading = false;
  let hasLoaded = false;
  let work = new AbortController();

  /** Does something until it works or cannot; the notice then offers to do it again. */
  async function run(task: Work, again: () => void): Promise<void> {
    const { signal } = work;
    const onTrouble = (trouble: Trouble) => {
      notice = trouble;
      onChange();
    };
    const onSessionLost = () => {
      sessions.forget();
      if (exchange) exchange.turnId = undefined;
    };
    try {
      await patiently(task, signal, onTrouble, onSessionLost);
    } catch (error) {
      if (signal.aborted) return;
      fail(error instanceof Failure ? error : new Failure("refused", String(error)), again);
    }
  }

  function fail(failure: Failure, retry: () => void): void {
    // What waited would fail, too; the page is told of each.
    const lost = waiting.splice(0);
    isLoading = false;
    settle(exchange?.answer.text ? "cut" : "failed");
    notice = { kind: "down", retry };
    [failure, ...lost].forEach(() => onFailure(failure));
  }

  function settle(status: Entry["status"]): void {
    notice = undefined;
    const answer = exchange?.answer;
    exchange = undefined;
    // Nobody reads on what has ended.
    work.abort();
    work = new AbortController();
    if (answer) {
      answer.status = status;
      // The page may ask at once: everything else is in order by now.
      if (status !== "failed") onMessage(answer);
    }
    askNext();
  }

  function askNext(): void {
    const question = !exchange && !isLoading && waiting.shift();
    if (question) {
      const entry: Entry = { role: "user", text: question, status: "complete" };
      entries.push(entry);
      ask(question);
      onMessage(entry);
    }
    onChange();
  }

  function ask(text: string): void {
    const answer: Entry = { role: "assistant", text: "", status: "streaming" };
    entries.push(answer);
    follow({ text, key: randomKey(), answer, lastEvent: 0 });
  }

  /** The same question under a new key, in the place of the answer that failed. */
  function askAgain(text: string): void {
    if (entries.at(-1)?.role === "assistant") entries.pop();
    ask(text);
  }

  function follow(followed: Exchange): void {
    exchange = followed;
    followed.answer.status = "streaming";
    notice = undefined;
    onChange();
    // Whether the question arrived may be unknown: the same key asks at most once.
    const again = () => follow(followed);
    void run((progressed) => readAnswer(followed, progressed), again);
  }

  /** Reads the answer's events from where it stands; asks first if that has not been done. */
  async function readAnswer(followed: Exchange, progressed: () => void): Promise<void> {
    const { text, key, turnId, lastEvent } = followed;
    const { signal } = work;
    try {
      // A turn that is asked for is told from its beginning.
      if (!turnId) followed.lastEvent = 0;
      const sink = (event: NumberedEvent) => {
        if (event.number > followed.lastEvent && !signal.aborted) {
          progressed();
          take(followed, event);
        }
        return exchange !== followed;
      };
      if (turnId) await api.resume(turnId, lastEvent, signal, sink);
      else await api.ask(text, key, signal, sink);
    } catch (error) {
      const isGone = error instanceof Failure && error.kind === "refused" && turnId;
      if (!isGone || signal.aborted) throw error;
      // The turn is not to be had event by event any more; the history tells how it ended.
      const history = await api.history(signal);
      exchange = undefined;
      showHistory({ ...history, activeTurnId: undefined });
    }
  }

  function take(followed: Exchange, { number, event }: NumberedEvent): void {
    const { answer, text } = followed;
    followed.lastEvent = number;
    notice = undefined;
    if (event.type === "start") {
      // A turn that is told from its beginning replaces what was there of it.
      answer.text = "";
      followed.turnId = event.turnId;
    } else if (event.type === "token") answer.text += event.token;
    else {
      // The request ends by itself, and must not be aborted with what else is under way.
      work = new AbortController();
      if (event.type === "done") {
        answer.text = event.message;
        settle(ENDINGS[event.finishReason] ?? "cut");
      } else fail(new Failure("server", event.code), () => askAgain(text));
    }
    onChange();
  }

  function showHistory({ messages, activeTurnId }: History): void {
    isLoading = false;
    notice = undefined;
    entries = messages
      // An answer that failed and was asked for again is of no more interest.
      .filter(({ role }, at) => role === "user" || messages[at + 1]?.role !== "assistant")
      .map(({ role, content, status }) => ({ role, text: content, status: statusOf(status) }));
    const last = entries.at(-1);
    const text = entries.findLast(({ role }) => role === "user")?.text ?? "";
    if (last?.role === "assistant" && activeTurnId) {
      follow({ text, key: randomKey(), answer: last, turnId: activeTurnId, lastEvent: 0 });
    } else if (last?.status === "failed" || last?.status === "cut") {
      notice = { kind: "down", retry: () => askAgain(text) };
    }
    askNext();
  }

  function load(): void {
    if (hasLoaded) return;
    hasLoaded = true;
    if (!sessions.current()) return;
    isLoading = true;
    notice = undefined;
    onChange();
    const task = async () => {
      const { signal } = work;
      const history = await api.history(signal);
      if (!signal.aborted) showHistory(history);
    };
    void run(task, () => {
      hasLoaded = false;
      load();
    });
  }

  return {
    entries: () => entries,
    notice: () => notice,
    isAnswering: () => !!exchange,
    isLoading: () => isLoading,
    load,
    send(text) {
      const question = text.replace(/\p{Surrogate}|\0/gu, "").trim();
      const isQuestion = question && [...question].length <= MAX_LENGTH;
      if (!isQuestion || waiting.length === MAX_WAITING) return false;
      // Who writes first has no use for what was before, if it could not be read until now.
      hasLoaded = true;
      waiting.push(question);
      askNext();
      return true;
    },
    stop() {
      const stopped = exchange;
      const end = () => void (exchange === stopped && settle("stopped"));
      // The stream then brings the last event. If not, the visitor has stopped it all the same.
      if (stopped?.turnId && !notice) api.stop(stopped.turnId).catch(end);
      else end();
    },
    reset() {
      if (exchange?.turnId) api.stop(exchange.turnId).catch(() => undefined);
      exchange = undefined;
      isLoading = false;
      entries = [];
      waiting = [];
      sessions.forget();
      settle("complete");
    },
    dispose: () => work.abort(),
  };
}

function statusOf(status: string): Entry["status"] {
  if (status === "interrupted") return "cut";
  return status === "stopped" || status === "failed" ? status : "complete";
}

/** Unlike any other key of this session, which is all that is asked of it. */
function randomKey(): string {
  return `${Math.random()}-${Date.now()}`;
}
