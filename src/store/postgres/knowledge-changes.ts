import { turnOfItsOwn } from "../../runtime/event-loop-turn.ts";
import type { Section } from "../../text/document.ts";
import { countWords } from "../../text/words.ts";
import { foldedName } from "../knowledge-rows.ts";
import {
  type KnowledgeStore,
  MAX_DOCUMENT_SECTIONS,
  MAX_SECTIONS,
  type PutOutcome,
} from "../knowledge-store.ts";
import type { Pool } from "./pool.ts";
import type { Vacuum } from "./vacuum.ts";

/** How many sections are counted before other work has its turn: about 2 ms. */
const COUNTED_AT_ONCE = 25;
/** How many documents of a removed source a step deletes. */
const STEP_DOCUMENTS = 100;

const PUT = `SELECT outcome, raised::float8 AS version FROM put_document($1::bigint, $2, $3, $4, $5, $6, $7, $8,
  $9::text[], $10::text[], $11::text[], $12::integer, $13::bigint, $14, $15::integer)`;

interface ChangeParts {
  readonly pool: Pool;
  readonly vacuum: Pick<Vacuum, "request">;
  /** Called with each version that a change has made. */
  readonly onChange: (version: number) => void;
}

interface KnowledgeChanges extends Pick<
  KnowledgeStore,
  "putDocument" | "removeDocument" | "switchDocument" | "removeSource"
> {
  /** Deletes some documents of a removed source. Returns false when there was none. */
  deleteStep(): Promise<boolean>;
}

/** What changes the sections that are searched, on PostgreSQL. The functions of knowledge-functions.ts do it. */
export function createKnowledgeChanges({ pool, vacuum, onChange }: ChangeParts): KnowledgeChanges {
  /** Runs a function that returns the new version, or null when there was nothing to change. */
  async function change(text: string, values: readonly (number | boolean)[]): Promise<boolean> {
    let isRepeated = false;
    const [row] = await pool.query<{ version: number | null }>(text, (isUnknown) => {
      // It may be gone because the first try has removed it.
      isRepeated = isUnknown;
      return values;
    });
    if (row?.version != null) onChange(row.version);
    return row?.version != null || isRepeated;
  }

  async function deleteStep(): Promise<boolean> {
    const [row] = await pool.query<{ was: boolean }>("SELECT delete_removed($1::integer) AS was", [
      STEP_DOCUMENTS,
    ]);
    return row?.was === true;
  }

  return {
    deleteStep,

    async putDocument({ sections, ...document }) {
      if (sections.length > MAX_DOCUMENT_SECTIONS) {
        throw new RangeError(`A document has ${MAX_DOCUMENT_SECTIONS} sections at most.`);
      }
      const { sourceId, uri, title, lang, etag, lastModified, hash, at, original } = document;
      const words = await countAll(sections);
      const headings = sections.map(({ heading }) => heading);
      const anchors = sections.map(({ anchor }) => anchor);
      const texts = sections.map(({ text }) => text);
      const values = [
        sourceId,
        uri,
        title,
        foldedName(uri, title),
        lang,
        etag,
        lastModified,
        hash,
        headings,
        anchors,
        texts,
        words,
        at,
        original,
        MAX_SECTIONS,
      ];
      let isRepeated = false;
      const [row] = await pool.query<{ outcome: PutOutcome; version: number | null }>(
        PUT,
        (isUnknown) => {
          isRepeated = isUnknown;
          return values;
        },
      );
      if (row === undefined) throw new Error("The document could not be stored.");
      if (row.version !== null) onChange(row.version);
      // The connection was lost after the commit of the first try.
      return row.outcome === "unchanged" && isRepeated ? "stored" : row.outcome;
    },

    async removeDocument(id) {
      const isRemoved = await change("SELECT remove_document($1::bigint)::float8 AS version", [id]);
      if (isRemoved) vacuum.request();
      return isRemoved;
    },

    switchDocument: (id, isOff) =>
      change("SELECT switch_document($1::bigint, $2)::float8 AS version", [id, isOff]),

    async removeSource(id) {
      const isRemoved = await change("SELECT remove_source($1::bigint)::float8 AS version", [id]);
      while (await deleteStep());
      if (isRemoved) vacuum.request();
      return isRemoved;
    },
  };
}

async function countAll(sections: readonly Section[]): Promise<number> {
  let words = 0;
  for (const [n, { text }] of sections.entries()) {
    if (n % COUNTED_AT_ONCE === 0) await turnOfItsOwn();
    words += countWords(text);
  }
  return words;
}
