import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

/** What Linux knows of a process, from /proc; each throws where there is no such process, or no /proc. */

/** User and system time of all its threads so far: fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field, a name in brackets, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/**
 * How long its main thread has stood ready without getting a processor; undefined where the system does not
 * count that. The second field of /proc/PID/schedstat, in nanoseconds (sched-stats.rst of the kernel).
 */
export function waitMs(pid: number): number | undefined {
  const path = `/proc/${pid}/schedstat`;
  if (!existsSync(path)) return undefined;
  return Number(readFileSync(path, "utf8").split(" ")[1]) / 1e6;
}

export function memoryBytes(pid: number): number {
  return statusBytes(pid, "VmRSS");
}

/** The most memory it had since the last resetPeak. */
export function peakMemoryBytes(pid: number): number {
  return statusBytes(pid, "VmHWM");
}

export function resetPeak(pid: number): void {
  // 5 resets the peak: proc_pid_clear_refs(5).
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** How many files, sockets included, it has open. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function statusBytes(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
  return Number(kilobytes ?? 0) * 1024;
}
