import type { ChatModel, ModelDelta } from "../../src/model/model.ts";
import type { Store } from "../../src/store/store.ts";

/** The calls that a server makes behind its answers. */
export interface Observed<T> {
  readonly part: T;
  /** The names of the calls so far. */
  readonly calls: readonly string[];
}

const MODEL_USAGE = { promptTokens: 11, completionTokens: 7, totalTokens: 18 };

async function* hello(): AsyncIterable<ModelDelta> {
  yield { tokens: ["Hello "] };
  yield { tokens: ["there"], finishReason: "stop", usage: MODEL_USAGE };
}

/** A model that answers "Hello there" at once and counts how often it was asked. */
export function createObservedModel(): Observed<ChatModel> {
  const calls: string[] = [];
  const part: ChatModel = {
    name: "test-model",
    async stream() {
      calls.push("stream");
      return hello();
    },
    async complete() {
      calls.push("complete");
      return { text: "Hello there", finishReason: "stop", usage: MODEL_USAGE };
    },
  };
  return { part, calls };
}

const WRITES: readonly (keyof Store)[] = [
  "beginTurn",
  "saveDrafts",
  "finishTurn",
  "deleteConversation",
  "hideConversation",
  "expireConversations",
  "rateAnswer",
  "takeOver",
  "giveBack",
  "addOwnerMessage",
];

/** The store itself, which notes every write. */
export function observeWrites(store: Store): Observed<Store> {
  const calls: string[] = [];
  const part = new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (WRITES.some((write) => write === name)) calls.push(String(name));
        return Reflect.apply(member, target, args);
      };
    },
  });
  return { part, calls };
}
