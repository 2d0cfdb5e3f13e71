import { loadOnce } from "../runtime/load-once.ts";
import { embeddingKey, type EmbeddingModel } from "./embedding-model.ts";

/** A model for embeddings whose code is loaded by the first request. */
export function createLazyEmbeddings(
  named: { readonly name: string; readonly dimensions: number | undefined },
  load: () => Promise<EmbeddingModel>,
): EmbeddingModel {
  const loaded = loadOnce(load);
  return {
    key: embeddingKey(named),
    embed: async (texts, signal, report) => (await loaded()).embed(texts, signal, report),
  };
}
