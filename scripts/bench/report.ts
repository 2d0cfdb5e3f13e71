import type { Bound, Case, Metric, Sample } from "./scenario.ts";
import { median } from "./statistics.ts";
import type { Target } from "./targets.ts";

/** Everything that a run of the bench found; what --json writes and --from reads. */
export interface Recording {
  /** When, in ISO 8601. */
  readonly at: string;
  readonly bun: string;
  readonly cases: readonly RecordedCase[];
}

export interface RecordedCase {
  readonly name: string;
  readonly metrics: readonly Metric[];
  readonly targets: readonly { readonly name: string; readonly samples: readonly Sample[] }[];
}

const FLOOR = "floor";
const CHATPORCH = "chatporch";

export function recordCase(
  { name, metrics }: Case,
  samples: ReadonlyMap<Target, readonly Sample[]>,
): RecordedCase {
  const targets = Array.from(samples, ([target, taken]) => ({ name: target.name, samples: taken }));
  return { name, metrics, targets };
}

/** The median of a metric of a target; undefined where it was not measured. */
export function medianOf(
  { targets }: RecordedCase,
  target: string,
  key: string,
): number | undefined {
  const samples = targets.find(({ name }) => name === target)?.samples ?? [];
  const values = samples.map((sample) => sample[key]).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : median(values);
}

/** Medians, the ratio to the floor where there is one, and whether the bounds hold. */
export function table(recorded: RecordedCase): string {
  const { name, metrics, targets } = recorded;
  const heads = metrics.map(({ label, unit }) => (unit ? `${label}, ${unit}` : label));
  const rows = targets.map((target) => [
    target.name,
    ...metrics.map((metric) => cell(recorded, target.name, metric)),
  ]);
  const runs = Math.max(...targets.map(({ samples }) => samples.length));
  const verdicts = metrics.flatMap((metric) => verdict(recorded, metric) ?? []);
  return [
    `\n${name} (median of ${runs}, × floor)`,
    ...align([["", ...heads], ...rows]),
    ...verdicts,
  ].join("\n");
}

function cell(recorded: RecordedCase, target: string, { key, digits }: Metric): string {
  const value = medianOf(recorded, target, key);
  if (value === undefined) return "–";
  const floor = medianOf(recorded, FLOOR, key);
  const text = value.toFixed(digits);
  if (target === FLOOR || floor === undefined || floor === 0) return text;
  return `${text} (${(value / floor).toFixed(2)}×)`;
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
  const what = { value: "", ratio: " × floor", "more than the floor": " more than the floor" };
  const suffix = bound.of === "ratio" ? "" : ` ${unit}`;
  return `${holds ? "✓" : "✗"} ${label} ${limit}${suffix}${what[bound.of]}: ${value.toFixed(2)}`;
}

function boundedValue(recorded: RecordedCase, key: string, bound: Bound): number | undefined {
  const value = medianOf(recorded, CHATPORCH, key);
  if (bound.of === "value" || value === undefined) return value;
  const floor = medianOf(recorded, FLOOR, key);
  if (floor === undefined) return undefined;
  return bound.of === "ratio" ? value / floor : value - floor;
}

export function chart(_recording: Recording): string {
  return "";
}
