import type { Pass } from "../limits/limits.ts";
import { MAX_QUESTION_LENGTH } from "../question-length.ts";
import type { ApiClient } from "./api-client.ts";
import { entriesOf, type Entry, entryOf, isOfModel, NO_SOURCES, statusAfter } from "./entry.ts";
import type { NumberedEvent } from "./event-stream.ts";
import { type Exchange, exchangeOf } from "./exchange.ts";
import { Failure } from "./failure.ts";
import { type Notice, noticeAfter, noticeOf } from "./notice.ts";
import { patiently, type Trouble, type Work } from "./patience.ts";
import type { Session, SessionKeeper } from "./session.ts";
import { namedIn, readSources } from "./sources.ts";
import { createUndo } from "./undo.ts";

/** The visitor's conversation: its messages, the answer under way, and the current notice. */
export interface Conversation {
  /** The messages, and at their end the questions that wait. */
  entries(): readonly Entry[];
  notice(): Notice | undefined;
  /** Who answers here besides the model, as the history said it last. */
  person(): unknown;
  /** Reads the history again, after the answer under way. */
  refresh(): void;
  /** Set by ratings and people. */
  memory?: unknown;
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
  /** Leaves the conversation, which becomes an earlier one, and begins a new one. Can be undone for a while. */
  begin(): void;
  /** The conversations before this one, the newest first, by their first questions. */
  earlier(): readonly Session[];
  /** Goes to an earlier one. */
  goTo(sessionId: string): void;
  /** Erases the conversation, here at once and at the server once that cannot be undone any more. */
  erase(): void;
  /** Begins a new conversation, and forgets all others. */
  reset(): void;
}

interface ConversationListeners {
  /** Called after every change that must be shown. */
  readonly onChange: () => void;
  /** A question that was asked, or an answer that has ended. */
  readonly onMessage: (entry: Entry) => void;
  /** Every failure that ended something. */
  readonly onFailure: (failure: Failure) => void;
  /** The visitor, or the page, has turned to another conversation. */
  readonly onSwitch: () => void;
  /** Sees to a question that was refused at a limit. Returns what it can be asked with again, if there is such a thing. */
  readonly onLimit: (
    failure: Failure,
    answer: Entry,
    signal: AbortSignal,
  ) => Promise<Pass | undefined | void>;
}

/** How many questions may wait for earlier answers. The page's script could send any number. */
const MAX_WAITING = 9;
/** Codes of refusals that limits/limits.ts knows more of. */
const LIMITS = /proof|_off|_reached/;
/** What is shown of a conversation. */
interface Known {
  readonly entries: Entry[];
  readonly waiting: Exchange[];
  readonly exchange?: Exchange | undefined;
}

