import type { Config } from "../config/config.ts";
import type { ModelPrices } from "../config/model-prices.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Logger } from "../runtime/logger.ts";
import { randomText } from "../runtime/random-text.ts";
import { MINUTE_MS } from "../runtime/time.ts";
import type { Periods, SpendingStore } from "../store/spending-store.ts";
import { type Account, amountOf, openAccount } from "./account.ts";
import type { Tokens } from "./charge.ts";
import { RefusedCall } from "./refused-call.ts";

interface MeterDeps {
  readonly config: Pick<Config, "spending">;
  readonly store: Pick<SpendingStore, "reserve" | "settle">;
  readonly metrics: Pick<Metrics, "modelCallsRefused">;
  readonly log: Pick<Logger, "warn">;
  /** The owner of the calls. */
  readonly self?: () => string;
  /** The day and the month of now. */
  readonly periods: () => Periods;
  /** Called with what a call has cost, once that is stored. */
  readonly onSettled: (account: Account, tokens: Tokens) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Ends a call. Undefined: nobody knows what it has cost, so all that it could. */
export type EndCall = (tokens: Tokens | undefined) => Promise<void>;

const ID_BYTES = 16;

/** Counts calls of models that are no visitor's turn. */
export class Meter {
  readonly #deps: MeterDeps;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #cutOff = new AbortController();

  constructor(deps: MeterDeps) {
    this.#deps = deps;
  }

  /** Aborted when the calls under way are to end. */
  get cutOff(): AbortSignal {
    return this.#cutOff.signal;
  }

  /** Ends the calls under way. */
  cutOffAll(): void {
    this.#cutOff.abort();
    this.#cutOff = new AbortController();
  }

  /**
   * Sets aside what a call may cost.
   * @throws RefusedCall when it may not be made
   */
  async begin(tokens: Tokens, prices: ModelPrices | undefined): Promise<EndCall> {
    const { config, store, metrics, self, periods, now } = this.#deps;
    const id = `c_${randomText(ID_BYTES)}`;
    const account = openAccount(config.spending, {
      id,
      owner: self?.() ?? "",
      periods: periods(),
      prices,
      tokens,
      parties: [],
      at: now(),
    });
    const { reservation, isOff } = account;
    const refused = reservation && (isOff || (await store.reserve(reservation)) !== undefined);
    if (refused === true) {
      const reason = isOff ? "model_off" : "budget_reached";
      metrics.modelCallsRefused.add(1, { reason });
      this.#report(reason);
      throw new RefusedCall(reason);
    }
    return (spent) => this.#end(id, account, spent ?? tokens);
  }

  /** Of many calls that are refused one after the other, one is logged. */
  #report(reason: RefusedCall["reason"]): void {
    const { log, now } = this.#deps;
    const sinceMs = now() - this.#reportedAt;
    if (sinceMs >= 0 && sinceMs < MINUTE_MS) return;
    this.#reportedAt = now();
    log.warn("a call of the model was not made", { reason });
  }

  /** Never throws: what is set aside stays so until it is settled as a whole. */
  async #end(id: string, account: Account, tokens: Tokens): Promise<void> {
    const { store, log, onSettled } = this.#deps;
    const amount = amountOf(account, tokens);
    const isReserved = account.reservation !== undefined;
    try {
      await store.settle(id, { ...account.periods, amount, isReserved });
      onSettled(account, tokens);
    } catch (error) {
      log.warn("what a call of the model has cost could not be stored", { error });
    }
  }
}
