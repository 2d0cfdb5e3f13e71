import type { Activity } from "../conversation/activity.ts";
import type { Follower, Followers } from "../conversation/followers.ts";
import type { Conversation } from "../conversation/records.ts";
import type { Requests, ShownRequest } from "../people/requests.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import {
  isTakenOver,
  type Takeover,
  TAKEOVER_MS,
  type TakeoverStore,
} from "../store/takeover-store.ts";
import type { EventReader, ReadOptions } from "../turns/turn.ts";
import { messageEvent, type PersonEvent, type PersonEvents } from "./person-events.ts";
import type { StreamSource } from "./stream/response.ts";

export interface PersonSourceDeps {
  readonly store: Pick<ConversationStore, "findConversation"> &
    Pick<TakeoverStore, "findTakeover" | "ownerMessagesAfter">;
  readonly requests: Pick<Requests, "newestOf">;
  readonly followers: Followers;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Messages of 4,000 characters: bounds what waits in memory for a client that reads slowly. */
const MESSAGES_AT_ONCE = 20;
const ABOUT_PERSONS: ReadonlySet<Activity["kind"]> = new Set(["message", "person", "request"]);

/** What the owner does in a conversation: first whether he is there, then his messages after the given id. */
export function createPersonSource(
  deps: PersonSourceDeps,
  { id }: Pick<Conversation, "id">,
): StreamSource<PersonEvents> {
  return { read: (after, options) => new PersonReader(deps, { id, after, ...options }) };
}

interface PersonReading extends ReadOptions {
  readonly id: string;
  readonly after: number;
}

/**
 * Reads from the store whatever it is told of, so that every client gets each message once and in the order in which
 * they are stored, whichever replica has stored them. While the client is slow, nothing more is read.
 */
class PersonReader implements EventReader<PersonEvents>, Follower {
  readonly #deps: PersonSourceDeps;
  readonly #conversationId: string;
  readonly #onEvents: () => void;
  readonly #leave: () => void;
  #after: number;
  #waiting: PersonEvent[] = [];
  #shownPerson = "";
  #shownRequest = "";
  #mustRead = true;
  #isReading = false;
  #giveBackTimer: Timer | undefined;
  isDone = false;

  constructor(deps: PersonSourceDeps, { id, after, onEvents, signal }: PersonReading) {
    this.#deps = deps;
    this.#conversationId = id;
    this.#onEvents = onEvents;
    this.#after = after;
    this.#leave = deps.followers.follow(id, this);
    if (signal?.aborted) this.close();
    signal?.addEventListener("abort", () => this.onEnd(), { once: true });
    void this.#read();
  }

  take(): PersonEvents {
    const events = this.#waiting;
    this.#waiting = [];
    if (this.#mustRead) void this.#read();
    return { events };
  }

  close(): void {
    this.isDone = true;
    clearTimeout(this.#giveBackTimer);
    this.#leave();
  }

  onActivity({ kind }: Activity): void {
    if (kind === "erased") this.onEnd();
    else if (ABOUT_PERSONS.has(kind)) void this.#look();
  }

  onTyping(): void {
    if (this.isDone || this.#waiting.length > 0) return;
    this.#push([{ type: "typing" }]);
  }

  async onMissed(): Promise<boolean> {
    const seen = this.#seen;
    await this.#look();
    return !this.#mustRead && !this.#isReading && seen === this.#seen;
  }

  /** Changes with every event that comes of a reading. */
  get #seen(): string {
    return `${this.#after} ${this.#shownPerson} ${this.#shownRequest}`;
  }

  onEnd(): void {
    if (this.isDone) return;
    this.close();
    this.#onEvents();
  }

  #look(): Promise<void> {
    this.#mustRead = true;
    return this.#read();
  }

  /** Reads what is new, unless the client has not taken what was read before. */
  async #read(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#mustRead && !this.isDone && this.#waiting.length === 0) {
        this.#mustRead = false;
        await this.#readOnce();
      }
    } catch {
      // The store is away. The client comes again, and what it has not got is read then.
      this.onEnd();
    }
    this.#isReading = false;
  }

  async #readOnce(): Promise<void> {
    const { store, requests } = this.#deps;
    const [conversation, takeover, messages, request] = await Promise.all([
      store.findConversation(this.#conversationId),
      store.findTakeover(this.#conversationId),
      store.ownerMessagesAfter(this.#conversationId, this.#after, MESSAGES_AT_ONCE),
      requests.newestOf(this.#conversationId),
    ]);
    if (conversation === undefined) return this.onEnd();
    this.#after = messages.at(-1)?.id ?? this.#after;
    if (messages.length === MESSAGES_AT_ONCE) this.#mustRead = true;
    this.#push([
      ...this.#changeOf(takeover),
      ...messages.map(messageEvent),
      ...this.#changeIn(request),
    ]);
  }

  /** The event that says whether the owner is there, if that has changed. */
  #changeOf(takeover: Takeover | undefined): PersonEvent[] {
    const isHere = isTakenOver(takeover, this.#deps.now());
    const event: PersonEvent = isHere
      ? { type: "person", isHere, name: takeover.name }
      : { type: "person", isHere };
    clearTimeout(this.#giveBackTimer);
    if (isHere) this.#lookAtTheEndOf(takeover);
    const shown = JSON.stringify(event);
    if (shown === this.#shownPerson) return [];
    this.#shownPerson = shown;
    return [event];
  }

  /** The event of a request that is new, or was closed. */
  #changeIn(request: ShownRequest | undefined): PersonEvent[] {
    const shown = request === undefined ? "" : `${request.id} ${request.isOpen}`;
    if (request === undefined || shown === this.#shownRequest) return [];
    this.#shownRequest = shown;
    return [{ type: "request", request }];
  }

  /** Nobody stores anything when the owner's time is over. */
  #lookAtTheEndOf({ lastWordAt }: Takeover): void {
    const leftMs = lastWordAt + TAKEOVER_MS - this.#deps.now();
    const timer = setTimeout(() => void this.#look(), Math.min(leftMs, TAKEOVER_MS));
    this.#giveBackTimer = timer;
    timer.unref();
  }

  #push(events: readonly PersonEvent[]): void {
    if (this.isDone || events.length === 0) return;
    this.#waiting.push(...events);
    this.#onEvents();
  }
}
