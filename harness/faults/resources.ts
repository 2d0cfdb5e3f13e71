import { parseExposition } from "../exposition.ts";
import { cpuMs, memoryBytes, openFiles } from "../proc.ts";
import type { RunningServer } from "../process.ts";

/** What a process holds, as the system counts it. */
export interface Resources {
  readonly openFiles: number;
  readonly memoryMb: number;
}

const MB = 1024 * 1024;

type Server = Pick<RunningServer, "pid" | "url">;

/** How long what was closed may take to be gone. */
const SETTLING_MS = 15_000;
const LOOK_EVERY_MS = 20;
/** A server that nobody asks anything beats a few timers; one that spins takes all of a processor. */
const RESTING_WINDOW_MS = 300;
const MAX_RESTING_SHARE = 0.5;
/** What is done again may need so much more memory than before; a leak needs it each time. */
const MAX_GROWTH = 1.1;
/** A heap that is warming up grows for a few times, until its garbage is collected. */
const MAX_REPEATS = 12;

/** Undefined where the system does not tell. */
export function resourcesOf(pid: number): Resources | undefined {
  try {
    return { openFiles: openFiles(pid), memoryMb: Math.round(memoryBytes(pid) / MB) };
  } catch {
    return undefined;
  }
}

/**
 * Waits until a server that nobody asks anything any more has no answer under way and no stream open, no
 * more open files than before, but for connections that are kept for the next request, and rests.
 * @throws when it does not come to that
 */
export async function expectReturned(
  server: Server,
  before: Resources | undefined,
  group: string,
  keptConnections = 0,
): Promise<void> {
  const deadline = performance.now() + SETTLING_MS;
  await until(deadline, `${group}: answers or streams stay open`, () => hasNoneOpen(server.url));
  if (before === undefined) {
    console.log(`faults: ${group}: open files are not counted on this system`);
    return;
  }
  const most = before.openFiles + keptConnections;
  await until(deadline, `${group}: files stay open`, async () => openFiles(server.pid) <= most);
  await until(deadline, `${group}: the server does not rest`, () => isResting(server.pid));
  const now = resourcesOf(server.pid);
  console.log(
    `faults: ${group}: ${before.openFiles} → ${now?.openFiles} files, ` +
      `${before.memoryMb} → ${now?.memoryMb} MB`,
  );
}

/**
 * Does something again until it needs no more memory than the time before. What a runtime keeps of the
 * first time, and when it gives it back, is its own; what grows with every time is a leak.
 * @throws when it grows every time
 */
export async function expectSteadyMemory(
  { pid }: Server,
  group: string,
  again: (time: number) => Promise<void>,
): Promise<void> {
  const figures: number[] = [];
  for (let time = 0; time < MAX_REPEATS; time += 1) {
    await again(time);
    const memoryMb = resourcesOf(pid)?.memoryMb;
    if (memoryMb === undefined) return;
    const last = figures.at(-1);
    figures.push(memoryMb);
    if (last === undefined || memoryMb > last * MAX_GROWTH) continue;
    console.log(`faults: ${group}, again and again: ${figures.join(" → ")} MB`);
    return;
  }
  throw new Error(`${group}: memory grows every time: ${figures.join(" → ")} MB`);
}

async function until(
  deadline: number,
  problem: string,
  isSo: () => Promise<boolean>,
): Promise<void> {
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(problem);
    await Bun.sleep(LOOK_EVERY_MS);
  }
}

async function hasNoneOpen(url: string): Promise<boolean> {
  const response = await fetch(`${url}/metrics`);
  const { values } = parseExposition(await response.text());
  const open = ["chatporch_turns_running", "chatporch_streams_open"].map((name) =>
    values.get(name),
  );
  return open.every((count) => count === 0);
}

async function isResting(pid: number): Promise<boolean> {
  const [usedMs, at] = [cpuMs(pid), performance.now()];
  await Bun.sleep(RESTING_WINDOW_MS);
  return cpuMs(pid) - usedMs < MAX_RESTING_SHARE * (performance.now() - at);
}
