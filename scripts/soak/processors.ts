import type { ServerProcess } from "../../harness/server-process.ts";

/** Processor time so far, in milliseconds. */
export interface Usage {
  readonly atMs: number;
  readonly serverMs: number;
  readonly modelMs: number;
  readonly visitorsMs: number;
  readonly serverWaitMs: number | undefined;
}

/** Percentages of one processor. */
export interface Shares {
  readonly serverCpu: number;
  readonly modelCpu: number;
  readonly visitorsCpu: number;
  /** The share of the time in which the server was ready to run but had no processor. */
  readonly serverWaiting: number | undefined;
}

/** This process plays the visitors. */
export function readUsage(server: ServerProcess, model: ServerProcess): Usage {
  const { user, system } = process.cpuUsage();
  return {
    atMs: performance.now(),
    serverMs: server.cpuMs(),
    modelMs: model.cpuMs(),
    visitorsMs: (user + system) / 1000,
    serverWaitMs: server.waitMs(),
  };
}

export function sharesBetween(before: Usage, now: Usage): Shares {
  const share = (from: number, to: number) => ((to - from) / (now.atMs - before.atMs)) * 100;
  return {
    serverCpu: share(before.serverMs, now.serverMs),
    modelCpu: share(before.modelMs, now.modelMs),
    visitorsCpu: share(before.visitorsMs, now.visitorsMs),
    serverWaiting:
      before.serverWaitMs === undefined || now.serverWaitMs === undefined
        ? undefined
        : share(before.serverWaitMs, now.serverWaitMs),
  };
}
