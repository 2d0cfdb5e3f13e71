import type { ServerProcess } from "../../harness/server-process.ts";
import type { Target } from "./targets.ts";

/** The results of one run of one target: a number for each metric, by the metric's key. */
export type Sample = Readonly<Record<string, number>>;

/** A column of a table. */
export interface Metric {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  readonly digits: number;
  /** The bound that the case's subject must keep. */
  readonly bound?: Bound;
}

/**
 * A bound on the subject's median itself, on its ratio to the baseline, or on its difference from the baseline; or on the
 * median of every target.
 */
export interface Bound {
  readonly of: "value" | "ratio" | "difference" | "every value";
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** One table, with all targets measured in the same way. */
export interface Case {
  readonly name: string;
  readonly metrics: readonly Metric[];
  readonly targets: readonly Target[];
  /** The name of the target that the others are compared with. Default: the floor. */
  readonly baseline?: string;
  /** The name of the target that must keep the bounds. Default: chatporch. */
  readonly subject?: string;
  /** Measures one run of one target in new processes. */
  readonly measure: (target: Target, bench: Bench) => Promise<Sample>;
  /** How often to measure each target, when a run is very long or very short. */
  readonly runs?: number;
}

export interface Scenario {
  readonly name: string;
  readonly summary: string;
  /** Called once, before the first run: builds what the cases need. */
  readonly cases: (bench: Bench, targets: Targets) => Promise<readonly Case[]> | readonly Case[];
}

/** The servers that the bench measures. */
export interface Targets {
  readonly floor: Target;
  readonly source: Target;
  readonly binary: Target;
  /** Undefined when it is left out. */
  readonly peer: Target | undefined;
  readonly binaryPath: string;
}

/** Work with a server and the model server behind it. */
export type ServerWork<T> = (server: ServerProcess, model: ServerProcess) => Promise<T>;

/** What the bench provides to a scenario. */
export interface Bench {
  /** Makes a new folder, which is removed at the end. */
  folder(): string;
  /**
   * Starts the target with a model server behind it. Both are stopped after the work, even when it fails.
   * @throws BenchError when one of them dies during the work
   */
  withServer<T>(target: Target, work: ServerWork<T>): Promise<T>;
  /** Prints a line about the progress. */
  say(line: string): void;
}

export function allTargets({ floor, source, binary, peer }: Targets): readonly Target[] {
  return [floor, binary, source, ...(peer ? [peer] : [])];
}
