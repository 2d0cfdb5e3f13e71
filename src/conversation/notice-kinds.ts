/** What happens in conversations, or to the owner's budget, and may be reported to the owner. Each channel has a list of those that it wants. */
export const NOTICE_EVENTS = [
  "conversation.started",
  "answer.failed",
  "answer.rated",
  "question.unanswered",
  "handoff.requested",
  "visitor.wrote",
  "budget.warning",
  "budget.reached",
] as const;
export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** What a notice is about. `test`: the owner has asked for it, to see whether a channel works. */
export type NoticeKind = NoticeEvent | "summary.weekly" | "test";

/** The ways to the owner. */
export const NOTICE_CHANNELS = ["mail", "webhook", "ntfy", "telegram"] as const;
export type NoticeChannel = (typeof NOTICE_CHANNELS)[number];
