import { readFileSync } from "node:fs";

/** Bun's fetch runs 256 requests at once unless this says more. */
const FETCH_LIMIT = { BUN_CONFIG_MAX_HTTP_REQUESTS: "65535" };
/**
 * With a thread for each processor, the garbage collector takes all of a small machine: under 2000 streams
 * everybody waits for 40 to 70 ms, every few seconds; with one thread for 10 to 20. Only the binary
 * brings the Bun that is known to have this setting: another one that does not know it would not start.
 */
const ONE_GC_THREAD = { BUN_JSC_numberOfGCMarkers: "1" };

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
 * Replaces this process once, if it has to begin with another environment, and keeps its id (execve): a
 * server needs settings that Bun reads only as it starts, and nothing may run with what `.env` holds.
 */
export function beginAnew({ isServer }: { readonly isServer: boolean }): void {
  const runtime = isCompiled() ? { ...FETCH_LIMIT, ...ONE_GC_THREAD } : FETCH_LIMIT;
  const wanted: Environment = { ...(isServer ? runtime : {}), ...realEnvironment() };
  const isSame = Object.keys({ ...process.env, ...wanted }).every(
    (name) => process.env[name] === wanted[name],
  );
  if (isSame) return;
  // From source, argv begins with bun and this file; the binary knows itself what to run.
  const options = isCompiled() ? process.execArgv : [...process.execArgv, NO_ENV_FILE];
  const args = isCompiled() ? process.argv.slice(2) : process.argv.slice(1);
  process.execve?.(process.execPath, [process.execPath, ...options, ...args], wanted);
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
