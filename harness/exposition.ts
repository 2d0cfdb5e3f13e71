/** Metrics in the text format of Prometheus, parsed. */
export interface Exposition {
  /** The type of each metric, by name. */
  readonly types: ReadonlyMap<string, string>;
  /** Values by name and labels, in the form `name{a="b"}`. */
  readonly values: ReadonlyMap<string, number>;
}

const NAME = String.raw`[a-zA-Z_:][a-zA-Z0-9_:]*`;
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:\\[\\"n]|[^\\"\n])*"`;
const SAMPLE = new RegExp(String.raw`^(${NAME})(\{${LABEL}(?:,${LABEL})*\})? (\S+)$`);
const COMMENT = new RegExp(String.raw`^# (HELP|TYPE) (${NAME}) (.+)$`);

/** Reads strictly: throws for an unknown line, for a metric that comes twice, and for one without a type. */
export function parseExposition(text: string): Exposition {
  if (!text.endsWith("\n")) throw new Error("The last line has no end.");
  const types = new Map<string, string>();
  const helped = new Set<string>();
  const values = new Map<string, number>();
  let current = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const [, keyword, metric = "", type = ""] = COMMENT.exec(line) ?? [];
    if (keyword === "HELP") {
      if (helped.has(metric)) throw new Error(`Comes twice: ${line}`);
      helped.add(metric);
    } else if (keyword === "TYPE") {
      if (types.has(metric) || !helped.has(metric)) throw new Error(`Out of place: ${line}`);
      types.set(metric, type);
      current = metric;
    } else {
      const [, name = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
      const isOfHistogram = types.get(current) === "histogram";
      const base = isOfHistogram ? name.replace(/_(?:bucket|sum|count)$/, "") : name;
      if (name === "" || base !== current) throw new Error(`Not a sample of ${current}: ${line}`);
      if (values.has(name + labels)) throw new Error(`Comes twice: ${line}`);
      values.set(name + labels, toNumber(value));
    }
  }
  return { types, values };
}

function toNumber(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  if (text === "NaN") return Number.NaN;
  if (!/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(text)) throw new Error(`Not a number: ${text}`);
  return Number(text);
}
