import { parseExposition } from "../exposition.ts";
import { cpuMs, memoryBytes, openFiles } from "../proc.ts";
import type { RunningServer } from "../process.ts";

/** What a process holds, by the system's count. */
export interface Resources {
  readonly openFiles: number;
  readonly memoryMb: number;
}

const MB = 1024 * 1024;

type Server = Pick<RunningServer, "pid" | "url">;

/** How long closed connections and files may take to disappear. */
const SETTLING_MS = 15_000;
const LOOK_EVERY_MS = 20;
/** An idle server only runs a few timers. A server that spins uses a whole processor. */
const RESTING_WINDOW_MS = 300;
const MAX_RESTING_SHARE = 0.5;
/** A repetition may need this much more memory than the one before it. A leak needs more every time. */
const MAX_GROWTH = 1.1;
/** At first, the heap of a process grows for a few repetitions, until garbage is collected. */
const MAX_REPEATS = 12;

/** Undefined when the system does not provide the figures. */
export function resourcesOf(pid: number): Resources | undefined {
  try {
    return { openFiles: openFiles(pid), memoryMb: Math.round(memoryBytes(pid) / MB) };
  } catch {
    return undefined;
  }
}

/**
 * Waits until a server that gets no more requests is idle: no answer under way, no stream open, no more open
 * files than before (apart from connections that are kept for the next request), and hardly any CPU time.
 * @throws when that does not happen in time
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
 * Repeats something until the memory stops growing. A runtime may keep memory after the first times and
 * return it later. Memory that grows every time is a leak.
 * @throws when the memory grows every time
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
