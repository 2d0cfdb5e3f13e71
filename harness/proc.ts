import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

/** Figures about a process, from Linux's /proc. Each function throws when the process or /proc does not exist. */

/** User and system time of all threads so far: fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms. */
export function cpuMs(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

const TICK_MS = 10;

/** The fields of proc_pid_stat(5) from the third one on. */
function statFields(pid: number): readonly string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is a name in brackets and may contain spaces.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** As cpuMs, of a process and its children, those that have ended included. */
export function familyCpuMs(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  const alive = children.split(" ").filter((child) => child !== "");
  return alive.reduce(
    (sum, child) => sum + cpuMs(Number(child)),
    cpuMs(pid) + endedChildrenMs(pid),
  );
}

/** Fields 16 and 17: user and system time of the children that have ended. */
function endedChildrenMs(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

/**
 * How long the main thread was ready to run but had no processor, in milliseconds; undefined when the system
 * does not count it. The source is the second field of /proc/PID/schedstat (the kernel's sched-stats.rst).
 */
export function waitMs(pid: number): number | undefined {
  const path = `/proc/${pid}/schedstat`;
  if (!existsSync(path)) return undefined;
  return Number(readFileSync(path, "utf8").split(" ")[1]) / 1e6;
}

export function memoryBytes(pid: number): number {
  return statusBytes(pid, "VmRSS");
}

/** The most memory that the process had since the last resetPeak. */
export function peakMemoryBytes(pid: number): number {
  return statusBytes(pid, "VmHWM");
}

export function resetPeak(pid: number): void {
  // 5 resets the peak: proc_pid_clear_refs(5).
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** How many files the process has open, including sockets. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function statusBytes(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
  return Number(kilobytes ?? 0) * 1024;
}
