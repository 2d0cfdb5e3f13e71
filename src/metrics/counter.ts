import { type Metric, writeLabels, writeSample } from "./exposition.ts";

interface Series {
  readonly labels: string;
  value: number;
}

export interface MetricOptions {
  readonly name: string;
  readonly help: string;
}

interface CounterOptions<Label extends string> extends MetricOptions {
  readonly labels: readonly Label[];
}

/**
 * Counts events, separately for each combination of label values. A series is never dropped, so a label
 * value must come from a short list, never from a client.
 */
export class Counter<Label extends string> implements Metric {
  readonly type = "counter";
  readonly name: string;
  readonly help: string;
  readonly #labels: readonly Label[];
  readonly #series = new Map<string, Series>();

  constructor({ name, help, labels }: CounterOptions<Label>) {
    this.name = name;
    this.help = help;
    this.#labels = labels;
  }

  /** An amount of 0 creates the series: Prometheus needs a first sample to compute a rate. */
  add(amount: number, values: Readonly<Record<Label, string>>): void {
    let key = "";
    for (const label of this.#labels) key += `${values[label]}\n`;
    const known = this.#series.get(key);
    if (known) known.value += amount;
    else this.#series.set(key, { labels: this.#write(values), value: amount });
  }

  samples(): string {
    let text = "";
    for (const { labels, value } of this.#series.values()) {
      text += writeSample(this.name, labels, value);
    }
    return text;
  }

  #write(values: Readonly<Record<Label, string>>): string {
    return writeLabels(this.#labels.map((label) => [label, values[label]]));
  }
}
