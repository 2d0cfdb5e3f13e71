import type { FinishReason, TokenUsage } from "../chat/events.ts";
import type { HistoryMessage } from "../store/store.ts";

export interface ModelRequest {
  readonly systemPrompt: string;
  readonly history: readonly HistoryMessage[];
  readonly maxOutputTokens: number;
}

/** What the model says on its own account: `stopped` is the server's word. */
export type ModelFinishReason = Exclude<FinishReason, "stopped">;

/** What one network chunk brought: tokens, a sign of life, and at the end the finish reason and usage. */
export interface ModelDelta {
  readonly tokens: readonly string[];
  /** The model is at work on text that is not for the visitor. */
  readonly isThinking?: boolean;
  readonly finishReason?: ModelFinishReason;
  readonly usage?: TokenUsage;
}

export interface ModelAnswer {
  readonly text: string;
  readonly finishReason: ModelFinishReason;
  readonly usage?: TokenUsage;
}

/**
 * The seam to the language model. When the signal aborts, both calls end soon (by returning or by
 * throwing) and close what they opened.
 * @throws ModelError
 */
export interface ChatModel {
  /** Shown to the owner and stored with every answer. */
  readonly name: string;
  /** Resolves when the model begins to answer. A stream that ends without a finish reason was cut. */
  stream(request: ModelRequest, signal: AbortSignal): Promise<AsyncIterable<ModelDelta>>;
  /** The whole answer at once; costs the model server's client a tenth of a stream. */
  complete(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer>;
}

export type ModelErrorCode = "model_error" | "model_busy" | "model_timeout";

/** A model that did not answer. `reason` is for the owner's log and never holds text of a chat. */
export class ModelError extends Error {
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, reason: string, cause?: unknown) {
    super(reason, { cause });
    this.name = "ModelError";
    this.code = code;
  }
}
