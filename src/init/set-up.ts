import type { Config } from "../config/config.ts";
import type { ChatModel } from "../model/model.ts";
import type { Notify } from "../model/notify.ts";
import type { InitOptions } from "./options.ts";
import type { Questions } from "./questions.ts";

/** What settings are decided with. */
export interface SetUp {
  readonly options: InitOptions;
  /** Undefined: there is no terminal, so nobody is asked. */
  readonly questions: Questions | undefined;
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly createModel: (config: Config, notify: Notify) => Promise<ChatModel>;
  /** The variable OLLAMA_HOST. */
  readonly ollamaHost: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What must still be given, because nobody can be asked. Decisions add to it. */
  readonly needed: string[];
}
