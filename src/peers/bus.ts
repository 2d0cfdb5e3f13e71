/**
 * Carries messages between replicas. Messages hurry what the database decides: each one may be lost, so
 * nothing that was acknowledged depends on them.
 */
export interface Bus {
  /** Whether messages get through at the moment. */
  readonly isUp: boolean;
  /**
   * Sends a message to one replica. Never throws, and nothing may wait for it before it stores or answers.
   * Resolves to whether the replica was listening.
   */
  send(address: string, message: string): Promise<boolean>;
  /** Sends a message to all other replicas. */
  sendToAll(message: string): void;
  /** Begins to receive the messages to this replica. */
  listen(address: string, listener: BusListener): void;
  close(): Promise<void>;
}

export interface BusListener {
  onMessage(message: string): void;
  /** Messages may have been lost: ask again for whatever is still wanted. */
  onGap(): void;
}

/** The bus of replicas without one: the database alone connects them, more slowly. */
export const NO_BUS: Bus = {
  isUp: false,
  send: async () => false,
  sendToAll() {},
  listen() {},
  close: async () => {},
};
