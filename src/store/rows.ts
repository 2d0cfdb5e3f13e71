import type {
  AnswerSource,
  Conversation,
  ConversationKey,
  FinishReason,
  Grounding,
  Message,
  MessageRole,
  MessageStatus,
  Rating,
  RatingReason,
  RatingValue,
  TokenUsage,
} from "../conversation/records.ts";
import type { AnswerTest, AnswerTestRow } from "./answer-test-store.ts";
import type {
  ExportedMessage,
  ListedConversation,
  VisitorConversation,
} from "./conversation-store.ts";
import { preview } from "./preview.ts";
import type { StoredTurn } from "./turn-store.ts";

/** The rows of the tables, which every store has, and the records of the seam that they become. */

export interface ConversationRow {
  seq: number;
  id: string;
  session_id: string;
  created_at: number;
  updated_at: number;
  last_message: string;
  message_count: number;
  /** How many of them are answers that are not shown. */
  unshown_count: number;
}

export type ErasableRow = Pick<ConversationRow, "id" | "session_id">;

export interface ListedRow extends ConversationRow {
  /** The beginnings are at least as long as they are shown. */
  first_question: string | null;
  last_answer: string | null;
  last_status: MessageStatus | null;
  is_unanswered: number;
  is_rated_down: number;
  is_wanted: number;
}

export interface MessageRow {
  id: number;
  conversation_seq: number;
  turn_id: string;
  role: MessageRole;
  content: string;
  status: MessageStatus;
  model: string | null;
  finish_reason: FinishReason | null;
  error_code: string | null;
  prompt_tokens: number | null;
  completion_tokens: number | null;
  total_tokens: number | null;
  first_token_ms: number | null;
  duration_ms: number | null;
  grounding: Grounding | null;
  /** What toSourcesText has made. */
  sources: string | null;
  cost: number | null;
  rating: RatingValue | null;
  /** What toReasonsText has made. */
  rating_reasons: string | null;
  rating_comment: string | null;
  rated_at: number | null;
  created_at: number;
  author: "owner" | null;
  author_name: string | null;
}

export interface ExportRow extends MessageRow {
  conversation_id: string;
  session_id: string;
}

export interface TurnRow extends ExportRow {
  question: string;
  /** Only a store that replicas share has it. */
  owner?: string;
}

export function toConversation(row: ConversationRow): Conversation {
  return {
    id: row.id,
    sessionId: row.session_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastMessage: row.last_message,
    messageCount: row.message_count - row.unshown_count,
  };
}

export type VisitorConversationRow = ConversationRow & { readonly was_taken_over: number };

export function toVisitorConversation(row: VisitorConversationRow): VisitorConversation {
  return { ...toConversation(row), wasTakenOver: row.was_taken_over === 1 };
}

export function toConversationKey({ id, session_id: sessionId }: ErasableRow): ConversationKey {
  return { id, sessionId };
}

export function toListed(row: ListedRow): ListedConversation {
  return {
    ...toConversation(row),
    firstQuestion: preview(row.first_question ?? ""),
    lastAnswer: (row.last_answer ?? "").toWellFormed(),
    lastStatus: row.last_status ?? undefined,
    isUnanswered: row.is_unanswered === 1,
    isRatedDown: row.is_rated_down === 1,
    isWanted: row.is_wanted === 1,
  };
}

export function toMessage(row: MessageRow): Message {
  const usage = toUsage(row);
  const rating = toRating(row);
  return {
    id: row.id,
    turnId: row.turn_id,
    role: row.role,
    content: row.content,
    status: row.status,
    createdAt: row.created_at,
    ...(row.author === null ? {} : { author: { kind: row.author, name: row.author_name ?? "" } }),
    ...(row.model === null ? {} : { model: row.model }),
    ...(usage === undefined ? {} : { usage }),
    ...(row.finish_reason === null ? {} : { finishReason: row.finish_reason }),
    ...(row.error_code === null ? {} : { errorCode: row.error_code }),
    ...(row.first_token_ms === null ? {} : { firstTokenMs: row.first_token_ms }),
    ...(row.duration_ms === null ? {} : { durationMs: row.duration_ms }),
    ...(row.grounding === null ? {} : { grounding: row.grounding }),
    ...(row.sources === null ? {} : { sources: toSources(row.sources) }),
    ...(row.cost === null ? {} : { cost: row.cost }),
    ...(rating === undefined ? {} : { rating }),
  };
}

export function toExportedMessage(row: ExportRow): ExportedMessage {
  return { conversationId: row.conversation_id, sessionId: row.session_id, ...toMessage(row) };
}

export function toStoredTurn(row: TurnRow): StoredTurn {
  return {
    turnId: row.turn_id,
    sessionId: row.session_id,
    conversationId: row.conversation_id,
    ...(row.owner === undefined ? {} : { owner: row.owner }),
    question: row.question,
    answer: toMessage(row),
  };
}

export function toAnswerTest(row: AnswerTestRow): AnswerTest {
  return {
    documentId: row.document_id,
    at: row.tested_at,
    answer: row.answer,
    grounding: row.grounding ?? undefined,
    sources: row.sources === null ? [] : toSources(row.sources),
  };
}

/** The sources of an answer as they are stored. */
export function toSourcesText(sources: readonly AnswerSource[] | undefined): string | null {
  return sources === undefined ? null : JSON.stringify(sources);
}

function toSources(text: string): AnswerSource[] {
  const stored: readonly StoredSource[] = JSON.parse(text);
  return stored.map((source) => ({ ...source, url: source.url }));
}

/** JSON leaves out what is undefined. */
type StoredSource = Omit<AnswerSource, "url"> & Partial<Pick<AnswerSource, "url">>;

/** The reasons of a rating as they are stored. */
export function toReasonsText(reasons: readonly RatingReason[] = []): string | null {
  return reasons.length === 0 ? null : JSON.stringify(reasons);
}

function toRating(row: MessageRow): Rating | undefined {
  if (row.rating === null) return undefined;
  const reasons: RatingReason[] = JSON.parse(row.rating_reasons ?? "[]");
  return {
    value: row.rating,
    reasons,
    ...(row.rating_comment === null ? {} : { comment: row.rating_comment }),
    at: row.rated_at ?? row.created_at,
  };
}

function toUsage(row: MessageRow): TokenUsage | undefined {
  if (row.prompt_tokens === null || row.completion_tokens === null) return undefined;
  const totalTokens = row.total_tokens ?? row.prompt_tokens + row.completion_tokens;
  return {
    promptTokens: row.prompt_tokens,
    completionTokens: row.completion_tokens,
    totalTokens,
  };
}
