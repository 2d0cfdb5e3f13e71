import { t } from "elysia";

import { MAX_CONSENT } from "../config/people.ts";
import { HANDOFF_REASONS } from "../conversation/events.ts";
import {
  FINISH_REASONS,
  GROUNDINGS,
  MESSAGE_ROLES,
  MESSAGE_STATUSES,
  RATING_REASONS,
  RATINGS,
  TURN_ERRORS,
  type TurnError,
} from "../conversation/records.ts";
import { CONTACT_KINDS } from "../store/request-store.ts";

/**
 * The requests and responses of the chat endpoints. A `title` names the schema in the OpenAPI document, and the
 * type in a client that is generated from it.
 */

/**
 * Text of so many Unicode code points. It is a pattern because minLength and maxLength count UTF-16 units. It also
 * refuses lone surrogates and NUL, which do not occur in text.
 */
function textPattern(min: number, max: number): string {
  return `^(?:[^\\uD800-\\uDFFF\\u0000]|[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]){${min},${max}}$`;
}

/** A session's id. The client chooses it, or the server mints it. */
const SessionId = t.String({
  pattern: "^[A-Za-z0-9._:-]{1,128}$",
  description: "1 to 128 characters of A-Z a-z 0-9 . _ : -",
  examples: ["visitor-7f3a"],
});

/** 1 to 4000 characters, not only white space. */
export const MessageText = t.String({
  pattern: `^(?=\\s*\\S)${textPattern(1, 4000).slice(1)}`,
  description: "1 to 4000 characters of well-formed text that is not only white space",
  examples: ["When do you open on Sundays?"],
});

export const ChatBody = t.Object(
  { sessionId: SessionId, message: MessageText },
  {
    title: "ChatRequest",
    additionalProperties: false,
    description: "exactly the properties sessionId and message",
  },
);

/** No body, or an empty object, because some clients always send one. */
export const EmptyBody = t.Optional(
  t.Object({}, { title: "EmptyObject", additionalProperties: false }),
);

/** An event's number, as text: it comes from headers and queries. */
const EVENT_NUMBER = "^[0-9]{1,9}$";

const sessionTokenHeader = {
  "x-session-token": t.Optional(t.String({ description: "the token of a minted session" })),
};

export const SessionHeaders = t.Object(sessionTokenHeader);

export const AskHeaders = t.Object({
  ...sessionTokenHeader,
  "x-proof": t.Optional(
    t.String({ description: "the solution of the challenge that came with a proof_required" }),
  ),
  "idempotency-key": t.Optional(
    t.String({
      // A comma followed by a space means that the header was sent twice and the values were joined.
      pattern: "^(?!.*, )[\\x20-\\x7e]{1,128}$",
      description: "1 to 128 printable ASCII characters, sent once",
    }),
  ),
});

const lastEventId = {
  "last-event-id": t.Optional(
    t.String({ pattern: EVENT_NUMBER, description: "the number of the last event received" }),
  ),
};

/** When a stream breaks, clients such as fetch-event-source repeat the whole request with Last-Event-ID. */
export const AskStreamHeaders = t.Object({ ...AskHeaders.properties, ...lastEventId });

export const ResumeHeaders = t.Object({ ...sessionTokenHeader, ...lastEventId });

export const ResumeQuery = t.Object({
  after: t.Optional(
    t.String({ pattern: EVENT_NUMBER, description: "the number of the last event received" }),
  ),
});

export const RatingValue = t.Union(
  RATINGS.map((each) => t.Literal(each)),
  { title: "RatingValue", description: "positive or negative" },
);

/** Elysia would put the first value in the place of a missing one. */
export const NO_DEFAULT = { default: undefined };

export const RatingReason = t.UnionEnum(RATING_REASONS, {
  ...NO_DEFAULT,
  title: "RatingReason",
  description: "one of wrong, incomplete, off_topic and other",
});

