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
 * Counts what happens, apart for each combination of its labels' values. Nothing is ever forgotten, so
 * a value must come from a short list, never from a client.
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

  /** By 0 the series is only made to be there: a rate needs to see where it began. */
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
