import type { Config } from "../config/config.ts";
import type { ModelSettings } from "../config/model.ts";
import { hasBudget, MILLION, presetPrices, pricesInForce } from "../config/spending.ts";
import type { SpentByAnswer } from "../conversation/records.ts";
import type { AppError } from "../errors.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { EmbeddingModel } from "../model/embedding-model.ts";
import type { ChatModel } from "../model/model.ts";
import type { Networks } from "../net/client-networks.ts";
import { derived } from "../runtime/derived.ts";
import { LocalDays } from "../runtime/local-days.ts";
import type { Logger } from "../runtime/logger.ts";
import { Remembered } from "../runtime/remembered.ts";
import type { KnowledgeStore } from "../store/knowledge-store.ts";
import { amountIn } from "../store/spending-rules.ts";
import type {
  Amount,
  Periods,
  RefusedReservation,
  SpendingStore,
} from "../store/spending-store.ts";
import { type Account, amountOf, openAccount, spentByAnswer } from "./account.ts";
import { AnswerEstimate } from "./answer-estimate.ts";
import { BudgetMarks } from "./budget-marks.ts";
import { NO_BUDGET, type SpendingState, stateOf } from "./budget-state.ts";
import { type ModelCall, NO_TOKENS, type Tokens, tokensOf } from "./charge.ts";
import { Meter } from "./meter.ts";
import { meteredEmbeddings } from "./metered-embeddings.ts";
import { meteredModel } from "./metered-model.ts";
import { partiesOf } from "./parties.ts";
import { endsOf, periodsOf } from "./periods.ts";
import { budgetError, offError } from "./refused-call.ts";
import { UnseenThoughts } from "./unseen-thoughts.ts";

interface SpendingDeps {
  readonly config: Pick<Config, "spending" | "model" | "calendar" | "assistant" | "knowledge">;
  readonly store: SpendingStore & Pick<KnowledgeStore, "knowledgeSize">;
  readonly metrics: Pick<Metrics, "spentTokens" | "spentCost" | "modelCallsRefused">;
  readonly log: Pick<Logger, "warn">;
  /** The owner of calls that no visitor waits for (Peers.self). Missing: a command, or a single process. */
  readonly self?: () => string;
  /** Makes the keys of parties, so that they say nothing to others. */
  readonly secret: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A question of a visitor, before the model is asked. */
interface AskedQuestion {
  /** Of the turn. */
  readonly id: string;
  /** The replica that asks the model. */
  readonly owner: string;
  readonly sessionId: string;
  readonly message: string;
  /** Undefined: one of the owner's programs, which has no share of its own. */
  readonly networks?: Networks | undefined;
}

/**
 * For how long sums that were read count as those of now. A crowd spends no more than a quarter of a second's answers
 * before it meets the proof of work.
 */
const STATE_MS = 250;

/**
 * What calls of the model cost, and whether the owner's budgets have room for them. A question is opened before its turn
 * begins, charged when its answer has ended, and closed when that is stored.
 */
export class Spending {
  readonly #deps: SpendingDeps;
  readonly #days: LocalDays;
  readonly #periods: () => Periods;
  readonly #prices;
  /** Makes the keys of parties. */
  readonly #hasher: Bun.CryptoHasher;
  readonly #marks: BudgetMarks;
  readonly #meter: Meter;
  readonly #unseenThoughts = new UnseenThoughts();
  readonly #state: Remembered<SpendingState>;
  readonly #estimate: AnswerEstimate;
  #onNoted = () => {};

