import type { ApiClient, History } from "./api-client.ts";
import type { NumberedEvent } from "./event-stream.ts";
import { Failure } from "./failure.ts";
import { patiently, type Trouble, type Work } from "./patience.ts";
import type { SessionKeeper } from "./session.ts";
import { namedIn, readSources, type Sources } from "./sources.ts";

/** A message as the visitor sees it. */
export interface Entry {
  readonly role: "user" | "assistant";
  /** When it was written or begun, in milliseconds since 1970. 0: not known. */
  readonly time: number;
  text: string;
  /** What the answer names or, while it is being written, may name. */
  sources: Sources;
  /** `cut`: the answer ended before it was complete. `failed`: the answer never began. */
  status: "complete" | "streaming" | "stopped" | "cut" | "failed";
}

/** A problem that is shown to the visitor below the messages. */
export interface Notice {
  readonly kind: Trouble["kind"] | "down" | "title";
  readonly seconds?: number;
  /** The setting that is wrong. */
  readonly detail?: string;
  /** Tries the failed work again. Set only when that can help. */
  readonly retry?: () => void;
}

/** The visitor's conversation: its messages, the answer under way, and the current problem. */
export interface Conversation {
  entries(): readonly Entry[];
  notice(): Notice | undefined;
  isAnswering(): boolean;
  /** True while the earlier messages are being loaded. */
  isLoading(): boolean;
  /** Loads the earlier messages once, and follows an answer that is still being written. */
  load(): void;
  /**
   * Asks as soon as the earlier messages are loaded and no answer is under way. Returns whether the text
   * was accepted: it is refused when it is empty or too long, or when too many questions wait.
   */
  send(text: string): boolean;
  /** Stops the answer. The text that has arrived stays. */
  stop(): void;
  /** Leaves the conversation and begins a new one. */
  reset(): void;
  /** Ends everything that is under way. */
  dispose(): void;
}

interface ConversationListeners {
  /** Called after every change that must be shown. */
  readonly onChange: () => void;
  /** A question that was asked, or an answer that has ended. */
  readonly onMessage: (entry: Entry) => void;
  /** Every failure that ended something. */
  readonly onFailure: (failure: Failure) => void;
}

const NO_SOURCES: Sources = new Map();
/** The longest question that the server accepts, in Unicode code points. */
export const MAX_LENGTH = 4000;
/** How an answer ended, by its finish reason; for any other, it was cut. */
const ENDINGS: Partial<Record<string, Entry["status"]>> = {
  stop: "complete",
  stopped: "stopped",
};
/** How many questions may wait for earlier answers. The page's script could send any number. */
const MAX_WAITING = 9;

/** A question and the state of its answer. */
interface Exchange {
  readonly text: string;
  /** A request that is repeated with the same key never asks twice. */
  readonly key: string;
  readonly answer: Entry;
  turnId?: string | undefined;
  lastEvent: number;
}

export function createConversation(
  api: ApiClient,
  sessions: SessionKeeper,
  { onChange, onMessage, onFailure }: ConversationListeners,
): Conversation {
  let entries: Entry[] = [];
  let waiting: string[] = [];
  let notice: Notice | undefined;
  let exchange: Exchange | undefined;
  let isLoading = false;
  let hasLoaded = false;
  let work = new AbortController();

  /** Runs a task until it succeeds or gives up. The notice then offers to run it again. */
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
    // The questions that wait would fail, too. The page gets an error for each.
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
    // Ends the request: its answer has ended.
    work.abort();
    work = new AbortController();
    if (answer) {
      answer.status = status;
      answer.sources = namedIn(answer.text, answer.sources);
      // Called last, because the page may ask the next question from inside this call.
      if (status !== "failed") onMessage(answer);
    }
    askNext();
  }

  function askNext(): void {
    const question = !exchange && !isLoading && waiting.shift();
    if (question) {
      const entry: Entry = {
        role: "user",
        time: Date.now(),
        text: question,
        sources: NO_SOURCES,
        status: "complete",
      };
      entries.push(entry);
      ask(question);
      onMessage(entry);
    }
    onChange();
  }

  function ask(text: string): void {
    const answer: Entry = {
      role: "assistant",
      time: Date.now(),
      text: "",
      sources: NO_SOURCES,
      status: "streaming",
    };
    entries.push(answer);
    follow({ text, key: randomKey(), answer, lastEvent: 0 });
  }

  /** Asks the same question with a new key. The new answer replaces the failed one. */
  function askAgain(text: string): void {
    if (entries.at(-1)?.role === "assistant") entries.pop();
    ask(text);
  }

  function follow(followed: Exchange): void {
    exchange = followed;
    followed.answer.status = "streaming";
    notice = undefined;
    onChange();
    // It may be unknown whether the question arrived: with the same key it is asked at most once.
    const again = () => follow(followed);
    void run((progressed) => readAnswer(followed, progressed), again);
  }

  /** Reads the answer's events after the last known one. Asks the question first if that was not done yet. */
  async function readAnswer(followed: Exchange, progressed: () => void): Promise<void> {
    const { text, key, turnId, lastEvent } = followed;
    const { signal } = work;
    try {
      // The response to a question has the turn's events from its beginning.
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
      // The turn's events are not kept any more; the history shows how it ended.
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
      // The events now come from the turn's beginning and replace the text shown so far.
      answer.text = "";
      answer.sources = NO_SOURCES;
      followed.turnId = event.turnId;
    } else if (event.type === "token") answer.text += event.token;
    else if (event.type === "sources") answer.sources = readSources(event.sources);
    else {
      // This request ends by itself and must not be aborted with the others.
      work = new AbortController();
      if (event.type === "done") {
        answer.text = event.message;
        if (event.sources) answer.sources = readSources(event.sources);
        settle(ENDINGS[event.finishReason] ?? "cut");
      } else fail(new Failure("server", event.code), () => askAgain(text));
    }
    onChange();
  }

  function showHistory({ messages, activeTurnId }: History): void {
    isLoading = false;
    notice = undefined;
    entries = messages
      // Leaves out a failed answer whose question was asked again.
      .filter(({ role }, at) => role === "user" || messages[at + 1]?.role !== "assistant")
      .map(({ role, content, sources, status, createdAt }) => ({
        role,
        time: createdAt,
        text: content,
        sources,
        status: statusOf(status),
      }));
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
      // A visitor who writes before the history could be loaded no longer needs it.
      hasLoaded = true;
      waiting.push(question);
      askNext();
      return true;
    },
    stop() {
      const stopped = exchange;
      const end = () => void (exchange === stopped && settle("stopped"));
      // The stream then brings the last event. If the call fails, the widget shows the answer as stopped.
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

/** A key only has to differ from the other keys of its session. */
function randomKey(): string {
  return `${Math.random()}-${Date.now()}`;
}
