/** The state of the server that carries the bus, for the doctor. */
export interface BusState {
  readonly product: "Redis" | "Valkey";
  /** Undefined: the user may not ask for it. */
  readonly version: string | undefined;
  /** The used share of the memory that the server allows itself. Undefined: it has no limit, or keeps it secret. */
  readonly memoryShare: number | undefined;
  /** What the replicas need and the server refuses. */
  readonly refusals: readonly BusRefusal[];
  /** Whether a message to a channel was heard. False also when the server refuses that. */
  readonly isHeard: boolean;
}

export interface BusRefusal {
  readonly command: string;
  /** The server's words, such as `READONLY You can't write against a read only replica.` */
  readonly says: string;
}
