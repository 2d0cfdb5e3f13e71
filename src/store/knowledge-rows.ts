import type {
  DocumentStatus,
  KnowledgeDocument,
  KnowledgeSource,
  NewDocument,
  SourceKind,
  SourceSummary,
} from "./knowledge-store.ts";

/** The rows of what the bot knows, which every store has, and the records of the seam that they become. */

export interface SourceRow {
  readonly id: number;
  readonly kind: SourceKind;
  readonly uri: string;
  readonly every_hours: number | null;
  readonly only_prefix: string | null;
  readonly ignores_robots: number;
  readonly created_at: number;
  readonly next_at: number | null;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly error: string | null;
}

/** What a source has of one status. */
export interface SourceCountRow {
  readonly source_id: number;
  readonly status: DocumentStatus;
  readonly documents: number;
  readonly sections: number;
  readonly words: number;
  readonly changed_at: number;
}

export interface DocumentRow {
  readonly id: number;
  readonly source_id: number;
  readonly uri: string;
  readonly title: string;
  readonly lang: string | null;
  readonly status: DocumentStatus;
  readonly reason: string | null;
  readonly etag: string | null;
  readonly last_modified: string | null;
  readonly hash: string | null;
  readonly sections: number;
  readonly words: number;
  readonly misses: number;
  readonly checked_at: number;
  readonly changed_at: number;
}

/** In the column of the hours: as the settings say. */
const AS_SETTINGS_SAY = 0;

/** What the column of the hours holds. */
export function hoursColumn(everyHours: KnowledgeSource["everyHours"]): number | null {
  return everyHours === "default" ? AS_SETTINGS_SAY : (everyHours ?? null);
}

function toHours(column: number | null): KnowledgeSource["everyHours"] {
  return column === AS_SETTINGS_SAY ? "default" : (column ?? undefined);
}

export function toSource(row: SourceRow): KnowledgeSource {
  return {
    id: row.id,
    kind: row.kind,
    uri: row.uri,
    everyHours: toHours(row.every_hours),
    only: row.only_prefix ?? undefined,
    ignoresRobots: row.ignores_robots !== 0,
    createdAt: row.created_at,
    nextAt: row.next_at ?? undefined,
    startedAt: row.started_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    error: row.error ?? undefined,
  };
}

/** @param counts of all sources */
export function toSummaries(
  rows: readonly SourceRow[],
  counts: readonly SourceCountRow[],
): SourceSummary[] {
  const bySource = Map.groupBy(counts, ({ source_id }) => source_id);
  return rows.map((row) => {
    const documents = { ok: 0, failed: 0, empty: 0, skipped: 0, off: 0 };
    let [sections, words] = [0, 0];
    let changedAt: number | undefined;
    for (const count of bySource.get(row.id) ?? []) {
      documents[count.status] = count.documents;
      sections += count.sections;
      words += count.words;
      changedAt = Math.max(changedAt ?? 0, count.changed_at);
    }
    return { ...toSource(row), documents, sections, words, changedAt };
  });
}

export function toDocument(row: DocumentRow): KnowledgeDocument {
  return {
    id: row.id,
    sourceId: row.source_id,
    uri: row.uri,
    title: row.title,
    lang: row.lang ?? undefined,
    status: row.status,
    reason: row.reason ?? undefined,
    etag: row.etag ?? undefined,
    lastModified: row.last_modified ?? undefined,
    hash: row.hash ?? undefined,
    sections: row.sections,
    words: row.words,
    misses: row.misses,
    checkedAt: row.checked_at,
    changedAt: row.changed_at,
  };
}

/** In what the owner searches for a document. Both stores compare it, so that they find the same. */
export function foldedName(uri: string, title: string): string {
  return `${uri}\n${title}`.toLowerCase();
}

/** Whether a document that was read again is stored as it is already. */
export function isSameText(stored: DocumentRow, read: NewDocument): boolean {
  return (
    stored.sections > 0 &&
    stored.hash === read.hash &&
    stored.title === read.title &&
    stored.lang === (read.lang ?? null)
  );
}
