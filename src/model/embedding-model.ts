import { ModelError } from "./model.ts";

/** What a model's server says of a call. */
export interface EmbeddingReport {
  /** How many tokens the texts had. Unchecked. */
  promptTokens?: unknown;
}

/** The seam to a model that makes vectors of texts. Texts of like meaning have vectors of like direction. */
export interface EmbeddingModel {
  /** Vectors with another key cannot be compared: they are of another model, or have another length. */
  readonly key: string;
  /**
   * Makes a vector of each text, all of one length.
   * @param report is filled in by a model whose server reports what it has read
   * @throws RefusedTextsError, or another ModelError when the model does not answer as it should
   */
  embed(
    texts: readonly string[],
    signal: AbortSignal,
    report?: EmbeddingReport,
  ): Promise<readonly Float32Array[]>;
}

/** The server refuses what it is asked. It may be one of the texts, or everything that it is ever asked. */
export class RefusedTextsError extends ModelError {}

/** The key of a model by its name and the length that is asked for. */
export function embeddingKey({
  name,
  dimensions = "own",
}: {
  readonly name: string;
  readonly dimensions: number | "own" | undefined;
}): string {
  return `${name}/${dimensions}`;
}