export const RatingBody = t.Object(
  {
    rating: t.Union([...RatingValue.anyOf, t.Null()], {
      title: "SentRating",
      description: "positive, negative, or null, which takes the rating back",
    }),
    reasons: t.Optional(
      t.Array(RatingReason, {
        maxItems: RATING_REASONS.length,
        description: "at most 4 of wrong, incomplete, off_topic and other; only if negative",
      }),
    ),
    comment: t.Optional(
      t.String({
        pattern: textPattern(0, 1000),
        description: "at most 1000 characters of well-formed text; only if negative",
      }),
    ),
  },
  {
    title: "RatingRequest",
    additionalProperties: false,
    description: "only the properties rating, reasons and comment",
  },
);

const ContactSchema = t.Object(
  {
    kind: t.UnionEnum(CONTACT_KINDS, {
      ...NO_DEFAULT,
      title: "ContactKind",
      description: "email or phone",
    }),
    value: t.String({
      minLength: 1,
      maxLength: 254,
      description: "one e-mail address, or a phone number of 5 to 15 digits",
      examples: ["ada@example.com"],
    }),
  },
  {
    title: "Contact",
    additionalProperties: false,
    description: "exactly the properties kind and value",
  },
);

export const PersonRequestBody = t.Object(
  {
    sessionId: SessionId,
    contact: t.Optional(ContactSchema),
    note: t.Optional(
      t.String({
        pattern: textPattern(0, 1000),
        description: "at most 1000 characters of well-formed text",
      }),
    ),
    consent: t.String({
      pattern: `^(?=\\s*\\S)${textPattern(1, MAX_CONSENT).slice(1)}`,
      description: `the sentence that the visitor was shown: 1 to ${MAX_CONSENT} characters`,
      examples: ["You may write to me about this."],
    }),
    turnId: t.Optional(t.String({ maxLength: 128, description: "the id of a turn" })),
    question: t.Optional(MessageText),
  },
  {
    title: "PersonRequest",
    additionalProperties: false,
    description: "only the properties sessionId, contact, note, consent, turnId and question",
  },
);

/** The id of a message, as text. */
const MESSAGE_ID = "^[0-9]{1,15}$";
const messageId = t.Optional(
  t.String({ pattern: MESSAGE_ID, description: "the id of the last message received" }),
);

export const PersonStreamHeaders = t.Object({
  ...sessionTokenHeader,
  "last-event-id": messageId,
});

export const PersonStreamQuery = t.Object({ sessionId: SessionId, after: messageId });

export const TurnParams = t.Object({ turnId: t.String({ description: "the id of a turn" }) });

export const HistoryQuery = t.Object({ sessionId: SessionId });

/** A whole number in an answer. Elysia's own t.Integer also accepts text, for queries. */
export const WholeNumber = t.Unsafe<number>({ type: "integer" });
/** `int64`, because a client generated from the document would otherwise use 32 bits. */
export const RowId = t.Unsafe<number>({ type: "integer", format: "int64" });
export const EpochMs = t.Unsafe<number>({
  type: "integer",
  format: "int64",
  description: "milliseconds since the epoch",
});

export const Usage = t.Object(
  { promptTokens: WholeNumber, completionTokens: WholeNumber, totalTokens: WholeNumber },
  { title: "TokenUsage", description: "tokens as the model server counted them" },
);

export const FinishReason = t.Union(
  FINISH_REASONS.map((each) => t.Literal(each)),
  {
    title: "FinishReason",
    description:
      "stop: the answer is whole; length: cut at the limit; content_filter: cut by the model server; " +
      "stopped: by the stop call, or because all readers had left; " +
      "person: the owner has taken over, so the answer is empty or, for the owner, cut off, and what he writes comes as messages",
  },
);

export const TurnErrorCode = t.Unsafe<TurnError>({
  type: "string",
  enum: TURN_ERRORS,
  title: "TurnErrorCode",
  description: "why an answer is missing or incomplete",
});

export const MessageRole = t.Union(
  MESSAGE_ROLES.map((each) => t.Literal(each)),
  { title: "MessageRole" },
);

