import type { Bound, Case, Metric, Sample } from "./scenario.ts";
import { median } from "./statistics.ts";
import type { Target } from "./targets.ts";

/** Everything that a run of the bench measured. --json writes it and --from reads it. */
export interface Recording {
  /** The time of the recording, in ISO 8601. */
  readonly at: string;
  readonly bun: string;
  readonly cases: readonly RecordedCase[];
}

export interface RecordedCase {
  readonly name: string;
  readonly metrics: readonly Metric[];
  readonly baseline: string;
  readonly subject: string;
  readonly targets: readonly { readonly name: string; readonly samples: readonly Sample[] }[];
}

export function recordCase(
  { name, metrics, baseline = "floor", subject = "chatporch" }: Case,
  samples: ReadonlyMap<Target, readonly Sample[]>,
): RecordedCase {
  const targets = Array.from(samples, ([target, taken]) => ({ name: target.name, samples: taken }));
  return { name, metrics, baseline, subject, targets };
}

/** The median of a target's metric; undefined when it was not measured. */
export function medianOf(
  { targets }: RecordedCase,
  target: string,
  key: string,
): number | undefined {
  const samples = targets.find(({ name }) => name === target)?.samples ?? [];
  const values = samples.map((sample) => sample[key]).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : median(values);
}

/** The medians, their ratios to the baseline if there is one, and whether the bounds are kept. */
export function table(recorded: RecordedCase): string {
  const { name, metrics, targets, baseline } = recorded;
  const heads = metrics.map(({ label, unit }) => (unit ? `${label}, ${unit}` : label));
  const rows = targets.map((target) => [
    target.name,
    ...metrics.map((metric) => cell(recorded, target.name, metric)),
  ]);
  const runs = Math.max(...targets.map(({ samples }) => samples.length));
  const isCompared = targets.length > 1 && targets.some((target) => target.name === baseline);
  const verdicts = metrics.flatMap((metric) => verdict(recorded, metric) ?? []);
  return [
    `\n${name} (median of ${runs}${isCompared ? `, × ${baseline}` : ""})`,
    ...align([["", ...heads], ...rows]),
    ...verdicts,
  ].join("\n");
}

function cell(recorded: RecordedCase, target: string, { key, digits }: Metric): string {
  const value = medianOf(recorded, target, key);
  if (value === undefined) return "–";
  const base = medianOf(recorded, recorded.baseline, key);
  const text = value.toFixed(digits);
  if (target === recorded.baseline || base === undefined || base === 0) return text;
  return `${text} (${(value / base).toFixed(2)}×)`;
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
}

function verdict(recorded: RecordedCase, metric: Metric): string | undefined {
  const { bound, label, unit } = metric;
  if (!bound) return undefined;
  const value = boundedValue(recorded, metric.key, bound);
  if (value === undefined) return undefined;
  const holds = value <= (bound.atMost ?? Infinity) && value >= (bound.atLeast ?? -Infinity);
  const limit = bound.atMost === undefined ? `≥ ${bound.atLeast}` : `≤ ${bound.atMost}`;
  const measure = {
    value: unit,
    "every value": `${unit}, each`,
    ratio: `× ${recorded.baseline}`,
    difference: `${unit} more than ${recorded.baseline}`,
  }[bound.of];
  return `${holds ? "✓" : "✗"} ${[label, limit, measure].filter(Boolean).join(" ")}: ${value.toFixed(2)}`;
}

function boundedValue(recorded: RecordedCase, key: string, bound: Bound): number | undefined {
  if (bound.of === "every value") return worst(recorded, key, bound);
  const value = medianOf(recorded, recorded.subject, key);
  if (bound.of === "value" || value === undefined) return value;
  const base = medianOf(recorded, recorded.baseline, key);
  if (base === undefined) return undefined;
  return bound.of === "ratio" ? value / base : value - base;
}

/** The median that is nearest to the bound, or furthest beyond it. */
function worst(recorded: RecordedCase, key: string, { atMost }: Bound): number | undefined {
  const medians = recorded.targets.flatMap(({ name }) => medianOf(recorded, name, key) ?? []);
  if (medians.length === 0) return undefined;
  return atMost === undefined ? Math.min(...medians) : Math.max(...medians);
}
