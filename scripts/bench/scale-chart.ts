import { escapeXml, STYLE } from "./chart.ts";
import { medianOf, type Recording } from "./report.ts";

/** One figure of several cases as a group of bars, with what it means. */
interface Group {
  readonly title: string;
  readonly hint: string;
  /** The keys whose values are drawn behind each other in one bar. */
  readonly keys: readonly string[];
  readonly digits: number;
  readonly isOf: (caseName: string) => boolean;
}

const PARTS = ["replicas", "PostgreSQL", "Redis"];

const GROUPS: readonly Group[] = [
  {
    title: "Answers a second",
    hint: "64 tokens without delay, 64 visitors at once; more is better",
    keys: ["answersPerSecond"],
    digits: 0,
    isOf: (name) => name === "scale, as fast as it goes",
  },
  {
    title: "Processor time of an answer, in ms",
    hint: "the same; replicas, PostgreSQL and Redis; less is better",
    keys: ["cpu", "databaseCpu", "busCpu"],
    digits: 2,
    isOf: (name) => name === "scale, as fast as it goes",
  },
  {
    title: "Streams that a core of the replicas holds",
    hint: "a token each 100 ms; followed: read at another replica; more is better",
    keys: ["streamsPerCore"],
    digits: 0,
    isOf: (name) => name.includes("streams held"),
  },
];

const WIDTH = 720;
const BARS_LEFT = 268;
const BARS_WIDTH = WIDTH - BARS_LEFT - 64;
const TITLE_HEIGHT = 54;
const ROW_HEIGHT = 22;
const BAR_HEIGHT = 14;
const TOP = 44;

interface Row {
  readonly label: string;
  readonly values: readonly number[];
}

/** The figures of the scenario `scale` as an SVG, for light and dark pages, without scripts. */
export function scaleChart(recording: Recording): string {
  const drawn: string[] = [];
  const said: string[] = [];
  let y = TOP;
  for (const group of GROUPS) {
    const rows = rowsOf(recording, group);
    if (rows.length === 0) continue;
    const most = Math.max(...rows.map(({ values }) => sum(values)));
    drawn.push(
      `<text class="label" x="0" y="${y + 14}">${group.title}</text>`,
      `<text class="muted" x="0" y="${y + 32}">${group.hint}</text>`,
      ...rows.map((row, index) =>
        drawRow(row, y + TITLE_HEIGHT - 10 + index * ROW_HEIGHT, BARS_WIDTH / most, group.digits),
      ),
    );
    const figures = rows.map(({ label, values }) => `${label} ${textOf(values, group.digits)}`);
    said.push(`${group.title} (${group.hint}): ${figures.join(", ")}.`);
    y += TITLE_HEIGHT + rows.length * ROW_HEIGHT + 12;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + 24}" viewBox="0 0 ${WIDTH} ${y + 24}" role="img" aria-labelledby="title desc">
<title id="title">chatporch on one to three replicas</title>
<desc id="desc">${escapeXml(said.join(" "))}</desc>
<style>${STYLE}  .bar-2 { fill: #d98e2b; }
</style>
<text class="title" x="0" y="18">One to three replicas on one PostgreSQL and one Redis</text>
${drawn.join("\n")}
<text class="muted" x="0" y="${y + 14}">Bun ${escapeXml(recording.bun)}, ${escapeXml(recording.at.slice(0, 10))}, everything on one machine with two cores: bun run bench scale</text>
</svg>
`;
}

function rowsOf({ cases }: Recording, { isOf, keys }: Group): readonly Row[] {
  return cases
    .filter(({ name }) => isOf(name))
    .flatMap((recorded) => {
      const followed = /, (\S+(?: %)?) followed/.exec(recorded.name)?.[1];
      return recorded.targets.map(({ name }) => ({
        label: followed === undefined || followed === "0" ? name : `${name}, ${followed} followed`,
        values: keys.map((key) => medianOf(recorded, name, key) ?? 0),
      }));
    });
}

function drawRow({ label, values }: Row, y: number, scale: number, digits: number): string {
  let from = BARS_LEFT;
  const bars = values.map((value, index) => {
    const left = from;
    from += value * scale;
    return `<rect class="bar-${index}" x="${round(left)}" y="${y}" width="${round(value * scale)}" height="${BAR_HEIGHT}"><title>${PARTS[index]}</title></rect>`;
  });
  return `<text x="0" y="${y + 12}">${escapeXml(label)}</text>
${bars.join("")}<text x="${round(from + 8)}" y="${y + 12}">${textOf(values, digits)}</text>`;
}

function textOf(values: readonly number[], digits: number): string {
  return sum(values).toFixed(digits);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
