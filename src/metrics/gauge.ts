import type { MetricOptions } from "./counter.ts";
import { type Metric, writeLabels, writeSample } from "./exposition.ts";

interface GaugeOptions extends MetricOptions {
  /** `counter` where the value is counted elsewhere, and this metric only shows it. */
  readonly type?: "gauge" | "counter";
  /** Missing: there is one number. */
  readonly label?: string;
}

/** A number that goes up and down, or one for each value of a label. */
export class Gauge implements Metric {
  readonly type: "gauge" | "counter";
  readonly name: string;
  readonly help: string;
  #value = 0;
  readonly #label: string | undefined;
  /** By the value of the label. */
  readonly #values = new Map<string, number>();

  constructor({ name, help, label, type = "gauge" }: GaugeOptions) {
    this.name = name;
    this.help = help;
    this.#label = label;
    this.type = type;
  }

  set(value: number): void {
    this.#value = value;
  }

  /** Sets the number of one value of the label, which must come from a short list. */
  setOf(labelValue: string, value: number): void {
    this.#values.set(labelValue, value);
  }

  add(amount: number): void {
    this.#value += amount;
  }

  samples(): string {
    const label = this.#label;
    if (label === undefined) return writeSample(this.name, "", this.#value);
    const samples = Array.from(this.#values, ([labelValue, value]) =>
      writeSample(this.name, writeLabels([[label, labelValue]]), value),
    );
    return samples.join("");
  }
}
