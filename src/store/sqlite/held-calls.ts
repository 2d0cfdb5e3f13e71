import type { ReservedCall } from "./held-text.ts";
import type { Share } from "./party-shares.ts";
import { Sum } from "./sum.ts";

/** What is set aside for a call. */
interface HeldCall extends ReservedCall {
  readonly shares: readonly Share[];
}

/** What this process has set aside for calls under way, in memory, so that it need not be summed up for each question. */
export class HeldCalls {
  readonly #calls = new Map<string, HeldCall>();
  readonly #sums = new Map<string, Sum>();

  /** A call that is there already is replaced: a transaction may be run more than once. */
  add(call: HeldCall): void {
    this.remove(call.id);
    this.#calls.set(call.id, call);
    this.#addToSums(call, 1);
  }

  remove(id: string): HeldCall | undefined {
    const call = this.#calls.get(id);
    if (call === undefined) return undefined;
    this.#calls.delete(id);
    this.#addToSums(call, -1);
    // Nothing is left of periods that are over.
    if (this.#calls.size === 0) this.#sums.clear();
    return call;
  }

  find(id: string): ReservedCall | undefined {
    return this.#calls.get(id);
  }

  sumIn(period: string): Sum {
    let sum = this.#sums.get(period);
    if (sum === undefined) this.#sums.set(period, (sum = new Sum()));
    return sum;
  }

  #addToSums({ day, month, amount, shares }: HeldCall, sign: 1 | -1): void {
    this.sumIn(day).add(amount, sign);
    this.sumIn(month).add(amount, sign);
    for (const { held } of shares) held.add(amount, sign);
  }
}
