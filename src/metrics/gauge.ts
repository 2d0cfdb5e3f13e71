import type { MetricOptions } from "./counter.ts";
import { type Metric, writeSample } from "./exposition.ts";

interface GaugeOptions extends MetricOptions {
  /** `counter` where the value is counted elsewhere, and this metric only shows it. */
  readonly type?: "gauge" | "counter";
}

/** A number that goes up and down. */
export class Gauge implements Metric {
  readonly type: "gauge" | "counter";
  readonly name: string;
  readonly help: string;
  #value = 0;

  constructor({ name, help, type = "gauge" }: GaugeOptions) {
    this.name = name;
    this.help = help;
    this.type = type;
  }

  set(value: number): void {
    this.#value = value;
  }

  add(amount: number): void {
    this.#value += amount;
  }

  samples(): string {
    return writeSample(this.name, "", this.#value);
  }
}
