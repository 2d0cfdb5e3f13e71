import type {
  KnowledgeDocument,
  KnowledgeSource,
  SourceSummary,
} from "../store/knowledge-store.ts";

/** Sources and documents as the admin API returns them: what is not known is null. */

export function shownSource(source: KnowledgeSource) {
  const { id, kind, uri, everyHours, only, ignoresRobots } = source;
  const { createdAt, nextAt, startedAt, endedAt, error } = source;
  return {
    id,
    kind,
    uri,
    everyHours: everyHours ?? null,
    only: only ?? null,
    ignoresRobots,
    createdAt,
    nextAt: nextAt ?? null,
    startedAt: startedAt ?? null,
    endedAt: endedAt ?? null,
    error: error ?? null,
  };
}

export function shownSummary(source: SourceSummary) {
  const { documents, sections, words, changedAt } = source;
  return { ...shownSource(source), documents, sections, words, changedAt: changedAt ?? null };
}

export function shownDocument(document: KnowledgeDocument) {
  const { id, sourceId, uri, title, lang, status, reason } = document;
  const { sections, words, checkedAt, changedAt } = document;
  return {
    id,
    sourceId,
    uri,
    title,
    lang: lang ?? null,
    status,
    reason: reason ?? null,
    sections,
    words,
    checkedAt,
    changedAt,
  };
}
