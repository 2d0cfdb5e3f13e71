import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { killAll, track } from "./children.ts";

/**
 * Environment variables of the child, which gets nothing from this process's environment. The binary gets
 * NODE_ENV=development by default; a test that needs a production server sets NODE_ENV to undefined.
 */
export type Settings = Readonly<Record<string, string | undefined>>;

/** One output of a process. */
export interface Output {
  readonly text: () => string;
  /** Resolves with the match, or rejects when the process ends without it. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

/** A process of chatporch. */
interface ChildProcess {
  readonly pid: number;
  /** The working directory, with `.env` and `data/`. Nothing else uses it. */
  readonly folder: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Resolves with the exit code. A signal counts as 128 plus its number. */
  readonly exited: Promise<number>;
  kill(signal: NodeJS.Signals): void;
}

export interface RunningServer extends ChildProcess {
  readonly url: string;
  /** Sends the signal and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number>;
}

export interface FinishedProcess {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MAIN = resolve(import.meta.dir, "../src/main.ts");

export const SOURCE: readonly string[] = [process.execPath, MAIN];

/** The program to start: the source or, with CHATPORCH_BINARY, the compiled binary. */
export function defaultProgram(): readonly string[] {
  const binary = process.env.CHATPORCH_BINARY;
  return binary ? [resolve(binary)] : SOURCE;
}

/** The source runs as a development server by default, and there a NODE_ENV in `.env` must take effect. */
function defaultEnvironment(program: readonly string[]): string | undefined {
  return program.includes(MAIN) ? undefined : "development";
}

/** The environment of a child, which gets nothing from this process's. */
export function environmentOf(
  program: readonly string[],
  settings: Settings,
  folder: string,
): Record<string, string | undefined> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    NODE_ENV: defaultEnvironment(program),
    ...settings,
  };
}

const folders = new Set<string>();

/** A folder that cleanUp removes. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "chatporch-e2e-"));
  folders.add(folder);
  return folder;
}

/** Starts a server on a free port. Resolves when it listens; rejects when it ends before that. */
export async function startChatporch(
  settings: Settings = {},
  folder = temporaryFolder(),
  under: readonly string[] = [],
  program = defaultProgram(),
): Promise<RunningServer> {
  const child = spawnChatporch([], { PORT: "0", ...settings }, folder, under, program);
  const [, url = ""] = await child.stderr.until(/listening +(http:\/\/\S+)\n/);
  return {
    ...child,
    url,
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return child.exited;
    },
  };
}

/** Runs a command of chatporch to its end. */
export async function runChatporch(
  args: readonly string[],
  settings: Settings = {},
  folder = temporaryFolder(),
  under: readonly string[] = [],
  program = defaultProgram(),
): Promise<FinishedProcess> {
  const child = spawnChatporch(args, settings, folder, under, program);
  const exitCode = await child.exited;
  return { exitCode, stdout: child.stdout.text(), stderr: child.stderr.text() };
}

/** Starts chatporch. `program` is the command to run. `under` is a command in front of it, such as `nice`. */
export function spawnChatporch(
  args: readonly string[],
  settings: Settings,
  folder: string,
  under: readonly string[] = [],
  program = defaultProgram(),
): ChildProcess {
  const child = track(
    Bun.spawn([...under, ...program, ...args], {
      cwd: folder,
      env: environmentOf(program, settings, folder),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    }),
  );
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  return {
    pid: child.pid,
    folder,
    stdout,
    stderr,
    // Resolves only when all of the output has been read.
    exited: Promise.all([child.exited, stdout.ended, stderr.ended]).then(([code]) => code),
    kill: (signal) => child.kill(signal),
  };
}

/** Kills every process that a test has started and removes its folders. For afterEach. */
export async function cleanUp(): Promise<void> {
  await killAll();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** Reads continuously, so that a full pipe never blocks the process. */
function collect(stream: ReadableStream<Uint8Array>): Output & { readonly ended: Promise<void> } {
  const waiting = new Set<() => void>();
  let text = "";
  let hasEnded = false;

  async function read(): Promise<void> {
    const utf8 = new TextDecoder();
    for await (const bytes of stream) {
      text += utf8.decode(bytes, { stream: true });
      for (const wake of waiting) wake();
    }
    hasEnded = true;
    for (const wake of waiting) wake();
  }

  return {
    ended: read(),
    text: () => text,
    until(pattern) {
      return new Promise((resolveMatch, reject) => {
        function look(): void {
          const match = pattern.exec(text);
          if (!match && !hasEnded) return;
          waiting.delete(look);
          if (match) resolveMatch(match);
          else reject(new Error(`The process ended without ${pattern}:\n${text}`));
        }
        waiting.add(look);
        look();
      });
    },
  };
}
