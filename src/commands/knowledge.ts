import { formatCount, formatNumber } from "../dashboard/formats.ts";
import { isBeingRead } from "../knowledge/curate-sources.ts";
import { documentsOf } from "../knowledge/missing-pages.ts";
import {
  DOCUMENT_STATUSES,
  type KnowledgeDocument,
  type SourceSummary,
} from "../store/knowledge-store.ts";
import { withKnowledge } from "./knowledge-database.ts";
import { createOutput, harmless } from "./terminal.ts";
import { UsageProblem } from "./usage-problem.ts";

/**
 * Lists what the bot knows: the sources, or the documents of one.
 * @throws UsageProblem
 */
export async function knowledge(words: readonly string[]): Promise<number> {
  const [uri, ...others] = words;
  if (others.length > 0 || uri?.startsWith("-") === true) {
    throw new UsageProblem("takes at most the name of one source. See --help.");
  }
  const output = createOutput();
  await withKnowledge(async (store) => {
    const sources = await store.listSources();
    if (uri === undefined) {
      for (const source of sources) output.write(harmless(factsOf(source)));
      if (sources.length === 0) output.write(NOTHING);
      return;
    }
    const source = sources.find((each) => each.uri === uri);
    if (source === undefined) throw new Error(`There is no source ${uri}. ${WHERE}`);
    output.write(harmless(factsOf(source)));
    for await (const document of documentsOf(store, source.id)) {
      output.write(harmless(lineOf(document)));
    }
  });
  await output.flush();
  return 0;
}

const NOTHING = "Nothing is known. chatporch learn reads a website or files.\n";
const WHERE = "See chatporch knowledge.";

function lineOf({ uri, title, status, reason, words }: KnowledgeDocument): string {
  const name = title === "" || title === uri ? uri : `${uri}  ${title}`;
  const size = status === "ok" ? formatCount(words, "word") : status;
  return `  ${name}  ${size}${reason === undefined ? "" : `: ${reason}`}\n`;
}

function factsOf(source: SourceSummary): string {
  const { uri, documents, sections, words, everyHours, error, endedAt, nextAt } = source;
  const others = DOCUMENT_STATUSES.filter((status) => status !== "ok" && documents[status] > 0);
  const facts = [
    formatCount(documents.ok, "document"),
    ...others.map((status) => `${formatNumber(documents[status])} ${status}`),
    formatCount(sections, "section"),
    formatCount(words, "word"),
    ...(isBeingRead(source) ? ["being read"] : []),
    ...(endedAt === undefined ? [] : [`read ${timeOf(endedAt)}`]),
    ...(typeof everyHours === "number" ? [`every ${everyHours} h`] : []),
    ...(nextAt === undefined ? [] : [`next ${timeOf(nextAt)}`]),
  ];
  return `${uri}\n  ${facts.join(", ")}\n${error === undefined ? "" : `  ${error}\n`}`;
}

/** In UTC, to the minute: `2026-11-26 07:10Z`. */
function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")}Z`;
}
