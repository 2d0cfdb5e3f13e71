import type { Message } from "../../src/conversation/records.ts";
import type { Notice } from "../../src/notices/notice.ts";

const AT = Date.parse("2026-11-26T13:03:00Z");
export const CONVERSATION_LINK = "https://chat.example.com/dashboard/conversations/c_Ab-1";

export function messageOf(over: Partial<Message>): Message {
  return {
    id: 1,
    turnId: "t_1",
    role: "user",
    content: "Do you ship to Norway?",
    status: "complete",
    createdAt: AT,
    ...over,
  };
}

/** A visitor has asked a question, got an answer, and wants a person. */
export function noticeOf(over: Partial<Notice> = {}): Notice {
  return {
    eventId: "msg_0123456789abcdef",
    kind: "handoff.requested",
    at: AT,
    conversation: {
      id: "c_Ab-1",
      sessionId: "a-secret-session",
      createdAt: AT,
      updatedAt: AT,
      lastMessage: "I do not know.",
      messageCount: 2,
    },
    firstQuestion: "Do you ship to Norway?",
    turn: {
      turnId: "t_1",
      sessionId: "a-secret-session",
      conversationId: "c_Ab-1",
      question: "Do you ship to Norway?",
      answer: messageOf({ id: 2, role: "assistant", content: "I do not know." }),
    },
    requests: [
      {
        id: "p_1",
        conversationId: "c_Ab-1",
        turnId: "t_1",
        contact: { kind: "email", value: "anna@visitor.example" },
        note: "It is urgent.",
        consent: "You may write to me.",
        at: AT,
      },
    ],
    link: CONVERSATION_LINK,
    ...over,
  };
}

/** A notice of no conversation. */
export function noticeOfNone(over: Partial<Notice> = {}): Notice {
  const none = { conversation: undefined, firstQuestion: undefined, turn: undefined };
  return noticeOf({ kind: "test", ...none, requests: [], ...over });
}
