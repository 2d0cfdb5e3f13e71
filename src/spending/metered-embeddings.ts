import type { ModelPrices } from "../config/model-prices.ts";
import { estimateTokens } from "../conversation/token-estimate.ts";
import {
  type EmbeddingModel,
  type EmbeddingReport,
  RefusedTextsError,
} from "../model/embedding-model.ts";
import { ModelError } from "../model/model.ts";
import { NO_TOKENS, tokensRead } from "./charge.ts";
import type { Meter } from "./meter.ts";

/**
 * A model for embeddings whose calls are counted: as its server reports them, or by the length of the texts. It throws
 * RefusedCall as meteredModel does.
 */
export function meteredEmbeddings(
  model: EmbeddingModel,
  meter: Meter,
  prices: () => ModelPrices | undefined,
): EmbeddingModel {
  return {
    key: model.key,
    async embed(texts, signal) {
      const inputTokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
      const end = await meter.begin({ inputTokens, outputTokens: 0 }, prices());
      const report: EmbeddingReport = {};
      try {
        const vectors = await model.embed(texts, signal, report);
        const read = tokensRead(texts, report.promptTokens);
        await end(read === undefined ? undefined : { inputTokens: read, outputTokens: 0 });
        return vectors;
      } catch (error) {
        await end(wasRefused(error) ? NO_TOKENS : undefined);
        throw error;
      }
    },
  };
}

/** Whether the server has answered that it makes no vectors. */
function wasRefused(error: unknown): boolean {
  if (error instanceof RefusedTextsError) return true;
  return error instanceof ModelError && (error.isFree || error.code === "model_busy");
}
