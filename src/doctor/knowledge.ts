import type { KnowledgeSettings } from "../config/knowledge.ts";
import { formatCount } from "../dashboard/formats.ts";
import { isReadFromWeb } from "../knowledge/curate-sources.ts";
import type { SourceSummary } from "../store/knowledge-store.ts";
import { printable } from "./printable.ts";
import type { Finding } from "./report.ts";

const SUBJECT = "knowledge";
/** So that a hundred broken websites do not fill the screen. */
const MAX_SHOWN = 5;
const SEE_THE_PAGE = "The dashboard says why, page by page: Knowledge, Sources.";

/** Judges what the bot knows, and how the last readings went. Nothing is found where the owner has named no source. */
export function judgeKnowledge(
  sources: readonly SourceSummary[],
  { knowledge }: { readonly knowledge: Pick<KnowledgeSettings, "mode"> },
): Finding[] {
  if (sources.length === 0) return [];
  const sum = (count: (source: SourceSummary) => number) =>
    sources.reduce((total, source) => total + count(source), 0);
  const documents = sum((source) => source.documents.ok);
  const failed = sum((source) => source.documents.failed);
  const sections = sum((source) => source.sections);
  const broken = sources.filter(({ error }) => error !== undefined);
  const known = `${formatCount(documents, "document")} in ${formatCount(sections, "section")}${oldest(sources)}`;
  return [
    { mark: documents === 0 ? "warning" : "ok", subject: SUBJECT, says: known },
    ...(knowledge.mode === "off" ? [OFF] : []),
    ...broken.slice(0, MAX_SHOWN).map(brokenSource),
    ...(failed > 0 ? [failedPages(failed)] : []),
  ];
}

function oldest(sources: readonly SourceSummary[]): string {
  const ends = sources.flatMap((source) =>
    isReadFromWeb(source) && source.endedAt !== undefined ? [source.endedAt] : [],
  );
  if (ends.length === 0) return "";
  return `; the oldest reading is of ${new Date(Math.min(...ends)).toISOString().slice(0, 16)}Z`;
}

function brokenSource({ uri, error = "" }: SourceSummary): Finding {
  return {
    mark: "warning",
    subject: SUBJECT,
    says: `${printable(uri)}: ${printable(error)}`,
    mend: SEE_THE_PAGE,
  };
}

function failedPages(failed: number): Finding {
  return {
    mark: "warning",
    subject: SUBJECT,
    says: `${formatCount(failed, "page")} could not be read, and ${failed === 1 ? "has" : "have"} no text`,
    mend: SEE_THE_PAGE,
  };
}

const OFF: Finding = {
  mark: "warning",
  subject: SUBJECT,
  says: "nothing of it is given to the model: KNOWLEDGE_MODE is off",
  mend: "Set it to prefer or strict, here or in the dashboard.",
};
