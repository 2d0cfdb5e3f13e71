import type { FinishReason, HistoryMessage, TokenUsage } from "../conversation/records.ts";
import type { GeneratedText } from "./generated-text.ts";

export interface ModelRequest {
  readonly systemPrompt: string;
  readonly history: readonly HistoryMessage[];
  /** The last message without the sources that it was given. A model whose context they do not fit gets this. */
  readonly bareQuestion?: string | undefined;
  readonly maxOutputTokens: number;
  /** A model that is paid for adds to it whatever it receives, also of an answer that breaks off. */
  readonly generated?: GeneratedText | undefined;
}

/** The finish reasons that a model gives. The others are ours. */
export type ModelFinishReason = Exclude<FinishReason, "stopped" | "person">;

/** The content of one network chunk: tokens, a sign of life, usage, and at the end the finish reason. */
export interface ModelDelta {
  readonly tokens: readonly string[];
  /** The model is producing text that is not for the visitor. */
  readonly isThinking?: boolean;
  /** All earlier tokens were a thought: the answer begins with this delta. */
  readonly takesBack?: boolean;
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
  /** Resolves when the model begins to answer. A stream that ends without a finish reason was cut off. */
  stream(request: ModelRequest, signal: AbortSignal): Promise<AsyncIterable<ModelDelta>>;
  /** Returns the whole answer at once, for a tenth of the CPU time of a stream. */
  complete(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer>;
}

export type ModelErrorCode = "model_error" | "model_busy" | "model_timeout";

/** For the owner at a terminal, never for the log: `sentence` is the model server's and may quote a visitor. */
export interface ModelErrorDetails {
  readonly says: string;
  readonly mend: string;
  readonly sentence?: string | undefined;
  /** As ModelError.isFree. */
  readonly isFree?: boolean | undefined;
}

/** The model did not answer. `reason` is for the owner's log and never contains text of a chat. */
export class ModelError extends Error {
  readonly code: ModelErrorCode;
  /** Private, so that it is left out when the error is printed. */
  readonly #details: ModelErrorDetails | undefined;

  constructor(code: ModelErrorCode, reason: string, cause?: unknown, details?: ModelErrorDetails) {
    super(reason, { cause });
    this.name = "ModelError";
    this.code = code;
    this.#details = details;
  }

  /** Whether nothing was generated: the server refused the question, or did not get it. */
  get isFree(): boolean {
    return this.#details?.isFree === true;
  }

  details(): ModelErrorDetails | undefined {
    return this.#details;
  }
}
