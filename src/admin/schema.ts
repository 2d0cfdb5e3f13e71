import { t } from "elysia";

import {
  EpochMs,
  FinishReason,
  Grounding,
  MessageAuthor,
  MessageRole,
  MessageStatus,
  NO_DEFAULT,
  RatingReason,
  RatingValue,
  RowId,
  sourceProperties,
  TurnErrorCode,
  Usage,
  WholeNumber,
} from "../chat/schema.ts";
import { LIST_MARKS } from "../store/list-marks.ts";
import { CONTACT_KINDS } from "../store/request-store.ts";
import { MAX_QUESTION_LENGTH, POOR_REASONS } from "../store/unanswered-store.ts";
import { MAX_SEARCH_LENGTH } from "./filter.ts";

/** The requests and responses of the admin API. */

/** Checked as text, because a query has no numbers and coercion would accept `1e2`. */
const Limit = t.String({
  pattern: "^(?:[1-9][0-9]?|1[0-9]{2}|200)$",
  description: "a whole number from 1 to 200",
  examples: ["100"],
});

const Time = t.String({
  maxLength: 40,
  description: "a date (2026-11-23), a date and time (ISO 8601), or milliseconds since the epoch",
  examples: ["2026-11-23"],
});

const filterProperties = {
  q: t.Optional(
    t.String({
      maxLength: MAX_SEARCH_LENGTH,
      description: `words to search for, at most ${MAX_SEARCH_LENGTH} characters`,
    }),
  ),
  from: t.Optional(Time),
  to: t.Optional(Time),
  mark: t.Optional(
    t.String({
      maxLength: 20,
      description: `only conversations with this mark: ${LIST_MARKS.join(", ")}`,
      examples: ["unanswered"],
    }),
  ),
};

export const ListQuery = t.Object(
  {
    limit: t.Optional(Limit),
    cursor: t.Optional(
      t.String({ maxLength: 128, description: "nextCursor or previousCursor of another page" }),
    ),
    ...filterProperties,
  },
  { additionalProperties: false, description: "only limit, cursor, q, from, to and mark" },
);

export const ExportFormat = t.Union([t.Literal("ndjson"), t.Literal("csv")], {
  description: "ndjson or csv",
});
export type ExportFormat = typeof ExportFormat.static;

export const ExportQuery = t.Object(
  { format: t.Optional(ExportFormat), ...filterProperties },
  { additionalProperties: false, description: "only format, q, from, to and mark" },
);

export const ThreadFormat = t.Union(
  [t.Literal("ndjson"), t.Literal("csv"), t.Literal("markdown")],
  { description: "ndjson, csv or markdown" },
);
export type ThreadFormat = typeof ThreadFormat.static;

export const ThreadExportQuery = t.Object(
  { format: t.Optional(ThreadFormat) },
  { additionalProperties: false, description: "only format" },
);

export const ConversationParams = t.Object({
  id: t.String({ description: "the id of a conversation" }),
});

const conversationProperties = {
  id: t.String(),
  sessionId: t.String(),
  createdAt: EpochMs,
  updatedAt: EpochMs,
  lastMessage: t.String({ description: "the beginning of the newest message" }),
  messageCount: t.Unsafe<number>({
    type: "integer",
    description:
      "questions, answers, and what the owner wrote; without the empty answers to questions that were left to a person",
  }),
};

const ConversationSchema = t.Object(conversationProperties, { title: "Conversation" });

const FoundMessageSchema = t.Object(
  {
    messageId: RowId,
    role: MessageRole,
    text: t.String({ description: "a part of it that has the words, without Markdown" }),
    marks: t.Array(t.Array(WholeNumber, { minItems: 2, maxItems: 2 }), {
      description: "where the words are in text: the first UTF-16 unit, and the one after the last",
    }),
  },
  { title: "FoundMessage", description: "the newest message with the words; missing without q" },
);

const ListedConversationSchema = t.Object(
  {
    ...conversationProperties,
    firstQuestion: t.String({ description: "the beginning of the first question" }),
    lastAnswer: t.String({
      description: "the beginning of the newest answer, without Markdown; empty if there is none",
    }),
    lastStatus: t.Optional(MessageStatus),
    isUnanswered: t.Boolean({ description: "whether the sources did not hold an answer" }),
    isRatedDown: t.Boolean({ description: "whether the visitor has rated an answer down" }),
    isWanted: t.Boolean({ description: "whether a request for a person is open" }),
    found: t.Optional(FoundMessageSchema),
  },
  { title: "ListedConversation" },
);

const AnswerSourceSchema = t.Object(
  {
    ...sourceProperties,
    heading: t.String({ description: "the headings above the passage; empty if there are none" }),
    isCited: t.Boolean({ description: "whether the answer names it" }),
  },
  {
    title: "AnswerSource",
    description: "a passage that the model was given for an answer, as it was then",
  },
);

