import type { Config } from "../config/config.ts";
import type { SpendingSettings } from "../config/spending.ts";
import { LocalDays } from "../runtime/local-days.ts";
import { SECOND_MS } from "../runtime/time.ts";
import type { Periods, SpendingStore } from "../store/spending-store.ts";
import { NO_BUDGET, type SpendingState, stateOf } from "./budget-state.ts";
import { periodsAt } from "./periods.ts";

export interface SpendingDeps {
  readonly config: Pick<Config, "spending" | "model" | "calendar">;
  readonly store: SpendingStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** For how long sums that were read count as those of now. */
const STATE_MS = SECOND_MS;

interface KnownState {
  readonly settings: SpendingSettings;
  readonly periods: Periods;
  /** Milliseconds of the monotonic clock. */
  readonly readAt: number;
  readonly state: Promise<SpendingState>;
}

/** What calls of the model cost, and whether the owner's budgets have room for them. */
export class Spending {
  readonly #deps: SpendingDeps;
  readonly #days: LocalDays;
  #known: KnownState | undefined;

  constructor(deps: SpendingDeps) {
    this.#deps = deps;
    this.#days = new LocalDays(() => deps.config.calendar.timeZone);
  }

  /**
   * What is used of the budgets, as of the last second.
   * @throws what the store throws
   */
  state(): Promise<SpendingState> {
    const { spending } = this.#deps.config;
    if (spending.perDay === undefined && spending.perMonth === undefined)
      return Promise.resolve(NO_BUDGET);
    const periods = this.periods();
    const known = this.#known;
    const isOfNow =
      known?.settings === spending &&
      known.periods.day === periods.day &&
      performance.now() - known.readAt < STATE_MS;
    if (isOfNow) return known.state;
    const state = this.#readState(spending, periods);
    this.#known = { settings: spending, periods, readAt: performance.now(), state };
    // A failure is not kept.
    state.catch(() => void (this.#known = undefined));
    return state;
  }

  /** The day and the month of now, in the owner's time zone. */
  periods(): Periods {
    return periodsAt(this.#days, this.#deps.now());
  }

  async #readState(settings: SpendingSettings, periods: Periods): Promise<SpendingState> {
    const sums = await this.#deps.store.spentIn([periods.day, periods.month]);
    return stateOf(settings, periods, sums);
  }
}
