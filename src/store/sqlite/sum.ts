import type { Amount } from "../spending-store.ts";

/** A sum that grows in place. */
export class Sum implements Amount {
  inputTokens = 0;
  outputTokens = 0;
  cost = 0;

  constructor(amount?: Amount | null) {
    if (amount) this.add(amount);
  }

  add({ inputTokens, outputTokens, cost }: Amount, sign: 1 | -1 = 1): void {
    this.inputTokens += sign * inputTokens;
    this.outputTokens += sign * outputTokens;
    this.cost += sign * cost;
  }

  get isZero(): boolean {
    return this.inputTokens === 0 && this.outputTokens === 0 && this.cost === 0;
  }
}
