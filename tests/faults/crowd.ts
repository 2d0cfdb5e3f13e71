import { join } from "node:path";

import { track } from "../../harness/children.ts";

/** What each client of a crowd does: it sends nothing, or a request whose headers or body never end. */
export type Behaviour = "idle" | "head" | "body";

/** Clients that never finish a request, in a process of their own, so that they do not slow the good ones. */
export interface Crowd {
  /** Resolves when the server has closed the last of their connections. */
  readonly closed: Promise<void>;
  /** Makes them all leave at once, as a killed process does. */
  leave(): Promise<void>;
}

const PROCESS = join(import.meta.dir, "crowd-process.ts");
/** Files that both sides may have open besides the connections. */
const OTHER_FILES = 200;

/** Resolves when they are all connected. */
export async function gather(url: string, count: number, behaviour: Behaviour): Promise<Crowd> {
  const { port } = new URL(url);
  const child = track(
    Bun.spawn([process.execPath, PROCESS, port, String(count), behaviour], {
      stdout: "pipe",
      stderr: "inherit",
    }),
  );
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  // A test may not wait for this promise.
  closed.promise.catch(() => {});

  async function listen(): Promise<void> {
    const utf8 = new TextDecoder();
    let output = "";
    for await (const bytes of child.stdout) {
      output += utf8.decode(bytes, { stream: true });
      if (output.includes("open\n")) opened.resolve();
      if (output.includes("open\nclosed\n")) closed.resolve();
    }
    const error = new Error(`The crowd has gone: ${output}`);
    opened.reject(error);
    closed.reject(error);
  }
  void listen();
  await opened.promise;
  return {
    closed: closed.promise,
    async leave() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/** True when the system allows a process so many connections; Bun raises the soft limit itself. */
export function canGather(count: number): boolean {
  const { stdout, success } = Bun.spawnSync(["sh", "-c", "ulimit -Hn"]);
  const limit = stdout.toString().trim();
  return success && (limit === "unlimited" || Number(limit) >= count + OTHER_FILES);
}
