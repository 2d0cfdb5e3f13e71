import type { Activity } from "../conversation/activity.ts";
import type { Conversation, Message } from "../conversation/records.ts";
import { isMintedSessionId } from "../conversation/session-id.ts";
import { AppError } from "../errors.ts";
import { randomText } from "../runtime/random-text.ts";
import { ConversationFullError } from "../store/conversation-limit.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import {
  isTakenOver,
  type StoredOwnerMessage,
  type TakeoverStore,
} from "../store/takeover-store.ts";

export interface TakeoverDeps {
  readonly store: TakeoverStore & Pick<ConversationStore, "findConversation">;
  readonly chat: {
    /** Stops the answer that a session has under way, and resolves once its end is stored. */
    stopUnderWay(sessionId: string): Promise<void>;
    /** Lets the feeds of all replicas know what has just been stored. */
    publish(activity: Activity): void;
    /** The owner is writing. */
    showTyping(conversationId: string): void;
  };
  /** Under which the owner writes if he names none. */
  readonly defaultName: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface OwnersWords {
  readonly text: string;
  /** Missing: the name under which the conversation is taken over, or the usual one. */
  readonly name?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** What the owner does in a conversation in place of the model, from wherever he does it. */
export interface Takeovers {
  /**
   * From now on the model is silent there. Its answer under way is stopped. Resolves once that is stored.
   * @throws AppError not_found, visitor_unreachable
   */
  begin(conversationId: string, name?: string): Promise<void>;
  /**
   * The model answers again, if it did not.
   * @throws AppError not_found
   */
  end(conversationId: string): Promise<void>;
  /**
   * Stores what the owner writes, and takes the conversation over if nobody has.
   * @throws AppError not_found, visitor_unreachable, conversation_full, idempotency_conflict, turn_in_progress
   */
  write(conversationId: string, words: OwnersWords): Promise<Message>;
  /**
   * Shows the visitor for some seconds that the owner is writing.
   * @throws AppError not_found
   */
  showTyping(conversationId: string): Promise<void>;
}

/**
 * Whether the visitor reads what the owner writes. The stream of it and the history are for sessions whose ids the server
 * has made: a client with an id of its own would only see that the model is silent.
 */
export function isReachable({ sessionId }: Pick<Conversation, "sessionId">): boolean {
  return isMintedSessionId(sessionId);
}

/** Tries to store a message. After the first one, no answer begins, so that the second finds none under way. */
const TRIES = 3;

export function createTakeovers({ store, chat, defaultName, now }: TakeoverDeps): Takeovers {
  async function find(conversationId: string): Promise<Conversation> {
    const conversation = await store.findConversation(conversationId);
    if (conversation === undefined) throw new AppError("not_found");
    return conversation;
  }

  async function findReachable(conversationId: string): Promise<Conversation> {
    const conversation = await find(conversationId);
    if (!isReachable(conversation)) throw new AppError("visitor_unreachable");
    return conversation;
  }

  async function chooseName(conversationId: string, name: string | undefined): Promise<string> {
    if (name !== undefined) return name.trim();
    const current = await store.findTakeover(conversationId);
    return isTakenOver(current, now()) ? current.name : defaultName();
  }

  /** Stops the answer that is under way until the message is stored after it. */
  async function add({ id, sessionId }: Conversation, { text, name, idempotencyKey }: OwnersWords) {
    const message = {
      conversationId: id,
      turnId: `t_${randomText(16)}`,
      text,
      name: await chooseName(id, name),
      idempotencyKey,
    };
    for (let tries = 0; tries < TRIES; tries += 1) {
      const stored = await addNow({ ...message, at: now() });
      if (stored.kind === "stored") return stored;
      if (stored.kind === "missing") throw new AppError("not_found");
      chat.publish({ conversationId: id, kind: "person" });
      await chat.stopUnderWay(sessionId);
    }
    throw new AppError("turn_in_progress");
  }

  async function addNow(
    message: Parameters<TakeoverStore["addOwnerMessage"]>[0],
  ): Promise<StoredOwnerMessage> {
    try {
      return await store.addOwnerMessage(message);
    } catch (error) {
      throw error instanceof ConversationFullError ? new AppError("conversation_full") : error;
    }
  }

  return {
    async begin(conversationId, name) {
      const { sessionId } = await findReachable(conversationId);
      const by = { name: await chooseName(conversationId, name), at: now() };
      if (!(await store.takeOver(conversationId, by))) throw new AppError("not_found");
      chat.publish({ conversationId, kind: "person" });
      await chat.stopUnderWay(sessionId);
    },

    async end(conversationId) {
      await find(conversationId);
      if (await store.giveBack(conversationId)) chat.publish({ conversationId, kind: "person" });
    },

    async write(conversationId, words) {
      const { message, isNew } = await add(await findReachable(conversationId), words);
      if (message.content !== words.text) throw new AppError("idempotency_conflict");
      if (isNew) chat.publish({ conversationId, kind: "message" });
      return message;
    },

    async showTyping(conversationId) {
      const { id } = await find(conversationId);
      chat.showTyping(id);
    },
  };
}
