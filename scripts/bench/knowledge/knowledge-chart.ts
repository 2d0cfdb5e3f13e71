import { escapeXml, STYLE } from "../chart.ts";
import type { Engine } from "./engines.ts";
import type { NamedResult } from "./run-collection.ts";

const WIDTH = 720;
const BARS_LEFT = 168;
const BARS_WIDTH = WIDTH - BARS_LEFT - 56;
const TOP = 72;
const BAR_HEIGHT = 11;

/** nDCG@10 of each engine on each collection as an SVG, for light and dark pages, without scripts. */
export function knowledgeChart(
  measured: readonly NamedResult[],
  engines: readonly Engine[],
): string {
  const rowHeight = engines.length * (BAR_HEIGHT + 2) + 10;
  const height = TOP + measured.length * rowHeight + 24;
  const said = measured.map(({ name, results }) => {
    const figures = results.map(({ ndcg10 }, n) => `${engines[n]?.name} ${ndcg10.toFixed(2)}`);
    return `${name}: ${figures.join(", ")}.`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc">
<title id="title">How well questions find the documents that answer them</title>
<desc id="desc">${escapeXml(said.join(" "))}</desc>
<style>${STYLE}</style>
<text class="title" x="0" y="18">How well questions find the documents that answer them (nDCG@10)</text>
${engines.map(({ name }, n) => legend(name, n)).join("\n")}
${measured.map((row, n) => drawRow(row, TOP + n * rowHeight)).join("\n")}
<text class="muted" x="0" y="${height - 4}">Bun ${escapeXml(Bun.version)}, 1 is perfect: bun run bench knowledge</text>
</svg>
`;
}

function legend(name: string, index: number): string {
  const x = index * 110;
  return `<rect class="bar-${index}" x="${x}" y="34" width="12" height="12" rx="2"/>
<text x="${x + 18}" y="45">${escapeXml(name)}</text>`;
}

function drawRow({ name, results }: NamedResult, y: number): string {
  const bars = results.map(({ ndcg10 }, index) => {
    const top = y + index * (BAR_HEIGHT + 2);
    const width = Math.round(ndcg10 * BARS_WIDTH);
    return `<rect class="bar-${index}" x="${BARS_LEFT}" y="${top}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>
<text class="muted" x="${BARS_LEFT + width + 8}" y="${top + 10}">${ndcg10.toFixed(2)}</text>`;
  });
  return `<text class="label" x="0" y="${y + 16}">${escapeXml(name)}</text>
${bars.join("\n")}`;
}
