/** A metric that can write itself in the text format of Prometheus, version 0.0.4. */
export interface Metric {
  /** Includes the unit; a counter's name ends with `_total`. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** One sample a line, each ended by a newline. */
  samples(): string;
}

/** The media type of Prometheus' text format. */
export const EXPOSITION_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export function writeMetric(metric: Metric): string {
  const { name, type, help } = metric;
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${metric.samples()}`;
}

/** @param labels as writeLabels writes them; empty for a metric without labels */
export function writeSample(name: string, labels: string, value: number): string {
  return `${name}${labels === "" ? "" : `{${labels}}`} ${writeValue(value)}\n`;
}

export function writeLabels(labels: readonly (readonly [name: string, value: string])[]): string {
  return labels.map(([name, value]) => `${name}="${escapeLabelValue(value)}"`).join(",");
}

/** Go, in which Prometheus is written, reads JavaScript's numbers, except for infinity. */
export function writeValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}

function escapeLabelValue(value: string): string {
  return escapeHelp(value).replaceAll('"', String.raw`\"`);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", String.raw`\\`).replaceAll("\n", String.raw`\n`);
}
