import { readFileSync } from "node:fs";
import { basename, relative } from "node:path";

import type { NotifySocket } from "../runtime/service-manager.ts";

const NO_ENV_FILE = "--no-env-file";

export type Environment = Readonly<Record<string, string>>;

/** Whether this is the compiled binary. Otherwise bun runs the source. */
export function isCompiled(): boolean {
  return process.argv[1]?.startsWith("/$bunfs/") ?? false;
}

/** The words after the program's name. */
export function commandLine(): string[] {
  return process.argv.slice(2);
}

/**
 * The environment that this process was started with. Bun adds the lines of `.env` to process.env, so
 * `LD_PRELOAD`, `BUN_OPTIONS` or `HTTP_PROXY` in a file of the working directory would take effect in every
 * child process. The binary is built without this feature, and `bun start` turns it off (bunfig.toml). For
 * other starts from source, Linux still knows which variables were given.
 */
export function realEnvironment(): Environment {
  const given = process.execArgv.some((option) => option.includes("env-file"));
  const names = isCompiled() || given ? undefined : readGivenNames();
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (names === undefined || names.has(entry[0])),
  );
  return Object.fromEntries(entries);
}

/** Only names are needed, because a real value wins over the one in `.env`. */
function readGivenNames(): ReadonlySet<string> | undefined {
  try {
    const entries = readFileSync("/proc/self/environ", "utf8").split("\0");
    return new Set(entries.map((entry) => entry.slice(0, entry.indexOf("="))));
  } catch {
    // This system has no such file: only bunfig.toml and --no-env-file protect here.
    return undefined;
  }
}

/**
 * Restarts this process with the given environment, unless it already has it. The process id stays the same
 * (execve). No code may run with the variables that Bun took from `.env`.
 */
export function beginAnew(wanted: Environment): void {
  const isSame = Object.keys({ ...process.env, ...wanted }).every(
    (name) => process.env[name] === wanted[name],
  );
  if (isSame) return;
  // From source, argv begins with bun and this file. The binary needs neither.
  const options = isCompiled() ? process.execArgv : [...process.execArgv, NO_ENV_FILE];
  const args = isCompiled() ? process.argv.slice(2) : process.argv.slice(1);
  process.execve?.(process.execPath, [process.execPath, ...options, ...args], wanted);
}

/** The command line that runs a command of this program in another process. */
export function programWith(...words: readonly string[]): string[] {
  const program = isCompiled() ? [process.execPath] : [process.execPath, NO_ENV_FILE, Bun.main];
  return [...program, ...words];
}

/** What an owner types to start the server from the working directory. */
export function serverCommand(): string {
  if (!isCompiled()) return "bun start";
  const program = process.execPath;
  if (Bun.which(basename(program)) === program) return basename(program);
  const path = relative(".", program);
  return path.startsWith("../") ? program : `./${path}`;
}

/** Where systemd wants to hear of this server. Undefined where it does not, as without `Type=notify`. */
export function notifySocket(): NotifySocket | undefined {
  const { NOTIFY_SOCKET: address = "", WATCHDOG_USEC, WATCHDOG_PID } = process.env;
  // Other kinds of sockets are for virtual machines.
  if (!/^[/@]/.test(address)) return undefined;
  const isOurs = WATCHDOG_PID === undefined || WATCHDOG_PID === String(process.pid);
  const watchdogMs = isOurs ? Number(WATCHDOG_USEC) / 1000 : 0;
  return { address, watchdogMs: watchdogMs > 0 ? watchdogMs : undefined };
}

/**
 * Makes requests to the host bypass any proxy. Bun's fetch sends every request to the proxy that HTTP_PROXY
 * names, even one to this machine that carries the owner's key. `no_proxy` takes precedence over `NO_PROXY`.
 */
export function connectDirectly(host: string): void {
  const { no_proxy: lower, NO_PROXY: upper } = process.env;
  const hosts = [lower || upper, host].filter(Boolean).join(",");
  process.env.no_proxy = hosts;
  process.env.NO_PROXY = hosts;
}
