import type { Config } from "../../config/config.ts";
import type { ModelSettings } from "../../config/model.ts";
import { Places } from "../../http/places.ts";
import type { ChatModel } from "../../model/model.ts";
import type { Notify } from "../../model/notify.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { SetupFact, SetupFactStore } from "../../store/setup-fact-store.ts";
import { MARKS, type Trial, tryModel } from "../../turns/model-trial.ts";

/** Makes a model that is not, or not yet, the one in force. */
export type CreateModel = (settings: ModelSettings, notify: Notify) => Promise<ChatModel>;

/** An owner needs one. More are tabs that were forgotten. */
const MAX_TRIALS = 4;

/** A trial, and when it was made. */
export interface MadeTrial extends Trial {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface ModelTrialsDeps {
  readonly createModel: CreateModel;
  readonly store: SetupFactStore;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Tries models for the owner, and remembers what the last trial of each has shown. */
export class ModelTrials {
  readonly #deps: ModelTrialsDeps;
  readonly #places = new Places(MAX_TRIALS);

  constructor(deps: ModelTrialsDeps) {
    this.#deps = deps;
  }

  /**
   * @param signal aborts when the owner has left the page
   * @throws AppError overloaded when too many are under way
   */
  async run(config: Config, signal: AbortSignal): Promise<MadeTrial> {
    const { model } = config;
    const { now } = this.#deps;
    if (model.kind !== "openai") return { ...NOTHING_TO_TRY, at: now() };
    const leave = this.#places.enter();
    try {
      const createModel = (notify: Notify) => this.#deps.createModel(model, notify);
      const trial = { ...(await tryModel(model, { createModel, config, signal })), at: now() };
      if (!signal.aborted && trial.isRefused !== true) await this.#store(model, trial);
      return trial;
    } finally {
      leave();
    }
  }

  /** The last trial of a model, at whichever replica it was made. */
  async lastOf(model: ModelSettings): Promise<MadeTrial | undefined> {
    const facts = await this.#deps.store.listSetupFacts("model");
    const fact = facts.find(({ subject }) => subject === markOf(model));
    return fact && readTrial(fact);
  }

  async #store(model: ModelSettings, trial: MadeTrial): Promise<void> {
    const { at } = trial;
    const fact = { topic: "model", subject: markOf(model), text: writeTrial(trial), at } as const;
    try {
      await this.#deps.store.noteSetupFact(fact);
    } catch (error) {
      // The owner sees the result all the same.
      this.#deps.log.debug("the trial of a model could not be stored", { error });
    }
  }
}

/**
 * A mark of a model's settings, with its key. It has 16 bits: enough to tell the few models of an owner apart, and
 * too few to find a key out by trying.
 */
function markOf(model: ModelSettings): string {
  const text = JSON.stringify(model);
  return new Bun.CryptoHasher("sha256").update(text).digest("hex").slice(0, 4);
}

/** A line for the mark, one for the facts, and the advice. */
function writeTrial({ mark, says, mend = "" }: Trial): string {
  return [mark, says, mend].join("\n");
}

/** Undefined: another version has written it in another way. */
function readTrial({ text, at }: SetupFact): MadeTrial | undefined {
  const [first, says = "", ...mend] = text.split("\n");
  const mark = MARKS.find((each) => each === first);
  return mark && { mark, says, mend: mend.join("\n") || undefined, at };
}

const NOTHING_TO_TRY: Trial = {
  mark: "wrong",
  says: "no model is named",
  mend: "Choose a provider and enter its key, or the address of a server of your own.",
};
