import { t } from "elysia";

import { EpochMs, RowId, WholeNumber } from "../chat/schema.ts";
import { MAX_REFRESH_HOURS } from "../config/knowledge.ts";
import {
  MAX_NOTE_LENGTH,
  MAX_PUSHED_LENGTH,
  MAX_QUESTION_LENGTH,
  MAX_TITLE_LENGTH,
} from "../knowledge/entry-limits.ts";
import { MAX_ADDRESS_LENGTH } from "../readers/web-address.ts";
import { DOCUMENT_STATUSES, SOURCE_KINDS } from "../store/knowledge-store.ts";

/** The requests and responses of the admin API about what the bot knows. */

const MAX_FILTER_LENGTH = 200;

function text(maxLength: number, examples: readonly string[] = []) {
  const description = `at most ${maxLength} characters`;
  return t.String({ maxLength, description, ...(examples.length > 0 ? { examples } : {}) });
}

const whetherTrue = t.Boolean({ description: "true or false" });
const title = text(MAX_TITLE_LENGTH, ["Shipping"]);

/** The sentences about what is wrong with a text come from the knowledge, so only the lengths are checked here. */
export const SourceBody = t.Object(
  {
    kind: t.Union([t.Literal("site"), t.Literal("page")], {
      title: "ReadSourceKind",
      description: "site for every page under the address, or page for this one",
    }),
    address: text(MAX_ADDRESS_LENGTH, ["https://www.example.com/docs/"]),
    everyHours: t.Optional(
      t.Union([t.Number({ minimum: 1, maximum: MAX_REFRESH_HOURS, multipleOf: 1 }), t.Null()], {
        description: `a whole number of hours from 1 to ${MAX_REFRESH_HOURS}, or null for never again`,
      }),
    ),
    only: t.Optional(text(MAX_ADDRESS_LENGTH, ["https://www.example.com/docs/en/"])),
    ignoresRobots: t.Optional(whetherTrue),
  },
  {
    title: "NewKnowledgeSource",
    additionalProperties: false,
    description: "kind and address, and everyHours, only and ignoresRobots at most",
  },
);

export const DocumentBody = t.Object(
  {
    url: text(MAX_ADDRESS_LENGTH, ["https://www.example.com/shipping"]),
    title: t.Optional(title),
    text: text(MAX_PUSHED_LENGTH),
    format: t.Optional(
      t.Union([t.Literal("text"), t.Literal("markdown"), t.Literal("html")], {
        title: "PushedFormat",
        description: "text, markdown or html; text if it is missing",
      }),
    ),
  },
  {
    title: "PushedDocument",
    additionalProperties: false,
    description: "url and text, and title and format at most",
  },
);

export const NoteBody = t.Object(
  { title, text: text(MAX_NOTE_LENGTH) },
  {
    title: "KnowledgeNote",
    additionalProperties: false,
    description: "exactly the properties title and text",
  },
);

export const SwitchBody = t.Object(
  { isOff: whetherTrue },
  {
    title: "KnowledgeSwitch",
    additionalProperties: false,
    description: "exactly the property isOff",
  },
);

/** Checked as text, because a path and a query have no numbers. */
const ID = "^[1-9][0-9]{0,14}$";

export const KnowledgeId = t.String({
  pattern: ID,
  description: "the id of a source or a document",
});

export const KnowledgeParams = t.Object({ id: KnowledgeId });

export const DocumentsQuery = t.Object(
  {
    source: t.Optional(t.String({ pattern: ID, description: "the id of a source" })),
    status: t.Optional(
      t.Union(
        DOCUMENT_STATUSES.map((each) => t.Literal(each)),
        { description: `one of ${DOCUMENT_STATUSES.join(", ")}` },
      ),
    ),
    q: t.Optional(
      t.String({
        maxLength: MAX_FILTER_LENGTH,
        description: `a part of the title or address, at most ${MAX_FILTER_LENGTH} characters`,
      }),
    ),
    limit: t.Optional(
      t.String({
        pattern: "^(?:[1-9][0-9]?|1[0-9]{2}|200)$",
        description: "a whole number from 1 to 200",
        examples: ["100"],
      }),
    ),
    after: t.Optional(
      t.String({ pattern: ID, description: "the id of the last document of the page before" }),
    ),
  },
  { additionalProperties: false, description: "only source, status, q, limit and after" },
);

