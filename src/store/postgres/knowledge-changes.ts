import { turnOfItsOwn } from "../../runtime/event-loop-turn.ts";
import type { Section } from "../../text/document.ts";
import { countWords } from "../../text/words.ts";
import { foldedName } from "../knowledge-rows.ts";
import {
  MAX_DOCUMENT_SECTIONS,
  MAX_SECTIONS,
  type PutOutcome,
  type SectionChanges,
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

type Values = readonly (string | number | boolean | undefined | readonly string[])[];

interface PutRow {
  readonly outcome: PutOutcome;
  readonly version: number | null;
}

interface KnowledgeChanges extends SectionChanges {
  /** Deletes some documents of a removed source. Returns false when there was none. */
  deleteStep(): Promise<boolean>;
}

/** What changes the sections that are searched, on PostgreSQL. The functions of knowledge-functions.ts do it. */
export function createKnowledgeChanges({ pool, vacuum, onChange }: ChangeParts): KnowledgeChanges {
  /**
   * Runs a function that returns the new version, or null when there was nothing to change. When the connection was
   * lost after the commit of a first try, there is nothing left to change.
   */
  async function change<Row extends { readonly version: number | null }>(
    text: string,
    values: Values,
  ): Promise<{ readonly row: Row; readonly isRepeated: boolean }> {
    let isRepeated = false;
    const [row] = await pool.query<Row>(text, (isUnknown) => {
      isRepeated = isUnknown;
      return values;
    });
    if (row === undefined) throw new Error("The change returned nothing.");
    if (row.version !== null) onChange(row.version);
    else if (isRepeated) onChange(await newestVersion());
    return { row, isRepeated };
  }

  async function newestVersion(): Promise<number> {
    const [newest] = await pool.query<{ version: number }>(
      "SELECT coalesce(max(version), 0)::float8 AS version FROM knowledge_state",
    );
    return newest?.version ?? 0;
  }

  /** Whether there was something to change. */
  async function changeOne(text: string, values: Values): Promise<boolean> {
    const { row, isRepeated } = await change(text, values);
    return row.version !== null || isRepeated;
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
      const { row, isRepeated } = await change<PutRow>(PUT, values);
      return row.outcome === "unchanged" && isRepeated ? "stored" : row.outcome;
    },

    async removeDocument(id) {
      const isRemoved = await changeOne("SELECT remove_document($1::bigint)::float8 AS version", [
        id,
      ]);
      if (isRemoved) vacuum.request();
      return isRemoved;
    },

    switchDocument: (id, isOff) =>
      changeOne("SELECT switch_document($1::bigint, $2)::float8 AS version", [id, isOff]),

    async removeSource(id) {
      const isRemoved = await changeOne("SELECT remove_source($1::bigint)::float8 AS version", [
        id,
      ]);
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
