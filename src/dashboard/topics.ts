import type { Activity } from "../conversation/activity.ts";
import type { LearningProgress } from "../knowledge/learning-progress.ts";

/** Sends an event to the page. Does nothing once the page has left. */
export type SendEvent = (event: object) => void;

/** What a live page is about, for as long as it is open. */
export interface Topic {
  /** Something was stored or erased in a conversation. */
  onActivity(activity: Activity): void;
  /** The page has left. */
  leave(): void;
}

export type OpenTopic = (send: SendEvent) => Topic;

/** For pages that show conversations: what happens in all of them, as ids without text. */
export const allConversations: OpenTopic = (send) => ({ onActivity: send, leave() {} });

/** For pages about the knowledge: what is read, and nothing of the conversations. */
export function learningTopic(progress: Pick<LearningProgress, "subscribe">): OpenTopic {
  return (send) => ({
    onActivity() {},
    leave: progress.subscribe((sourceId, step) => send({ sourceId, progress: step })),
  });
}
