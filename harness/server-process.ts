import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Subprocess } from "bun";

import * as children from "./children.ts";
import { cpuMs, familyCpuMs, memoryBytes, peakMemoryBytes, resetPeak, waitMs } from "./proc.ts";

/**
 * A server that the bench has started, and the system's figures about it. It can be any program. Tests start
 * chatporch with process.ts instead, which reads the output as it comes; during a measurement that would
 * cost processor time.
 */
export interface ServerProcess {
  readonly name: string;
  readonly url: string;
  /** Milliseconds from the start of the process to its first 200. */
  readonly startMs: number;
  /** User and system time of all threads so far, in milliseconds. */
  cpuMs(): number;
  /** As cpuMs, with the processes that it has started. */
  familyCpuMs(): number;
  /**
   * How long the main thread was ready to run but had no processor, in milliseconds; undefined when the
   * system does not count it.
   */
  waitMs(): number | undefined;
  memoryBytes(): number;
  /** The most memory that the server had since the last resetPeak. */
  peakMemoryBytes(): number;
  resetPeak(): void;
  /** Rejects when the process ends without having been stopped. */
  readonly died: Promise<never>;
  stop(): Promise<void>;
  /** Ends it as a loss of power does. */
  kill(): Promise<void>;
}

interface ServerOptions {
  readonly name: string;
  /** The command for a server that listens on the port. */
  readonly command: (port: number) => readonly string[];
  readonly env?: (port: number) => Readonly<Record<string, string>>;
  /** The working directory. The server's output is written to a log file in it. */
  readonly folder: string;
  /** Undefined: any free port. */
  readonly port?: number | undefined;
  /** The path that returns 200 as soon as the server is ready. */
  readonly readyPath?: string;
}

/** An error that ends the bench or the soak. Its message is a sentence for people, without a stack. */
export class BenchError extends Error {}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 3000;
/** How much of a dead process's output is shown. */
const SHOWN_CHARACTERS = 1000;

let isClosed = false;

/** Every process of the bench is started here. */
function track<Child extends Subprocess>(start: () => Child): Child {
  if (isClosed) throw new BenchError("The bench is ending.");
  return children.track(start());
}

/**
 * Runs a command to its end and resolves with its output.
 * @throws BenchError when it cannot be run or fails
 */
export async function runCommand(
  name: string,
  command: readonly string[],
  folder: string,
): Promise<string> {
  if (!Bun.which(command[0] ?? "")) throw new BenchError(`${name}: there is no ${command[0]}.`);
  const child = track(() =>
    Bun.spawn([...command], { cwd: folder, stdin: "ignore", stdout: "pipe", stderr: "pipe" }),
  );
  const outputs = [child.stdout, child.stderr].map((output) => new Response(output).text());
  const [stdout = "", stderr = ""] = await Promise.all(outputs);
  const code = await child.exited;
  // Commands write what is wrong first, and details after it.
  const said = stderr.slice(0, SHOWN_CHARACTERS).trim();
  if (code !== 0) throw new BenchError(`${name} ended with ${code}. It said:\n${said}`);
  return stdout;
}

/**
 * Starts a server on loopback and resolves with its first 200.
 * @throws BenchError when the port is in use, or the process ends or never answers
 */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const { name, folder, readyPath = "/health" } = options;
  const port = takePort(options.port);
  const logPath = join(folder, `${name.replaceAll(/\W+/g, "-")}-${port}.log`);
  const log = Bun.file(logPath);
  await Bun.write(log, "");

  const startedAt = performance.now();
  const child = track(() =>
    Bun.spawn([...options.command(port)], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? "", HOME: folder, ...options.env?.(port) },
      stdin: "ignore",
      stdout: log,
      stderr: log,
    }),
  );
  let isStopping = false;
  const died = child.exited.then((code) => {
    // It was stopped on purpose, which is not an error.
    if (isStopping) return new Promise<never>(() => {});
    const said = readFileSync(logPath, "utf8").slice(-SHOWN_CHARACTERS).trim();
    throw new BenchError(`${name} ended with ${code}. It said:\n${said}`);
  });
  // Callers race their work against `died`. When nobody does, its rejection must not end the process.
  died.catch(() => {});

  const url = `http://127.0.0.1:${port}`;
  await Promise.race([untilReady(name, `${url}${readyPath}`), died]);
  const startMs = performance.now() - startedAt;
  return {
    name,
    url,
    startMs,
    cpuMs: () => cpuMs(child.pid),
    familyCpuMs: () => familyCpuMs(child.pid),
    waitMs: () => waitMs(child.pid),
    memoryBytes: () => memoryBytes(child.pid),
    peakMemoryBytes: () => peakMemoryBytes(child.pid),
    resetPeak: () => resetPeak(child.pid),
    died,
    async stop() {
      isStopping = true;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await child.exited;
      clearTimeout(timer);
    },
    async kill() {
      isStopping = true;
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/** Kills every process that is still running. No process can be started after that. */
export async function killAll(): Promise<void> {
  isClosed = true;
  await children.killAll();
}

/** Resolves when a signal asks this process to end, with the exit code that a shell gives to the signal. */
export function untilInterrupted(): Promise<number> {
  const { promise, resolve: end } = Promise.withResolvers<number>();
  process.on("SIGHUP", () => end(129));
  process.on("SIGINT", () => end(130));
  process.on("SIGTERM", () => end(143));
  return promise;
}

/** The port, or a free one. Throws when it is in use, because the other server would answer instead of ours. */
function takePort(wanted = 0): number {
  try {
    const listener = Bun.listen({ hostname: "127.0.0.1", port: wanted, socket: { data() {} } });
    const { port } = listener;
    listener.stop(true);
    return port;
  } catch (cause) {
    throw new BenchError(`Port ${wanted} cannot be taken: is it in use?`, { cause });
  }
}

async function untilReady(name: string, url: string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const response = await fetch(url).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await Bun.sleep(1);
  }
  throw new BenchError(`${name} did not answer within ${START_TIMEOUT_MS / 1000} s.`);
}
