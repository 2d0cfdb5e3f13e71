import type { Logger } from "../runtime/logger.ts";
import { SECOND_MS } from "../runtime/time.ts";
import type { BudgetNote, Periods, SpendingStore } from "../store/spending-store.ts";
import type { BudgetState, SpendingState } from "./budget-state.ts";

/** From this part of a budget on, the owner is warned. */
export const WARNING_SHARE = 0.8;
/** How long after the end of a call the budgets are looked at: once for all calls that end meanwhile. */
const LOOK_DELAY_MS = SECOND_MS;

interface BudgetMarksDeps {
  readonly store: Pick<SpendingStore, "noteSpending">;
  readonly readState: () => Promise<{ readonly periods: Periods; readonly state: SpendingState }>;
  readonly log: Pick<Logger, "warn">;
  /** Called when the outbox has something new. */
  readonly onNoted: () => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Notes, once a period and budget, that it is nearly or wholly spent. */
export class BudgetMarks {
  readonly #deps: BudgetMarksDeps;
  /** What is noted of the budgets of now. The store knows it, too. */
  #noted = new Set<string>();
  #isDue = false;

  constructor(deps: BudgetMarksDeps) {
    this.#deps = deps;
  }

  /** A call has ended, so there may be something to note soon. */
  lookSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const look = () => {
      this.#isDue = false;
      void this.#look();
    };
    setTimeout(look, LOOK_DELAY_MS).unref();
  }

  /** A budget had no room for a call, although nothing else is under way. Never throws. */
  async reached(period: string, limit: number): Promise<void> {
    await this.#guarded(() => this.#note({ period, mark: "reached", limit }));
  }

  #look(): Promise<void> {
    return this.#guarded(async () => {
      const { periods, state } = await this.#deps.readState();
      await this.#judge(periods.day, state.day);
      await this.#judge(periods.month, state.month);
    });
  }

  async #judge(period: string, budget: BudgetState | undefined): Promise<void> {
    if (budget === undefined) return;
    const { spent, limit } = budget;
    if (spent >= limit) await this.#note({ period, mark: "reached", limit });
    else if (spent >= limit * WARNING_SHARE) await this.#note({ period, mark: "warning", limit });
  }

  async #note(note: Omit<BudgetNote, "at">): Promise<void> {
    const { period, mark, limit } = note;
    const key = `${period} ${mark} ${limit}`;
    if (this.#noted.has(key)) return;
    const { store, log, onNoted, now } = this.#deps;
    const isFirst = await store.noteSpending({ ...note, at: now() });
    if (this.#noted.size >= MAX_NOTED) this.#noted.clear();
    this.#noted.add(key);
    if (!isFirst) return;
    log.warn(mark === "reached" ? "a budget is spent" : "80 % of a budget are spent", { period });
    onNoted();
  }

  /** The next call looks again. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#deps.log.warn("the budgets could not be looked at", { error });
    }
  }
}

/** Two marks of some days and months. */
const MAX_NOTED = 16;