const RatingSchema = t.Object(
  {
    value: RatingValue,
    reasons: t.Array(RatingReason),
    comment: t.Optional(t.String({ description: "in the visitor's words" })),
    at: EpochMs,
  },
  { title: "Rating", description: "what the visitor thinks of the answer" },
);

const messageProperties = {
  id: RowId,
  turnId: t.String(),
  role: MessageRole,
  content: t.String(),
  status: MessageStatus,
  createdAt: EpochMs,
  author: t.Optional(MessageAuthor),
  model: t.Optional(t.String()),
  usage: t.Optional(Usage),
  finishReason: t.Optional(FinishReason),
  errorCode: t.Optional(TurnErrorCode),
  firstTokenMs: t.Optional(WholeNumber),
  durationMs: t.Optional(WholeNumber),
  grounding: t.Optional(Grounding),
  sources: t.Optional(t.Array(AnswerSourceSchema)),
  cost: t.Optional(
    t.Unsafe<number>({
      type: "integer",
      description: "in millionths of CURRENCY; missing where it cost nothing, or nobody knows",
    }),
  ),
  rating: t.Optional(RatingSchema),
};

const SearchedSchema = t.Object(
  {
    messages: t.Unsafe<number>({
      type: "integer",
      description:
        "how many of the newest messages were searched; with PostgreSQL an estimate above 100,000",
    }),
    complete: t.Boolean({
      description:
        "whether all messages were searched; a search stops after a second or 5,000 messages that fit",
    }),
    matches: t.Unsafe<number>({
      type: "integer",
      description:
        "how many of them have the words, at most 5,000; with dates or a mark, only in such conversations",
    }),
    wordsLeftOut: t.Unsafe<number>({
      type: "integer",
      description:
        "how many words were ignored or shortened: a search uses 10 words, of a word in a script without " +
        "spaces 16 characters, and 32 such words and characters in all; 1 if q has no letter and no digit",
    }),
  },
  { title: "Searched", description: "how far a search went; missing without q" },
);

export const ConversationPageSchema = t.Object(
  {
    conversations: t.Array(ListedConversationSchema),
    total: t.Unsafe<number>({
      type: "integer",
      description:
        "how many conversations fit the filter; if the search is not complete, among the searched messages",
    }),
    nextCursor: t.Union([t.String(), t.Null()], { description: "null on the last page" }),
    previousCursor: t.Union([t.String(), t.Null()], { description: "null on the first page" }),
    searched: t.Optional(SearchedSchema),
  },
  { title: "ConversationPage" },
);

const TakeoverSchema = t.Object(
  { name: t.String(), begunAt: EpochMs, lastWordAt: EpochMs },
  { title: "TakeoverState", description: "set while the owner answers in place of the model" },
);

const PersonRequestSchema = t.Object(
  {
    id: t.String(),
    conversationId: t.String(),
    turnId: t.String({ description: "the turn after which it came" }),
    contact: t.Object(
      {
        kind: t.UnionEnum(CONTACT_KINDS, { ...NO_DEFAULT, title: "StoredContactKind" }),
        value: t.String(),
      },
      { title: "StoredContact" },
    ),
    note: t.Optional(t.String({ description: "in the visitor's words" })),
    consent: t.String({ description: "the sentence that the visitor was shown" }),
    at: EpochMs,
    closedAt: t.Optional(EpochMs),
  },
  { title: "StoredPersonRequest", description: "a visitor wants a person" },
);

export const RequestListSchema = t.Object(
  {
    requests: t.Array(PersonRequestSchema),
    total: WholeNumber,
    nextCursor: t.Union([t.String(), t.Null()], { description: "null on the last page" }),
  },
  { title: "PersonRequestList" },
);

export const RequestListQuery = t.Object(
  {
    status: t.Optional(
      t.Union([t.Literal("open"), t.Literal("closed")], { description: "open or closed" }),
    ),
    limit: t.Optional(
      t.String({ pattern: "^(?:[1-9]|[1-9][0-9]|1[0-9][0-9]|200)$", description: "1 to 200" }),
    ),
    cursor: t.Optional(t.String({ maxLength: 100, description: "a cursor of this list" })),
  },
  { additionalProperties: false, description: "only status, limit and cursor" },
);

export const RequestParams = t.Object({
  id: t.String({ description: "the id of a request for a person" }),
});

const StoredMessage = t.Object(messageProperties, { title: "StoredMessage" });

export const ThreadSchema = t.Object(
  {
    conversation: ConversationSchema,
    messages: t.Array(StoredMessage),
    takeover: t.Optional(TakeoverSchema),
    requests: t.Array(PersonRequestSchema, { description: "the newest first" }),
  },
  { title: "Thread" },
);

export const ExportedMessageSchema = t.Object(
  {
    conversationId: t.String(),
    sessionId: t.String(),
    ...messageProperties,
  },
  { title: "ExportedMessage" },
);

