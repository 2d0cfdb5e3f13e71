import { readFileSync } from "node:fs";

const NO_ENV_FILE = "--no-env-file";

export type Environment = Readonly<Record<string, string>>;

/** Whether this is the compiled binary, and not bun with the source. */
export function isCompiled(): boolean {
  return process.argv[1]?.startsWith("/$bunfs/") ?? false;
}

/** What the person wrote behind the program's name. */
export function commandLine(): string[] {
  return process.argv.slice(2);
}

/**
 * The environment that this process was given. Bun mixes the lines of `.env` into its own: `LD_PRELOAD`,
 * `BUN_OPTIONS` or `HTTP_PROXY` in a file of the working directory would become real for every process
 * that is started with it. The binary is built without that; from source, `bun start` turns it off
 * (bunfig.toml), and for other starts the system still knows what was given (Linux).
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

/** The names, since a real value wins over the one in a file. */
function readGivenNames(): ReadonlySet<string> | undefined {
  try {
    const entries = readFileSync("/proc/self/environ", "utf8").split("\0");
    return new Set(entries.map((entry) => entry.slice(0, entry.indexOf("="))));
  } catch {
    // No such file on this system: bunfig.toml and --no-env-file have to do.
    return undefined;
  }
}

/**
 * Replaces this process by one with this environment, unless it has it already, and keeps its id (execve):
 * nothing may run with what `.env` holds.
 */
export function beginAnew(wanted: Environment): void {
  const isSame = Object.keys({ ...process.env, ...wanted }).every(
    (name) => process.env[name] === wanted[name],
  );
  if (isSame) return;
  // From source, argv begins with bun and this file; the binary knows itself what to run.
  const options = isCompiled() ? process.execArgv : [...process.execArgv, NO_ENV_FILE];
  const args = isCompiled() ? process.argv.slice(2) : process.argv.slice(1);
  process.execve?.(process.execPath, [process.execPath, ...options, ...args], wanted);
}

/** What runs a command of this program in another process. */
export function programWith(...words: readonly string[]): string[] {
  const program = isCompiled() ? [process.execPath] : [process.execPath, NO_ENV_FILE, Bun.main];
  return [...program, ...words];
}

/**
 * Bun's fetch sends everything to the proxy that HTTP_PROXY and the like name, requests to this machine with the
 * owner's key too. The lower-case name hides the other one.
 */
export function connectDirectly(host: string): void {
  const { no_proxy: lower, NO_PROXY: upper } = process.env;
  const hosts = [lower || upper, host].filter(Boolean).join(",");
  process.env.no_proxy = hosts;
  process.env.NO_PROXY = hosts;
}
