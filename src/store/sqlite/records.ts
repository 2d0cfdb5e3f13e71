import type { Conversation, Message, TokenUsage } from "../../conversation/records.ts";
import type { PlacedConversation } from "../conversation-pages.ts";
import type { ExportedMessage } from "../conversation-store.ts";
import type { StoredTurn } from "../turn-store.ts";
import type { ConversationRow, ExportRow, MessageRow, TurnRow } from "./queries.ts";

/** Turns rows of the tables into records of the seam. */

export function toConversation(row: ConversationRow): Conversation {
  return {
    id: row.id,
    sessionId: row.session_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastMessage: row.last_message,
    messageCount: row.message_count,
  };
}

export function toPlaced(row: ConversationRow): PlacedConversation {
  return { conversation: toConversation(row), position: row.seq };
}

export function toMessage(row: MessageRow): Message {
  const usage = toUsage(row);
  return {
    id: row.id,
    turnId: row.turn_id,
    role: row.role,
    content: row.content,
    status: row.status,
    createdAt: row.created_at,
    ...(row.model === null ? {} : { model: row.model }),
    ...(usage === undefined ? {} : { usage }),
    ...(row.finish_reason === null ? {} : { finishReason: row.finish_reason }),
    ...(row.error_code === null ? {} : { errorCode: row.error_code }),
    ...(row.first_token_ms === null ? {} : { firstTokenMs: row.first_token_ms }),
    ...(row.duration_ms === null ? {} : { durationMs: row.duration_ms }),
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
    question: row.question,
    answer: toMessage(row),
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
