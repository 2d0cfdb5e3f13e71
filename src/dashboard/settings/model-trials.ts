import type { Config } from "../../config/config.ts";
import type { ModelSettings } from "../../config/model.ts";
import { Places } from "../../http/places.ts";
import type { ChatModel } from "../../model/model.ts";
import type { Notify } from "../../model/notify.ts";
import { type Trial, tryModel } from "../../turns/model-trial.ts";

/** Makes a model that is not, or not yet, the one in force. */
export type CreateModel = (settings: ModelSettings, notify: Notify) => Promise<ChatModel>;

/** An owner needs one. More are tabs that were forgotten. */
const MAX_TRIALS = 4;

/** The model in force, and others that the owner compares it with. */
const MAX_REMEMBERED = 8;

/** A trial, and when it was made. */
export interface MadeTrial extends Trial {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Tries models for the owner, and remembers what the last trial of each has shown. */
export class ModelTrials {
  readonly #createModel: CreateModel;
  readonly #now: () => number;
  readonly #places = new Places(MAX_TRIALS);
  /** The newest first. */
  #last: readonly { readonly model: ModelSettings; readonly trial: MadeTrial }[] = [];

  constructor(createModel: CreateModel, now: () => number) {
    this.#createModel = createModel;
    this.#now = now;
  }

  /**
   * @param signal aborts when the owner has left the page
   * @throws AppError overloaded when too many are under way
   */
  async run(config: Config, signal: AbortSignal): Promise<MadeTrial> {
    const { model } = config;
    if (model.kind !== "openai") return { ...NOTHING_TO_TRY, at: this.#now() };
    const leave = this.#places.enter();
    try {
      const createModel = (notify: Notify) => this.#createModel(model, notify);
      const trial = {
        ...(await tryModel(model, { createModel, config, signal })),
        at: this.#now(),
      };
      if (signal.aborted) return trial;
      const others = this.#last.filter((each) => !Bun.deepEquals(each.model, model));
      this.#last = [{ model, trial }, ...others].slice(0, MAX_REMEMBERED);
      return trial;
    } finally {
      leave();
    }
  }

  /** The last trial of a model. */
  lastOf(model: ModelSettings): MadeTrial | undefined {
    return this.#last.find((each) => Bun.deepEquals(each.model, model))?.trial;
  }
}

const NOTHING_TO_TRY: Trial = {
  mark: "wrong",
  says: "no model is named",
  mend: "Choose a provider and enter its key, or the address of a server of your own.",
};