/** @param signal ends everything that is under way */
export function createConversation(
  api: ApiClient,
  sessions: SessionKeeper,
  signal: AbortSignal,
  { onChange, onMessage, onFailure, onSwitch, onLimit }: ConversationListeners,
): Conversation {
  let entries: Entry[] = [];
  let waiting: Exchange[] = [];
  let notice: Notice | undefined;
  let exchange: Exchange | undefined;
  let isLoading = false;
  /** The answer under way is to be stopped once its turn is known. */
  let isUnwanted = false;
  /** The server has refused the question, and it is seen to that it takes it. */
  let isAtLimit = false;
  /** What the server wants to see with every question. */
  let pass: Pass | undefined | void;
  let person: unknown;
  let hasBegun = false;
  /** There may be messages that are not shown. */
  let isStale = false;
  /** The history was not asked for yet. */
  let isFirst = true;
  let work = new AbortController();
  /** Deleted here. An earlier one again from the next page on, if the server could not be reached. */
  let erasing: Session | undefined;
  const undo = createUndo(signal);

  /** Runs a task until it succeeds or gives up. */
  async function run(task: Work, onEnd: (failure: Failure) => void): Promise<void> {
    const { signal } = work;
    const onTrouble = (trouble: Trouble) => {
      notice = trouble;
      // The question and the answer of the other tab are shown after this one's.
      isStale ||= trouble.kind === "busy";
      if (exchange) {
        // Nobody writes now.
        if (!exchange.answer.text) exchange.answer.status = "waiting";
        if (isUnwanted) stop();
      }
      onChange();
    };
    const onSessionLost = ({ message }: Failure) => {
      const lost = sessions.current();
      // Another tab has lost it, too, and has begun a new one.
      if (signal.aborted) return;
      // A conversation that is full can still be read and deleted.
      if (message === "conversation_full") sessions.goTo();
      else sessions.forget(lost);
      if (exchange) exchange.turnId = undefined;
    };
    try {
      await patiently(task, signal, onTrouble, onSessionLost);
    } catch (error) {
      if (signal.aborted) return;
      onEnd(error instanceof Failure ? error : new Failure("refused", String(error)));
    }
  }

  /** What is done next: the messages are loaded, or a question that waits is asked. */
  function next(): void {
    if (!exchange && !isLoading) {
      if (isStale) return readHistory();
      const asked = waiting.shift();
      if (asked) ask(asked);
    }
    onChange();
  }

  function ask(asked: Exchange): void {
    const { question, answer } = asked;
    question.status = "complete";
    entries.push(question, answer);
    follow(asked);
    // Called last, because the page may send the next question from inside this call.
    onMessage(question);
  }

  /** Asks the same question with a new key. The new answer replaces the failed one. */
  function askAgain({ question }: Exchange): void {
    if (entries.at(-1)?.role === "assistant") entries.pop();
    const again = exchangeOf(question);
    entries.push(again.answer);
    follow(again);
  }

  function follow(followed: Exchange): void {
    exchange = followed;
    isUnwanted = false;
    followed.answer.status = "streaming";
    notice = undefined;
    onChange();
    void run(
      (progressed) => readAnswer(followed, progressed),
      // It may be unknown whether the question arrived: with the same key it is asked at most once.
      (failure) => fail(failure, () => follow(followed)),
    );
  }

  /** Reads the answer's events after the last known one. Asks the question first if that was not done yet. */
  async function readAnswer(followed: Exchange, progressed: () => void): Promise<void> {
    const { question, answer, key, turnId, lastEvent } = followed;
    const { signal } = work;
    isAtLimit = false;
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
      else await api.ask(question.text, { ...pass, "idempotency-key": key }, signal, sink);
    } catch (error) {
      const { kind, message } = Object(error) as Failure;
      if (signal.aborted) throw error;
      // The turn's events are not kept any more; the history shows how it ended.
      if (kind === "refused" && turnId) return showHistory(true, true);
      isAtLimit = LIMITS.test(message);
      if (isUnwanted && isAtLimit) stop();
      // A server that is older, or has not enough of it, asks again.
      pass = isAtLimit ? await onLimit(error as Failure, answer, signal) : undefined;
      if (!pass) throw error;
      return readAnswer(followed, progressed);
    }
  }

  function take(followed: Exchange, { number, event }: NumberedEvent): void {
    const { answer, question, turnId } = followed;
    followed.lastEvent = number;
    answer.status = "streaming";
    notice = undefined;
    if (event.type === "start") {
      // The events now come from the turn's beginning and replace the text shown so far.
      answer.text = "";
      answer.sources = NO_SOURCES;
      followed.turnId = event.turnId;
      answer.stored = { ...event };
      // As it is stored, where something in it was masked.
      if (event.question) question.text = event.question;
      if (!turnId) sessions.asked(question.text);
      if (isUnwanted) stop();
    } else if (event.type === "token") answer.text += event.token;
    else if (event.type === "sources") answer.sources = readSources(event.sources);
    else if (event.type === "handoff") answer.isPoor = true;
    else {
      // This request ends by itself and must not be aborted with the others.
      work = new AbortController();
      if (event.type === "done") {
        answer.text = event.message;
        if (event.sources) answer.sources = readSources(event.sources);
        const status = statusAfter(event.finishReason);
        settle(
          status,
          noticeAfter(status, () => askAgain(followed)),
        );
      } else fail(new Failure("server", event.code), () => askAgain(followed));
    }
    onChange();
  }

  function fail(failure: Failure, act: () => void): void {
    // The questions that wait would fail, too. The page gets an error for each.
    const lost = waiting.splice(0);
    if (exchange?.answer.text) settle("cut", { kind: "cut", act });
    else settle("failed", noticeOf(failure, act));
    [failure, ...lost].forEach(() => onFailure(failure));
  }

  function settle(status: Entry["status"], about?: Notice): void {
    const ended = exchange;
    exchange = undefined;
    notice = about;
    // Ends the request: its answer has ended.
    work.abort();
    work = new AbortController();
    if (ended) {
      const { answer, isOurs } = ended;
      answer.status = status;
      answer.sources = namedIn(answer.text, answer.sources);
      if (status === "person") {
        // What the person has written by now is in the history.
        entries.pop();
        isStale = true;
      } else if (status !== "failed" && isOurs) {
        // The page may ask the next question from inside this call.
        onMessage(answer);
      }
    }
    next();
  }

  function stop(): void {
    const stopped = exchange;
    const end = () => void (exchange === stopped && settle("stopped"));
    // The stream then brings the last event. If the call fails, the widget shows the answer as stopped.
    if (stopped?.turnId && !notice) api.stop(stopped.turnId).catch(end);
    // Nobody writes, or no event has come since this was called before.
    else if (isUnwanted || notice || isAtLimit) end();
    else isUnwanted = true;
  }

  function refresh(): void {
    isStale = true;
    next();
  }

  function readHistory(): void {
    // Later, there is something new because another tab has asked.
    const isOurs = isFirst;
    isStale = false;
    isFirst = false;
    if (!sessions.current()) return next();
    isLoading = true;
    notice = undefined;
    onChange();
    void run(
      () => showHistory(isOurs),
      (failure) => {
        isLoading = false;
        notice = noticeOf(failure, refresh);
        onFailure(failure);
        // Whoever has written meanwhile does not need the earlier messages.
        next();
      },
    );
  }

  /** @param isOver the turn under way is not kept any more */
  async function showHistory(isOurs: boolean, isOver?: boolean): Promise<void> {
    const { signal } = work;
    const history = await api.history(signal);
    // Another conversation may be shown by now.
    if (signal.aborted) return;
    const { messages, activeTurnId } = history;
    ({ person } = history);
    exchange = undefined;
    isLoading = false;
    notice = undefined;
    entries = entriesOf(messages, entries);
    const answer = entries.at(-1);
    const question = entries.findLast(({ role }) => role === "user");
    if (answer?.stored && question && isOfModel(answer.stored)) {
      const last = { ...exchangeOf(question), answer, isOurs };
      if (activeTurnId && !isOver) follow({ ...last, turnId: activeTurnId });
      else notice = noticeAfter(answer.status, () => askAgain(last));
    }
    next();
  }

  /** Tells the page of the questions that were not asked, or not for certain. */
  function lose({ waiting, exchange }: Known): void {
    const lost = [exchange ?? [], waiting].flat().filter(({ turnId }) => !turnId);
    lost.forEach(() => onFailure(new Failure("refused", "not_sent")));
  }

  /**
   * Shows another conversation: what is known of it already, and then its history. Returns what was shown of the one before.
   * @param isOurs gone there from here, and not in another tab
   */
  function turnTo(isOurs?: boolean, known: Known = { entries: [], waiting: [] }): Known {
    undo.end();
    const left = { entries, waiting, exchange };
    work.abort();
    work = new AbortController();
    ({ entries, waiting } = known);
    exchange = undefined;
    notice = undefined;
    person = undefined;
    isLoading = false;
    isStale = true;
    // Whoever is writing here meanwhile keeps his words.
    if (isOurs) onSwitch();
    if (known.exchange) follow(known.exchange);
    else next();
    return left;
  }

  /** Leaves the conversation. For a while it can be brought back as it is, with the answer under way. */
  function leave(kind: "freshStarted" | "erased"): void {
    const session = sessions.current();
    sessions.goTo();
    const known = turnTo(true);
    if (kind === "erased") erasing = session;
    let isBack = false;
    const back = () => {
      erasing = undefined;
      isBack = sessions.goTo(session?.sessionId);
      turnTo(true, isBack ? known : undefined);
    };
    const offer: Notice = { kind, act: back };
    notice = offer;
    undo.offer((isLeaving) => {
      if (notice === offer) notice = undefined;
      // It can no longer be undone.
      if (session && erasing === session) {
        const forget = () => sessions.forget(session);
        // A page that is being left does not hear the answer.
        if (isLeaving) forget();
        api.erase(session).then(forget, onFailure);
      }
      if (!isBack) lose(known);
      onChange();
    });
    onChange();
  }

  sessions.onMove((hasLeft) => {
    if (!hasBegun) return;
    if (hasLeft) lose(turnTo());
    else refresh();
  });
  signal.addEventListener("abort", () => work.abort());

  return {
    entries: () => [...entries, ...waiting.map(({ question }) => question)],
    notice: () => notice,
    person: () => person,
    refresh,
    isAnswering: () => !!exchange,
    isLoading: () => isLoading,
    load() {
      if (hasBegun) return;
      hasBegun = true;
      refresh();
    },
    send(text) {
      const question = text.replace(/\p{Surrogate}|\0/gu, "").trim();
      const isQuestion = question && [...question].length <= MAX_QUESTION_LENGTH;
      if (!isQuestion || waiting.length === MAX_WAITING) return false;
      // Another tab may have left the conversation.
      sessions.current();
      waiting.push(exchangeOf(entryOf("user", question, "waiting")));
      next();
      return true;
    },
    stop,
    begin: () => leave("freshStarted"),
    earlier: () =>
      sessions
        .earlier()
        .filter(({ question, sessionId }) => question && sessionId !== erasing?.sessionId),
    goTo(sessionId) {
      if (sessions.goTo(sessionId)) lose(turnTo(true));
    },
    erase: () => leave("erased"),
    reset() {
      if (exchange?.turnId) api.stop(exchange.turnId).catch(() => undefined);
      sessions.clear();
      turnTo(true);
    },
  };
}
