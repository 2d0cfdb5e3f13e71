import { medianOf, type Recording } from "./report.ts";

/** A figure of a case. The chart has one row for each. */
interface Figure {
  readonly case: string;
  readonly key: string;
  readonly label: string;
  readonly hint: string;
}

const FIGURES: readonly Figure[] = [
  {
    case: "paced",
    key: "cpuPerThousandTokens",
    label: "CPU of 1000 tokens",
    hint: "100 streams, 10 ms a token; less is better",
  },
  {
    case: "json",
    key: "cpuPerAnswer",
    label: "CPU of a JSON chat",
    hint: "16 at once; less is better",
  },
  {
    case: "slow",
    key: "kbPerStream",
    label: "Memory of a slow stream",
    hint: "2000 at once; less is better",
  },
  {
    case: "startup",
    key: "startMs",
    label: "Start to first answer",
    hint: "less is better",
  },
  {
    case: "stream, 64 at once",
    key: "answersPerSecond",
    label: "Streams a second",
    hint: "64 at once; more is better",
  },
];

const WIDTH = 720;
const BARS_LEFT = 268;
/** Leaves room for the value after the longest bar. */
const BARS_WIDTH = WIDTH - BARS_LEFT - 64;
const TOP = 76;
const ROW_HEIGHT = 56;
const BAR_HEIGHT = 14;
/** Longer bars are broken off. Otherwise one of them would make all the others too short to read. */
const MAX_RATIO = 6;

export const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #16211f; }
  .title { font-size: 15px; font-weight: 600; }
  .label { font-weight: 600; }
  .muted { font-size: 12px; fill: #56625f; }
  .bar-0 { fill: #0f766e; }
  .bar-1 { fill: #a8b3b1; }
  .line { stroke: #56625f; stroke-dasharray: 2 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e7eeec; }
    .muted { fill: #a3b0ad; }
    .bar-0 { fill: #5cc8bb; }
    .bar-1 { fill: #5d6a67; }
    .line { stroke: #a3b0ad; }
  }
`;

interface Row extends Figure {
  /** Multiples of the floor, in the order of the shown targets; undefined where not measured. */
  readonly ratios: readonly (number | undefined)[];
}

/** The ratios to the floor as an SVG for the README, for light and dark pages, without scripts. */
export function chart(recording: Recording): string {
  const shown = shownTargets(recording);
  const rows = FIGURES.flatMap((figure) => rowOf(recording, figure, shown) ?? []);
  const ratios = rows.flatMap((row) => row.ratios.filter((ratio) => ratio !== undefined));
  const scale = BARS_WIDTH / Math.min(MAX_RATIO, Math.max(1, ...ratios));
  const height = TOP + rows.length * ROW_HEIGHT + 24;
  const floorX = BARS_LEFT + scale;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc">
<title id="title">chatporch beside a bare Bun server</title>
<desc id="desc">${escapeXml(describe(rows, shown))}</desc>
<style>${STYLE}</style>
<text class="title" x="0" y="18">Beside a bare Bun server that only relays tokens</text>
${legend(shown)}
<text class="muted" x="${floorX}" y="${TOP - 14}" text-anchor="middle">bare Bun = 1</text>
<line class="line" x1="${floorX}" y1="${TOP - 8}" x2="${floorX}" y2="${height - 24}"/>
${rows.map((row, index) => drawRow(row, TOP + index * ROW_HEIGHT, scale)).join("\n")}
<text class="muted" x="0" y="${height - 4}">Bun ${escapeXml(recording.bun)}, ${escapeXml(recording.at.slice(0, 10))}, medians on one machine: bun run bench</text>
</svg>
`;
}

/** The targets in the chart: chatporch's binary and the peer. The source differs only in its start time. */
function shownTargets({ cases }: Recording): string[] {
  const known = new Set(FIGURES.map((figure) => figure.case));
  const names = cases
    .filter(({ name }) => known.has(name))
    .flatMap(({ targets }) => targets.map(({ name }) => name))
    .filter((name) => name !== "floor" && !name.endsWith("(source)"));
  return [...new Set(names)];
}

function rowOf(recording: Recording, figure: Figure, shown: readonly string[]): Row | undefined {
  const recorded = recording.cases.find(({ name }) => name === figure.case);
  const floor = recorded && medianOf(recorded, "floor", figure.key);
  if (!recorded || !floor) return undefined;
  const ratios = shown.map((name) => {
    const value = medianOf(recorded, name, figure.key);
    return value === undefined ? undefined : value / floor;
  });
  return { ...figure, ratios };
}

function legend(shown: readonly string[]): string {
  return shown
    .map((name, index) => {
      const x = index * 110;
      return `<rect class="bar-${index}" x="${x}" y="34" width="12" height="12" rx="2"/>
<text x="${x + 18}" y="45">${escapeXml(name)}</text>`;
    })
    .join("\n");
}

function drawRow({ label, hint, ratios }: Row, y: number, scale: number): string {
  const bars = ratios.map((ratio, index) => {
    if (ratio === undefined) return "";
    const top = y + 4 + index * (BAR_HEIGHT + 3);
    const width = Math.min(ratio * scale, BARS_WIDTH);
    const pieces = ratio > MAX_RATIO ? brokenBar(width) : [{ from: 0, to: width }];
    const drawn = pieces.map(
      ({ from, to }) =>
        `<rect class="bar-${index}" x="${round(BARS_LEFT + from)}" y="${top}" width="${round(to - from)}" height="${BAR_HEIGHT}" rx="2"/>`,
    );
    // The value must not stand on the line of the floor.
    const end = Math.max(width, scale);
    return `${drawn.join("")}<text x="${round(BARS_LEFT + end + 8)}" y="${top + 12}">${times(ratio)}</text>`;
  });
  return `<text class="label" x="0" y="${y + 15}">${label}</text>
<text class="muted" x="0" y="${y + 32}">${hint}</text>
${bars.join("\n")}`;
}

/** A bar with gaps near its end, which shows that it goes on beyond the picture. */
function brokenBar(width: number) {
  return [
    { from: 0, to: width - 24 },
    { from: width - 20, to: width - 12 },
    { from: width - 8, to: width },
  ];
}

function describe(rows: readonly Row[], shown: readonly string[]): string {
  return rows
    .map(({ label, hint, ratios }) => {
      const compared = ratios.flatMap((ratio, index) =>
        ratio === undefined ? [] : `${shown[index]} ${times(ratio)}`,
      );
      return `${label} (${hint}): ${compared.join(", ")} that of a bare Bun server.`;
    })
    .join(" ");
}

function times(ratio: number): string {
  return `${ratio.toFixed(ratio < 10 ? 2 : 0)}×`;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
