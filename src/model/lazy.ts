import { loadOnce } from "../runtime/load-once.ts";
import type { ChatModel } from "./model.ts";

/**
 * A model whose code is loaded shortly after the start, or with the first question if that comes sooner. The
 * openai SDK is the largest part of the program, and the start should not wait for it.
 */
export function createLazyModel(name: string, load: () => Promise<ChatModel>): ChatModel {
  const loaded = loadOnce(load);
  setTimeout(() => void loaded(), LOAD_DELAY_MS).unref();
  return {
    name,
    stream: async (request, signal) => (await loaded()).stream(request, signal),
    complete: async (request, signal) => (await loaded()).complete(request, signal),
  };
}

/** Long enough for the server to listen and to answer the first health checks. */
const LOAD_DELAY_MS = 100;
