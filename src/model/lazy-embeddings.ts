import { embeddingKey, type EmbeddingModel } from "./embedding-model.ts";

/** A model for embeddings whose code is loaded by the first request. */
export function createLazyEmbeddings(
  named: { readonly name: string; readonly dimensions: number | undefined },
  load: () => Promise<EmbeddingModel>,
): EmbeddingModel {
  let loading: Promise<EmbeddingModel> | undefined;
  return {
    key: embeddingKey(named),
    embed: async (texts, signal) => (await (loading ??= load())).embed(texts, signal),
  };
}