/** A whole CSV file. A schema cannot describe its lines. */
export const ExportedTable = t.String({
  title: "ExportedTable",
  description:
    "UTF-8 in the form of RFC 4180, with the names of the columns in the first row; times are ISO 8601",
});

export const ExportedText = t.String({
  title: "ExportedText",
  description:
    "Markdown with a heading for each message; answers are quotes of what the model wrote",
});

export const UnansweredQuery = t.Object(
  { limit: t.Optional(Limit) },
  { additionalProperties: false, description: "only limit" },
);

export const UnansweredParams = t.Object({
  key: t.String({ description: "the key of a question in the list" }),
});

const PoorReasonSchema = t.Union(
  POOR_REASONS.map((reason) => t.Literal(reason)),
  {
    title: "PoorReason",
    description:
      "unknown: the model says that it does not know; nothing_found: nothing that the bot knows fitted; " +
      "failed: it failed or was cut off; stopped, rated_down: by the visitor; wanted_person: he asked for a person after it",
  },
);

const PoorAnswerSchema = t.Object(
  {
    conversationId: t.String(),
    turnId: t.String(),
    messageId: RowId,
    question: t.String({
      description: `its first ${MAX_QUESTION_LENGTH} characters`,
    }),
    at: EpochMs,
    reasons: t.Array(PoorReasonSchema, { description: "one at least" }),
  },
  { title: "PoorAnswer", description: "a question without a good answer" },
);

const UnansweredQuestionSchema = t.Object(
  {
    key: t.String({ description: "stands for the words of the newest, in any order and spelling" }),
    question: t.String({ description: "as it was asked last" }),
    count: t.Unsafe<number>({ type: "integer", description: "how many questions ask the same" }),
    lastAt: EpochMs,
    conversationId: t.String({ description: "where it was asked last" }),
    turnId: t.String(),
    reasons: t.Array(PoorReasonSchema, { description: "the most frequent first" }),
    examples: t.Array(PoorAnswerSchema, {
      description:
        "at most three: the newest in other words each; the first is the question itself",
    }),
  },
  { title: "UnansweredQuestion", description: "questions that ask the same" },
);

export const UnansweredListSchema = t.Object(
  {
    questions: t.Array(UnansweredQuestionSchema, { description: "the newest first" }),
    total: t.Unsafe<number>({
      type: "integer",
      description: "how many there are among the newest 2,000 questions without a good answer",
    }),
  },
  { title: "UnansweredList" },
);

/** Checked as text, for the same reason as Limit. */
export const DiagnosticStreamQuery = t.Object(
  {
    chunks: t.Optional(
      t.String({
        pattern: "^(?:[1-9]|1[0-9]|20)$",
        description: "how many chunks to send, 200 ms apart: from 1 to 20",
        examples: ["5"],
      }),
    ),
    silence: t.Optional(
      t.String({
        pattern: "^(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-3][0-9]|240)$",
        description: "seconds without a byte before the end: from 0 to 240",
        examples: ["20"],
      }),
    ),
  },
  { additionalProperties: false, description: "only chunks and silence" },
);

/** Server-sent events whose timing matters; their content needs no schema. */
export const DiagnosticEvents = t.String();

/** A request as this server received it. */
export const SeenRequestSchema = t.Object(
  {
    version: t.String({ description: "of chatporch" }),
    scheme: t.String({
      description: "the scheme of the connection to this server",
      examples: ["http"],
    }),
    host: t.String({ description: "the Host header" }),
    connection: t.Union([t.String(), t.Null()], { description: "the Connection header" }),
    peer: t.Union([t.String(), t.Null()], { description: "the address of the connection" }),
    forwardedFor: t.Array(t.String(), { description: "the entries of X-Forwarded-For" }),
    client: t.String({ description: "the address under which the rate limit counts this client" }),
    trustProxy: t.Union([t.String(), t.Null()], {
      description: "TRUST_PROXY of the running server",
      examples: ["1"],
    }),
    environment: t.String({ description: "NODE_ENV of the running server" }),
  },
  { title: "SeenRequest" },
);
export type SeenRequest = typeof SeenRequestSchema.static;

const KnownReplicaSchema = t.Object(
  {
    id: t.String({ description: "new at every start", examples: ["Jx3kfP0aQm8.1"] }),
    host: t.String({ description: "the name of its machine" }),
    version: t.String({ description: "of chatporch" }),
    startedAt: EpochMs,
    isSelf: t.Boolean({ description: "whether it is the replica that answers" }),
    isReached: t.Union([t.Boolean(), t.Null()], {
      description:
        "whether it hears the messages of the replica that answers; null without REDIS_URL",
    }),
  },
  { title: "KnownReplica" },
);

export const ReplicaListSchema = t.Object(
  {
    replicas: t.Array(KnownReplicaSchema, {
      description: "the replicas that share the database; none when it is a file",
    }),
  },
  { title: "ReplicaList" },
);
export type ReplicaList = typeof ReplicaListSchema.static;