const Question = t.String({
  minLength: 1,
  maxLength: MAX_QUESTION_LENGTH,
  description: `1 to ${MAX_QUESTION_LENGTH} characters`,
  examples: ["Do you ship to Norway?"],
});

export const SearchQuery = t.Object(
  { q: Question, before: t.Optional(Question) },
  { additionalProperties: false, description: "q, and before at most: the question before it" },
);

const TextOrNull = t.Union([t.String(), t.Null()]);
const TimeOrNull = t.Union([EpochMs, t.Null()]);
const SourceKindSchema = t.Union(
  SOURCE_KINDS.map((each) => t.Literal(each)),
  { title: "KnowledgeSourceKind" },
);
const DocumentStatusSchema = t.Union(
  DOCUMENT_STATUSES.map((each) => t.Literal(each)),
  {
    title: "KnowledgeDocumentStatus",
    description:
      "ok: it is searched; failed, empty, skipped: see the reason; off: the owner does not want it",
  },
);

const sourceProperties = {
  id: RowId,
  kind: SourceKindSchema,
  uri: t.String({ description: "an address, the name of a file, `notes:` or `api:`" }),
  everyHours: t.Union([WholeNumber, t.Literal("default"), t.Null()], {
    description:
      "hours between two readings; default: as the settings say; null: only when asked for",
  }),
  only: TextOrNull,
  ignoresRobots: t.Boolean(),
  createdAt: EpochMs,
  nextAt: TimeOrNull,
  startedAt: TimeOrNull,
  endedAt: TimeOrNull,
  error: t.Union([t.String(), t.Null()], { description: "why the last reading failed, in words" }),
};

export const SourceSchema = t.Object(sourceProperties, { title: "KnowledgeSource" });

export const SourceListSchema = t.Object(
  {
    sources: t.Array(
      t.Object(
        {
          ...sourceProperties,
          documents: t.Object(
            Object.fromEntries(DOCUMENT_STATUSES.map((status) => [status, WholeNumber])),
            {
              title: "DocumentCounts",
              description: "how many documents there are of each status",
            },
          ),
          sections: WholeNumber,
          words: WholeNumber,
          changedAt: TimeOrNull,
        },
        { title: "KnowledgeSourceSummary" },
      ),
    ),
    sections: t.Unsafe<number>({ type: "integer", description: "of all sources" }),
    maxSections: WholeNumber,
  },
  { title: "KnowledgeSourceList" },
);

export const DocumentSchema = t.Object(
  {
    id: RowId,
    sourceId: RowId,
    uri: t.String(),
    title: t.String(),
    lang: TextOrNull,
    status: DocumentStatusSchema,
    reason: t.Union([t.String(), t.Null()], {
      description: "why there is no text, or no newer one, in words",
    }),
    sections: WholeNumber,
    words: WholeNumber,
    checkedAt: EpochMs,
    changedAt: EpochMs,
  },
  { title: "KnowledgeDocument" },
);

export const DocumentPageSchema = t.Object(
  { documents: t.Array(DocumentSchema), total: WholeNumber },
  { title: "KnowledgeDocumentPage" },
);

const SpanSchema = t.Object(
  { start: WholeNumber, end: WholeNumber },
  { title: "TextSpan", description: "from start up to end, in UTF-16 units" },
);
const Spans = t.Array(SpanSchema);

export const SearchSchema = t.Object(
  {
    sections: t.Array(
      t.Object(
        {
          documentId: RowId,
          uri: t.String(),
          title: t.String(),
          heading: t.String(),
          text: t.String(),
          score: t.Number(),
          isGiven: t.Boolean({ description: "whether the model would be given it" }),
          matches: t.Object(
            { title: Spans, heading: Spans, text: Spans },
            { title: "FoundWords", description: "where words of the question stand" },
          ),
        },
        { title: "FoundSection" },
      ),
      { description: "the best first" },
    ),
  },
  { title: "KnowledgeSearch" },
);
