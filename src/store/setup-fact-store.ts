/** What the servers have noticed of the owner's first steps, so that every replica knows it, also after a restart. */
export interface SetupFactStore {
  /** Stores a fact in place of an older one on the same subject. The newest eight of a topic are kept. */
  noteSetupFact(fact: SetupFact): Promise<void>;
  /** The facts of a topic, the newest first. */
  listSetupFacts(topic: SetupTopic): Promise<readonly SetupFact[]>;
}

/** How many facts of a topic are kept. */
export const MAX_SETUP_FACTS = 8;

export type SetupTopic =
  /** The subject is an allowed website that has used the widget or the chat. */
  | "website"
  /** The subject is an address at which the owner has opened the dashboard. */
  | "address"
  /** The subject stands for a model that was tried, and the text is what that has shown. */
  | "model";

export interface SetupFact {
  readonly topic: SetupTopic;
  readonly subject: string;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}
