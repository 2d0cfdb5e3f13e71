import { parseArgs } from "node:util";

import { collectionFiles, OWN_COLLECTIONS, readCollection } from "./collection.ts";
import { chatporch, type Engine, miniSearch } from "./engines.ts";
import { belowFloor, MEAN_FLOOR } from "./floors.ts";
import { knowledgeChart } from "./knowledge-chart.ts";
import { MAX_CPU_MS, runManySections } from "./many-sections.ts";
import { type CollectionResult, type NamedResult, runCollection } from "./run-collection.ts";

const HELP = `Measures how well questions find the documents that answer them. Nothing is fetched.

Usage: bun run bench knowledge [options]

Options:
  --collections DIR  measure the collections of this folder (bench/knowledge/collections has the format)
  --chart FILE       draw the result as an SVG

The exit code is 1 when a collection that has a floor is below it.
`;

const ENGINES: readonly Engine[] = [chatporch, miniSearch];
/** English ones of everyday length. */
const OF_MANY_SECTIONS = ["mtrag", "anthropic-docs"];

/** @returns the exit code */
export async function runKnowledgeBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", short: "h", default: false },
      collections: { type: "string", default: OWN_COLLECTIONS },
      chart: { type: "string" },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const isOwn = values.collections === OWN_COLLECTIONS;
  const collections = await Promise.all(collectionFiles(values.collections).map(readCollection));
  console.log(heading());
  const measured: NamedResult[] = [];
  const problems: string[] = [];
  for (const collection of collections) {
    const results: CollectionResult[] = [];
    for (const engine of ENGINES) results.push(await runCollection(engine, collection));
    measured.push({ name: collection.name, results });
    console.log(line(collection.name, results));
    if (results[0]) problems.push(...belowFloor(collection.name, results[0]));
  }
  const mean = { name: "mean", results: ENGINES.map((_, n) => meanOf(measured, n)) };
  console.log(line(mean.name, mean.results));
  if (isOwn) {
    const reached = mean.results[0]?.ndcg10 ?? 0;
    if (reached < MEAN_FLOOR)
      problems.push(`the mean is ${reached.toFixed(3)}, and the floor ${MEAN_FLOOR}`);
    if (reached <= (mean.results[1]?.ndcg10 ?? 1)) problems.push("MiniSearch is better");
    const many = collections.filter(({ name }) => OF_MANY_SECTIONS.includes(name));
    const { medianMs, p95Ms } = await runManySections(chatporch, many);
    console.log(
      `\nwith 8500 sections a question takes ${medianMs.toFixed(1)} ms of processor time (p95 ${p95Ms.toFixed(1)})`,
    );
    if (medianMs > MAX_CPU_MS) problems.push(`a question takes more than ${MAX_CPU_MS} ms`);
  }
  if (values.chart) await Bun.write(values.chart, knowledgeChart([...measured, mean], ENGINES));
  for (const problem of problems) console.error(`✗ ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

function meanOf(measured: readonly NamedResult[], engine: number): CollectionResult {
  const mean = (key: keyof CollectionResult) =>
    measured.reduce((sum, { results }) => sum + (results[engine]?.[key] ?? 0), 0) / measured.length;
  return {
    ndcg10: mean("ndcg10"),
    recall5: mean("recall5"),
    mrr10: mean("mrr10"),
    cpuMs: mean("cpuMs"),
  };
}

const COLUMNS = ["nDCG@10", "recall@5", "MRR@10", "ms"];

function heading(): string {
  const names = ENGINES.map(({ name }) => name.padEnd(COLUMNS.length * 10));
  const columns = ENGINES.flatMap(() => COLUMNS.map((column) => column.padStart(10)));
  return `${"".padEnd(24)}${names.join("")}\n${"".padEnd(16)}${columns.join("")}`;
}

function line(name: string, results: readonly CollectionResult[]): string {
  const figures = results.flatMap(({ ndcg10, recall5, mrr10, cpuMs }) => [
    ndcg10.toFixed(3),
    recall5.toFixed(3),
    mrr10.toFixed(3),
    cpuMs.toFixed(2),
  ]);
  return `${name.padEnd(16)}${figures.map((figure) => figure.padStart(10)).join("")}`;
}
