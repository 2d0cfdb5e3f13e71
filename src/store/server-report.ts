/** What is known about the server of a database: for the start, which may refuse it, and for the doctor. */
export interface ServerReport {
  /** Why the database cannot be used. Then the facts below may be missing. */
  readonly fault: ServerFinding | undefined;
  /** What works now and may not work later. */
  readonly warnings: readonly ServerFinding[];
  readonly facts: ServerFacts | undefined;
}

/** None of the texts contains a user name, a password or a host. */
export interface ServerFinding {
  /** Never changes, so that tests and code can refer to it. */
  readonly id: ServerFindingId;
  /** A clause that completes "The database …". */
  readonly says: string;
  /** A sentence that says what to do. */
  readonly mend: string;
  /** Whether it may pass by itself, as when the server is just starting. */
  readonly mayPass?: boolean;
}

export type ServerFindingId =
  | "unreachable"
  | "starting"
  | "refused-login"
  | "no-database"
  | "no-tls"
  | "untrusted-certificate"
  | "unknown-parameter"
  | "not-understood"
  | "too-old"
  | "encoding"
  | "other-tables"
  | "standby"
  | "read-only"
  | "pooler"
  | "few-connections"
  | "no-rights"
  | "clock";

export interface ServerFacts {
  /** Such as `15.18`. */
  readonly version: string;
  readonly connections: ServerConnections;
  /** By how much the clock of this machine is ahead of the server's. */
  readonly clockAheadMs: number;
}

export interface ServerConnections {
  /** How many connections this user may have at most, those of all programs together. */
  readonly most: number;
  /** How many of these nobody has now. Other replicas have some, too. */
  readonly free: number;
  /** How many this process will have at most. */
  readonly own: number;
}
