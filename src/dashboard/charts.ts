import { type Html, html } from "./html.ts";

/** One bar of a chart. Without a value, no bar is drawn. */
interface Bar {
  /** The name of the bar, such as a day. */
  readonly label: string;
  readonly value: number | undefined;
}

interface ChartOptions {
  /** Unique on the page. The labels refer to it. */
  readonly id: string;
  readonly title: string;
  readonly bars: readonly Bar[];
  readonly format: (value: number) => string;
  readonly tone?: "accent" | "bad";
}

const WIDTH = 300;
const HEIGHT = 64;
/** So that a bar of one beside a million is still visible. */
const MIN_BAR_HEIGHT = 2;

/**
 * A bar chart as SVG, coloured by the style sheet. Its title and description describe it to people who cannot
 * see it, and the page has the numbers in a table.
 */
export function barChart({ id, title, bars, format, tone = "accent" }: ChartOptions): Html {
  const highest = Math.max(...bars.map(({ value }) => value ?? 0), 0);
  const slot = WIDTH / Math.max(bars.length, 1);
  return html`<svg
    class="chart ${tone}"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    preserveAspectRatio="none"
    role="img"
    aria-labelledby="${id}-title ${id}-desc"
  >
    <title id="${id}-title">${title}</title>
    <desc id="${id}-desc">${describe(bars, format)}</desc>
    <line class="base" x1="0" y1="${HEIGHT}" x2="${WIDTH}" y2="${HEIGHT}" />
    ${bars.map(({ label, value }, index) => {
      if (value === undefined || value <= 0) return undefined;
      const height = Math.max(MIN_BAR_HEIGHT, Math.round((value / highest) * HEIGHT * 100) / 100);
      const x = Math.round((index * slot + slot * 0.15) * 100) / 100;
      const width = Math.round(slot * 70) / 100;
      const y = Math.round((HEIGHT - height) * 100) / 100;
      return html`<rect x="${x}" y="${y}" width="${width}" height="${height}">
        <title>${label}: ${format(value)}</title>
      </rect>`;
    })}
  </svg>`;
}

function describe(bars: readonly Bar[], format: (value: number) => string): string {
  let highest: { label: string; value: number } | undefined;
  for (const { label, value = 0 } of bars) {
    if (value > (highest?.value ?? 0)) highest = { label, value };
  }
  const range = `${bars.length} days, from ${bars[0]?.label ?? ""} to ${bars.at(-1)?.label ?? ""}.`;
  if (highest === undefined) return `${range} Nothing yet.`;
  return `${range} The highest is ${format(highest.value)} on ${highest.label}.`;
}
