import type { ServerProcess } from "../../harness/server-process.ts";
import type { Target } from "./targets.ts";

/** What one run of one target gave: a number for each metric, by the metric's key. */
export type Sample = Readonly<Record<string, number>>;

/** A column of a table. */
export interface Metric {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  readonly digits: number;
  /** What the case's subject must reach. */
  readonly bound?: Bound;
}

/** A bound on the median: by itself, as a multiple of the baseline's, or in what it is above that. */
export interface Bound {
  readonly of: "value" | "ratio" | "difference";
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** One table: every target measured in the same way. */
export interface Case {
  readonly name: string;
  readonly metrics: readonly Metric[];
  readonly targets: readonly Target[];
  /** The target with which the others are compared, by name; the floor where nothing is said. */
  readonly baseline?: string;
  /** The target for which the bounds are meant, by name; chatporch where nothing is said. */
  readonly subject?: string;
  /** Measures one run of one target in new processes. */
  readonly measure: (target: Target, bench: Bench) => Promise<Sample>;
  /** Where a run is so long, or so short, that it is repeated less or more often than the others. */
  readonly runs?: number;
}

export interface Scenario {
  readonly name: string;
  readonly summary: string;
  /** Called once, before the first run: builds what the cases need. */
  readonly cases: (bench: Bench, targets: Targets) => Promise<readonly Case[]> | readonly Case[];
}

/** What the bench measures. */
export interface Targets {
  readonly floor: Target;
  readonly source: Target;
  readonly binary: Target;
  /** Undefined where it is left out. */
  readonly peer: Target | undefined;
  readonly binaryPath: string;
}

/** What is done with a server and the model server behind it. */
export type ServerWork<T> = (server: ServerProcess, model: ServerProcess) => Promise<T>;

/** What a scenario gets from the bench. */
export interface Bench {
  /** A new folder, removed at the end. */
  folder(): string;
  /**
   * Starts the target with a model server behind it; both are stopped after the work, however it ends.
   * @throws BenchError when one of them dies while the work is under way
   */
  withServer<T>(target: Target, work: ServerWork<T>): Promise<T>;
  /** A line about how it goes, for whoever watches. */
  say(line: string): void;
}

export function allTargets({ floor, source, binary, peer }: Targets): readonly Target[] {
  return [floor, binary, source, ...(peer ? [peer] : [])];
}