export const MessageStatus = t.Union(
  MESSAGE_STATUSES.map((each) => t.Literal(each)),
  { title: "MessageStatus" },
);

export const sourceProperties = {
  number: t.Unsafe<number>({
    type: "integer",
    description: "the number by which the answer names it: [1]",
  }),
  title: t.String(),
  heading: t.Optional(t.String({ description: "the headings above the passage" })),
  url: t.Optional(
    t.String({ description: "where visitors can read it; notes and files have none" }),
  ),
};

const Source = t.Object(sourceProperties, {
  title: "Source",
  description: "a passage of the owner's pages",
});

export const Grounding = t.Union(
  GROUNDINGS.map((each) => t.Literal(each)),
  {
    title: "Grounding",
    description:
      "cited: the answer names a source; uncited: it had sources and names none; " +
      "none: the model says that it does not know the answer, or that its sources do not hold it; " +
      "unsourced: nothing that the bot knows fits the question",
  },
);

/** What an answer stands on. */
const groundingProperties = {
  sources: t.Optional(
    t.Array(Source, { description: "those that the answer names; missing if it was given none" }),
  ),
  grounding: t.Optional(Grounding),
};

/** Where something in a question was replaced (REDACT). */
const replacedQuestion = {
  question: t.Optional(
    t.String({
      description:
        "the question as it is stored, where numbers or addresses in it were replaced by •",
      examples: ["My card is •••• •••• •••• ••••."],
    }),
  ),
};

export const ChatAnswer = t.Object(
  {
    conversationId: t.String(),
    message: t.String(),
    turnId: t.String(),
    ...replacedQuestion,
    usage: t.Optional(Usage),
    finishReason: FinishReason,
    ...groundingProperties,
  },
  { title: "ChatAnswer" },
);

const StartEvent = t.Object(
  {
    type: t.Literal("start"),
    conversationId: t.String(),
    turnId: t.String(),
    ...replacedQuestion,
  },
  {
    title: "StartEvent",
    description:
      "the answer begins; after an earlier start, it begins again, and the tokens before this start are discarded",
  },
);

const SourcesEvent = t.Object(
  { type: t.Literal("sources"), sources: t.Array(Source) },
  {
    title: "SourcesEvent",
    description: "what the answer may stand on: after the start, and only when there are any",
  },
);

const TokenEvent = t.Object(
  { type: t.Literal("token"), token: t.String() },
  { title: "TokenEvent" },
);

const HandoffEventSchema = t.Object(
  {
    type: t.Literal("handoff"),
    reason: t.Union(
      HANDOFF_REASONS.map((each) => t.Literal(each)),
      {
        title: "HandoffReason",
        description: "unknown: the sources do not hold the answer, as the model says",
      },
    ),
  },
  {
    title: "HandoffEvent",
    description:
      "the answer was a poor one, and a person can be reached: right before the last event",
  },
);

const DoneEvent = t.Object(
  {
    type: t.Literal("done"),
    message: t.String({
      description: "the whole answer: the tokens since the last start, joined and trimmed",
    }),
    conversationId: t.String(),
    usage: t.Optional(Usage),
    finishReason: FinishReason,
    ...groundingProperties,
  },
  { title: "DoneEvent" },
);

const ErrorEvent = t.Object(
  {
    type: t.Literal("error"),
    error: t.String({ description: "a sentence for people" }),
    code: TurnErrorCode,
  },
  { title: "ErrorEvent" },
);

export const ChatEventSchema = t.Union(
  [StartEvent, SourcesEvent, TokenEvent, HandoffEventSchema, DoneEvent, ErrorEvent],
  {
    title: "ChatEvent",
    description:
      "a start, perhaps sources, any number of tokens, perhaps a handoff, and at the end a done or an error; another start among the tokens begins the answer again",
    discriminator: {
      propertyName: "type",
      mapping: {
        start: "#/components/schemas/StartEvent",
        sources: "#/components/schemas/SourcesEvent",
        token: "#/components/schemas/TokenEvent",
        handoff: "#/components/schemas/HandoffEvent",
        done: "#/components/schemas/DoneEvent",
        error: "#/components/schemas/ErrorEvent",
      },
    },
  },
);

