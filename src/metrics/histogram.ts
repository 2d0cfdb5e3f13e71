import type { MetricOptions } from "./counter.ts";
import { type Metric, writeSample, writeValue } from "./exposition.ts";

interface HistogramOptions extends MetricOptions {
  /** Upper bounds in rising order; a bound belongs to its bucket. Values above the last count as +Inf. */
  readonly buckets: readonly number[];
}

/** Counts values by size. An observation allocates nothing. */
export class Histogram implements Metric {
  readonly type = "histogram";
  readonly name: string;
  readonly help: string;
  readonly #bounds: readonly number[];
  /** One count for each bucket, the last being +Inf. They are added up when they are read. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor({ name, help, buckets }: HistogramOptions) {
    this.name = name;
    this.help = help;
    this.#bounds = [...buckets, Number.POSITIVE_INFINITY];
    this.#counts = new Float64Array(this.#bounds.length);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (value > (bounds[bucket] ?? value)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  samples(): string {
    let text = "";
    let count = 0;
    for (const [bucket, bound] of this.#bounds.entries()) {
      count += this.#counts[bucket] ?? 0;
      text += writeSample(`${this.name}_bucket`, `le="${writeValue(bound)}"`, count);
    }
    text += writeSample(`${this.name}_sum`, "", this.#sum);
    return text + writeSample(`${this.name}_count`, "", count);
  }
}