  constructor(deps: SpendingDeps) {
    this.#deps = deps;
    const { config, now, secret } = deps;
    this.#days = new LocalDays(() => config.calendar.timeZone);
    // Each of these is made once for many questions.
    this.#periods = derived(() => this.#days.dayOf(now()), periodsOf);
    this.#prices = derived(
      () => config.spending,
      (spending) =>
        derived(
          () => config.model,
          (model) => pricesInForce({ model, spending }),
        ),
    );
    this.#hasher = new Bun.CryptoHasher("sha256", secret);
    this.#state = new Remembered(async () => (await this.#readState()).state, STATE_MS);
    this.#estimate = new AnswerEstimate(deps);
    this.#marks = new BudgetMarks({
      ...deps,
      onNoted: () => this.#onNoted(),
      readState: () => this.#readState(),
    });
    this.#meter = new Meter({
      ...deps,
      periods: () => this.periods(),
      onSettled: (account, tokens) => {
        this.#count(account, tokens);
        this.close(account);
      },
    });
  }

  /** Whether the owner has switched the model off. */
  get isOff(): boolean {
    return !this.#deps.config.spending.isModelOn;
  }

  /** The listener is called when the outbox has something new. */
  onNoted(listener: () => void): void {
    this.#onNoted = listener;
  }

  /**
   * A model whose calls are counted although no visitor waits for them. Where a call may not be made, it throws RefusedCall.
   * @param settings of that model
   */
  metered(model: ChatModel, settings: () => ModelSettings): ChatModel {
    const { config } = this.#deps;
    const prices = () => pricesInForce({ model: settings(), spending: config.spending });
    return meteredModel(model, this.#meter, prices);
  }

  /** Ends the calls of metered models that are under way. */
  cutOffMetered(): void {
    this.#meter.cutOffAll();
  }

  /** As metered, for embeddings. Where their prices are not known, they are counted at those of the model that answers. */
  meteredEmbeddings(model: EmbeddingModel, name: string): EmbeddingModel {
    const { config } = this.#deps;
    return meteredEmbeddings(
      model,
      this.#meter,
      () => presetPrices(name, config.spending) ?? this.#prices()(),
    );
  }

  /** The day and the month of now, in the owner's time zone. */
  periods(): Periods {
    return this.#periods();
  }

  /**
   * What is used of the budgets, as of a moment ago.
   * @throws what the store throws
   */
  state(): Promise<SpendingState> {
    const { spending } = this.#deps.config;
    if (!hasBudget(spending)) return Promise.resolve(NO_BUDGET);
    const { unit, perDay, perMonth } = spending;
    return this.#state.read([this.periods().day, unit, perDay, perMonth].join(" "));
  }

  /**
   * Whether no question fits into what is left of a budget, before the day or the month ends. What is only set aside does
   * not count. As of a moment ago.
   * @throws what the store throws
   */
  async isUsedUp(): Promise<boolean> {
    const { spending } = this.#deps.config;
    if (!hasBudget(spending)) return false;
    const [{ day, month }, reservation] = await Promise.all([
      this.state(),
      this.leastReservation(),
    ]);
    const least = amountIn(spending.unit, reservation);
    return [day, month].some((each) => each !== undefined && each.spent + least > each.limit);
  }

  /**
   * What is set aside for the shortest question that begins a conversation: the least that a budget needs to have left.
   * @throws what the store throws
   */
  async leastReservation(): Promise<Amount> {
    return amountOf(
      { prices: pricesInForce(this.#deps.config) },
      await this.#estimate.tokensOf(""),
    );
  }

  /**
   * Decides what an answer may cost. Its reservation goes to the store with the turn.
   * @throws what the store throws
   */
  async open({ id, owner, sessionId, message, networks }: AskedQuestion): Promise<Account> {
    const { config, now } = this.#deps;
    const { spending } = config;
    const prices = this.#prices()();
    const at = now();
    const periods = this.periods();
    const hasher = this.#hasher;
    const tokens = await this.#estimate.tokensOf(message);
    const most = amountOf({ prices }, this.#estimate.withHistory(tokens));
    const answer = amountIn(spending.unit, most);
    const parties =
      networks === undefined
        ? []
        : partiesOf({ sessionId, networks }, { spending, day: periods.day, hasher, answer });
    return openAccount(spending, { id, owner, periods, prices, tokens, parties, at });
  }

  /** The error for the visitor whose question the store has refused. */
  refuse({ isOff, periods, reservation }: Account, refused: RefusedReservation): AppError {
    const { config, now, metrics } = this.#deps;
    if (isOff) {
      metrics.modelCallsRefused.add(1, { reason: "model_off" });
      return offError(config.spending);
    }
    const { by, isForNow } = refused;
    const isShare = by === "party";
    metrics.modelCallsRefused.add(1, { reason: isShare ? "share_reached" : "budget_reached" });
    const limit = by === "month" ? reservation?.perMonth : reservation?.perDay;
    if (!isShare && !isForNow && limit !== undefined) void this.#marks.reached(periods[by], limit);
    const at = now();
    return budgetError(refused, config.spending, { at, ends: endsOf(this.#days, at) });
  }

  /**
   * What an answer that has ended is counted as.
   * @param call undefined: the model was not asked
   */
  charge(account: Account, call: ModelCall | undefined): SpentByAnswer {
    const tokens = call === undefined ? NO_TOKENS : this.#tokensOf(call);
    this.#count(account, tokens);
    return spentByAnswer(account, tokens);
  }

  /** What was charged is stored. */
  close({ reservation }: Account): void {
    if (reservation !== undefined) this.#marks.lookSoon();
  }

  #tokensOf(call: ModelCall): Tokens {
    const mayHaveThoughtUnseen = this.#unseenThoughts.mayBeIn(call, this.#deps.config.model);
    return tokensOf({ ...call, mayHaveThoughtUnseen });
  }

  #count(account: Account, tokens: Tokens): void {
    const { inputTokens, outputTokens, cost } = amountOf(account, tokens);
    const { spentTokens, spentCost } = this.#deps.metrics;
    spentTokens.add(inputTokens, { direction: "input" });
    spentTokens.add(outputTokens, { direction: "output" });
    spentCost.add(cost / MILLION, {});
  }

  async #readState(): Promise<{ readonly periods: Periods; readonly state: SpendingState }> {
    const { store, config } = this.#deps;
    const periods = this.periods();
    const sums = await store.spentIn([periods.day, periods.month]);
    return { periods, state: stateOf(config.spending, periods, sums) };
  }
}
