import type { ChatService } from "../../chat/service.ts";
import type { Activity } from "../../conversation/activity.ts";
import type { ChatEvent } from "../../conversation/events.ts";
import type { ConversationStore } from "../../store/conversation-store.ts";
import type { TurnReader } from "../../turns/turn.ts";
import type { OpenTopic, SendEvent, Topic } from "../topics.ts";

interface LiveAnswerDeps {
  readonly store: Pick<ConversationStore, "findConversation">;
  readonly chat: Pick<ChatService, "activeTurnId" | "findTurn">;
  /** Whether the session that opened the page has not ended. */
  readonly isStillAllowed: () => Promise<boolean>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a thread's page gets of the answer that is being written, a few times a second. */
interface AnswerEvents {
  readonly turnId: string;
  /** As the visitor gets them, with the tokens of each moment joined. */
  readonly events: readonly ChatEvent[];
}

/** Several tokens go into one event. A person sees no difference, and 64 pages cost little. */
const INTERVAL_MS = 150;

/** What a visitor reads is shown to a session of which is known that it was still there so long ago. */
const CONFIRMED_MS = 1000;

/** For the page of a thread: what happens in it, and its answer while that is being written, by this or another replica. */
export function threadTopic(deps: LiveAnswerDeps, conversationId: string): OpenTopic {
  return (send) => new LiveAnswer(deps, conversationId, send);
}

/**
 * Follows the answers of one conversation for one page. It reads each as the visitor does, so an answer that is watched is
 * not abandoned when its visitor leaves.
 */
class LiveAnswer implements Topic {
  readonly #deps: LiveAnswerDeps;
  readonly #conversationId: string;
  readonly #send: SendEvent;
  #turnId: string | undefined;
  #reader: TurnReader | undefined;
  #timer: Timer | undefined;
  #hasLeft = false;
  #confirmedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: LiveAnswerDeps, conversationId: string, send: SendEvent) {
    this.#deps = deps;
    this.#conversationId = conversationId;
    this.#send = send;
    void this.#look();
  }

  onActivity(activity: Activity): void {
    if (activity.conversationId !== this.#conversationId) return;
    this.#send(activity);
    if (activity.kind === "question") void this.#look();
  }

  leave(): void {
    this.#hasLeft = true;
    this.#close();
  }

  async #look(): Promise<void> {
    try {
      await this.#findAnswer();
    } catch {
      // The store does not answer. The page shows what is stored once it can be fetched again.
    }
  }

  async #findAnswer(): Promise<void> {
    const { store, chat } = this.#deps;
    const conversation = await store.findConversation(this.#conversationId);
    const turnId = conversation && (await chat.activeTurnId(conversation.sessionId));
    const turn = turnId === undefined ? undefined : await chat.findTurn(turnId);
    if (turn === undefined || turn.id === this.#turnId || this.#hasLeft) return;
    this.#close();
    this.#turnId = turn.id;
    this.#reader = turn.read(0, { onEvents: () => this.#note() });
    await this.#pass();
  }

  #note(): void {
    this.#timer ??= setTimeout(() => void this.#pass(), INTERVAL_MS);
  }

  /** Until it is known that the session is still there, the events wait in the reader. */
  async #pass(): Promise<void> {
    const [turnId, reader] = [this.#turnId, this.#reader];
    if (turnId === undefined || reader === undefined) return;
    const isAllowed = await this.#isAllowed();
    // The page has left, or another answer has begun.
    if (reader !== this.#reader) return;
    if (!isAllowed) return this.#close();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { events } = reader.take();
    const answer: AnswerEvents = { turnId, events: joinTokens(events) };
    if (events.length > 0) this.#send(answer);
    if (reader.isDone) this.#close();
  }

  async #isAllowed(): Promise<boolean> {
    const now = this.#deps.now();
    if (Math.abs(now - this.#confirmedAt) < CONFIRMED_MS) return true;
    const isAllowed = await this.#deps.isStillAllowed();
    if (isAllowed) this.#confirmedAt = now;
    return isAllowed;
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#reader?.close();
    this.#reader = undefined;
    this.#turnId = undefined;
  }
}

/** Tokens that follow each other become one. */
function joinTokens(events: readonly ChatEvent[]): ChatEvent[] {
  const joined: ChatEvent[] = [];
  for (const event of events) {
    const last = joined.at(-1);
    if (event.type === "token" && last?.type === "token") {
      joined[joined.length - 1] = { type: "token", token: last.token + event.token };
    } else joined.push(event);
  }
  return joined;
}
