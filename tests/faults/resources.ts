import { readdirSync, readFileSync } from "node:fs";

/** What a process holds, as the system counts it. */
export interface Resources {
  readonly openFiles: number;
  readonly memoryMb: number;
}

/** How long what was closed may take to be gone. */
const SETTLING_MS = 15_000;
const LOOK_EVERY_MS = 20;

/** Undefined where the system does not tell. */
export function resourcesOf(pid: number): Resources | undefined {
  try {
    const openFiles = readdirSync(`/proc/${pid}/fd`).length;
    const [, kilobytes] =
      /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return { openFiles, memoryMb: Math.round(Number(kilobytes) / 1024) };
  } catch {
    return undefined;
  }
}

/**
 * Waits until the process holds no more open files than before, but for connections that are kept for
 * the next request. Memory is printed and not judged: what a runtime gives back, and when, is its own.
 * @throws when they do not go
 */
export async function expectReturned(
  pid: number,
  before: Resources | undefined,
  group: string,
  keptConnections = 0,
): Promise<void> {
  if (before === undefined) {
    console.log(`faults: ${group}: open files are not counted on this system`);
    return;
  }
  const most = before.openFiles + keptConnections;
  const deadline = performance.now() + SETTLING_MS;
  let now = resourcesOf(pid);
  while ((now?.openFiles ?? Infinity) > most && performance.now() < deadline) {
    await Bun.sleep(LOOK_EVERY_MS);
    now = resourcesOf(pid);
  }
  const story = `${before.openFiles} → ${now?.openFiles} files, ${before.memoryMb} → ${now?.memoryMb} MB`;
  console.log(`faults: ${group}: ${story}`);
  if ((now?.openFiles ?? Infinity) > most) throw new Error(`${group}: files stay open: ${story}`);
}
