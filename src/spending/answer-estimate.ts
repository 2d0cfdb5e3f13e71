import type { Config } from "../config/config.ts";
import { hasBudget } from "../config/spending.ts";
import { estimateTokens, mostTokens } from "../conversation/token-estimate.ts";
import { Remembered } from "../runtime/remembered.ts";
import { SECOND_MS } from "../runtime/time.ts";
import type { KnowledgeStore } from "../store/knowledge-store.ts";
import type { Tokens } from "./charge.ts";

interface EstimateDeps {
  readonly config: Pick<Config, "spending" | "assistant" | "knowledge">;
  readonly store: Pick<KnowledgeStore, "knowledgeSize">;
}

/** For how long it counts whether the bot knows anything. Pages are read for longer. */
const KNOWLEDGE_MS = 5 * SECOND_MS;
/** What sources cost in a prompt, rather too much: words of most languages have at most so many tokens. */
const TOKENS_PER_WORD = 4;
/** The names of the sources, and what the model is to do with them. */
const TOKENS_AROUND_SOURCES = 500;

/** What the answer to a question may cost at most, before the model is asked. */
export class AnswerEstimate {
  readonly #deps: EstimateDeps;
  readonly #sourceTokens: Remembered<number>;

  constructor(deps: EstimateDeps) {
    this.#deps = deps;
    this.#sourceTokens = new Remembered(() => this.#readSourceTokens(), KNOWLEDGE_MS);
  }

  /**
   * Without the conversation before the question, which the store adds.
   * @throws what the store throws
   */
  async tokensOf(question: string): Promise<Tokens> {
    const { assistant, spending } = this.#deps.config;
    const asked = estimateTokens(assistant.systemPrompt) + mostTokens(question);
    const ofSources = hasBudget(spending) ? await this.#sourceTokens.read() : 0;
    return { inputTokens: asked + ofSources, outputTokens: assistant.maxOutputTokens };
  }

  /** With the longest conversation that a model gets. */
  withHistory({ inputTokens, outputTokens }: Tokens): Tokens {
    const { maxHistoryTokens } = this.#deps.config.assistant;
    return { inputTokens: inputTokens + maxHistoryTokens, outputTokens };
  }

  async #readSourceTokens(): Promise<number> {
    const { store, config } = this.#deps;
    const { mode, words } = config.knowledge;
    if (mode === "off" || (await store.knowledgeSize()).sections === 0) return 0;
    return words * TOKENS_PER_WORD + TOKENS_AROUND_SOURCES;
  }
}
