import type { ChatModel } from "./model.ts";

/**
 * A model whose code is loaded once the event loop has nothing more urgent to do, or with the first
 * question: the openai SDK is the largest thing in the program, and a start should not wait for it.
 */
export function createLazyModel(name: string, load: () => Promise<ChatModel>): ChatModel {
  let loading: Promise<ChatModel> | undefined;
  const loaded = () => (loading ??= load());
  setTimeout(() => void loaded(), LOAD_DELAY_MS).unref();
  return {
    name,
    stream: async (request, signal) => (await loaded()).stream(request, signal),
    complete: async (request, signal) => (await loaded()).complete(request, signal),
  };
}

/** Long enough to listen and to answer those that wait for it. */
const LOAD_DELAY_MS = 100;