export const StoppedTurn = t.Object(
  {
    turnId: t.String(),
    conversationId: t.String(),
    message: t.String({ description: "the text of the answer so far" }),
    finishReason: t.Optional(FinishReason),
    code: t.Optional(TurnErrorCode),
  },
  {
    title: "StoppedTurn",
    description:
      "finishReason says how the answer ended; if it had already failed, code says why instead",
  },
);

export const MintedSessionSchema = t.Object(
  { sessionId: t.String(), sessionToken: t.String(), expiresAt: EpochMs },
  { title: "MintedSession" },
);

const ShownRequest = t.Object(
  {
    id: t.String(),
    at: EpochMs,
    isOpen: t.Boolean({ description: "false once the owner has closed it" }),
    contact: t.String({ description: "masked", examples: ["a…@example.com", "…89"] }),
    opensAt: t.Optional(EpochMs),
    isOpenNow: t.Optional(
      t.Boolean({ description: "whether somebody is there; missing where there are no hours" }),
    ),
  },
  { title: "ShownRequest", description: "a visitor's request for a person, as he sees it" },
);

export const AddedPersonRequest = t.Object(
  {
    request: ShownRequest,
    turnId: t.Optional(t.String({ description: "of the question, where one came with it" })),
  },
  { title: "AddedPersonRequest" },
);

const ShownPerson = t.Object(
  {
    request: t.Optional(ShownRequest),
    isHere: t.Boolean({ description: "whether a person answers in place of the model" }),
    name: t.Optional(t.String({ description: "under which he writes, while he is there" })),
    hours: t.Optional(t.String({ description: "when somebody is there (setting HOURS)" })),
  },
  {
    title: "ShownPerson",
    description: "missing where no person is offered, and none has taken over",
  },
);
export const MessageAuthor = t.Object(
  { kind: t.Literal("owner"), name: t.String({ description: "as visitors see it" }) },
  { title: "MessageAuthor", description: "who wrote the message in place of the model" },
);

const OwnerMessageEvent = t.Object(
  {
    id: RowId,
    text: t.String(),
    name: t.String({ description: "of the owner, as visitors see it" }),
    at: EpochMs,
  },
  { title: "OwnerMessageEvent", description: "`event: message`, whose `id` is the message's" },
);

const PersonStateEvent = t.Object(
  { isHere: ShownPerson.properties.isHere, name: ShownPerson.properties.name },
  {
    title: "PersonStateEvent",
    description: "`event: person`: at the beginning, and when it changes",
  },
);

const RequestEvent = t.Object(
  { request: ShownRequest },
  {
    title: "RequestEvent",
    description: "`event: request`: the visitor's newest request for a person, new or closed",
  },
);

const TypingEvent = t.Object(
  {},
  { title: "TypingEvent", description: "`event: typing`: he is writing; good for five seconds" },
);

/** The data of one event. Which of them it is stands in the line `event`. */
export const PersonEventSchema = t.Union(
  [OwnerMessageEvent, PersonStateEvent, RequestEvent, TypingEvent],
  {
    title: "PersonEvent",
  },
);

const VisitorMessage = t.Object(
  {
    id: RowId,
    turnId: t.String(),
    role: MessageRole,
    content: t.String(),
    status: MessageStatus,
    createdAt: EpochMs,
    finishReason: t.Optional(FinishReason),
    author: t.Optional(MessageAuthor),
    ...groundingProperties,
    rating: t.Optional(RatingValue),
  },
  { title: "VisitorMessage" },
);

export const VisitorHistory = t.Object(
  {
    conversationId: t.Union([t.String(), t.Null()]),
    messages: t.Array(VisitorMessage),
    activeTurnId: t.Union([t.String(), t.Null()], {
      description: "the turn that is still under way and can be resumed",
    }),
    person: t.Optional(ShownPerson),
  },
  { title: "VisitorHistory" },
);
