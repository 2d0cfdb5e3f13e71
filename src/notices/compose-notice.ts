import type { NoticeKind } from "../conversation/notice-kinds.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import type { ClaimedNotice } from "../store/notice-store.ts";
import type { RequestStore } from "../store/request-store.ts";
import type { TurnStore } from "../store/turn-store.ts";
import type { Notice } from "./notice.ts";

export type NoticeContents = Pick<ConversationStore, "findConversation" | "messagesAfter"> &
  Pick<RequestStore, "requestsOf"> &
  Pick<TurnStore, "findTurn">;

/**
 * Reads what a notice says. `hidden`: its conversation is hidden, or erased with the notice. `nothing`: what it is about was
 * taken back.
 * @param publicUrl the address of this server, without a slash at its end
 */
export async function composeNotice(
  store: NoticeContents,
  { eventId, kind, at, conversationId, turnId }: ClaimedNotice,
  publicUrl: string | undefined,
): Promise<Notice | "hidden" | "nothing"> {
  const dashboard = publicUrl === undefined ? undefined : `${publicUrl}/dashboard`;
  const about = { eventId, kind, at };
  if (conversationId === undefined) return { ...about, ...OF_NO_CONVERSATION, link: dashboard };
  const conversation = await store.findConversation(conversationId);
  if (conversation === undefined) return "hidden";
  const turn = turnId === undefined ? undefined : await store.findTurn(turnId);
  if (kind === "answer.rated" && turn?.answer.rating === undefined) return "nothing";
  const [first] = await store.messagesAfter(conversationId, 0, 1);
  return {
    ...about,
    conversation,
    firstQuestion: first?.content,
    turn,
    request: isForPerson(kind) ? (await store.requestsOf(conversationId))[0] : undefined,
    link: dashboard && `${dashboard}/conversations/${conversationId}`,
  };
}

function isForPerson(kind: NoticeKind): boolean {
  return kind === "handoff.requested" || kind === "visitor.wrote";
}

/** What a notice of no conversation has. */
export const OF_NO_CONVERSATION = {
  conversation: undefined,
  firstQuestion: undefined,
  turn: undefined,
  request: undefined,
};
