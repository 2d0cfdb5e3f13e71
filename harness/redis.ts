import { RedisClient } from "bun";

import { track } from "./children.ts";
import { freePort } from "./free-port.ts";
import { temporaryFolder } from "./process.ts";

/** A real Redis or Valkey, from Debian's packages, on a free port of this machine. */

const PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;
/** A test run that is killed must leave no server behind. */
const DYING_WITH_PARENT = Bun.which("setpriv") ? ["setpriv", "--pdeathsig", "KILL"] : [];
const program = Bun.which("redis-server", { PATH }) ?? Bun.which("valkey-server", { PATH });

/** False when tests with Redis must be skipped. With REQUIRE_REDIS=1 that is an error. */
export const hasRedis = program !== null;

if (!hasRedis) {
  const advice =
    "neither redis-server nor valkey-server found (Debian: apt-get install redis-server)";
  if (process.env.REQUIRE_REDIS === "1") throw new Error(`REQUIRE_REDIS=1, but ${advice}`);
  console.warn(`\nTests with Redis are SKIPPED, ${advice}\n`);
}

interface RedisOptions {
  /** Any free port by default. */
  readonly port?: number;
  /** Settings as on the command line: `["--requirepass", "x"]`. They are used at each start. */
  readonly settings?: readonly string[];
}

/** Starts a server that keeps nothing on disk, unless its settings say so. Resolves when it answers. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const server = new RedisServer(options.port ?? freePort(), options.settings ?? []);
  await server.start();
  return server;
}

export class RedisServer {
  readonly port: number;
  readonly #settings: readonly string[];
  readonly #folder = temporaryFolder();
  #child: Bun.Subprocess<"ignore", "pipe", "inherit"> | undefined;
  #admin: RedisClient | undefined;

  constructor(port: number, settings: readonly string[]) {
    this.port = port;
    this.#settings = settings;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get isRunning(): boolean {
    return this.#child?.exitCode === null;
  }

  get pid(): number {
    if (!this.#child) throw new Error("Redis is not running");
    return this.#child.pid;
  }

  /**
   * Starts it, again after a kill. Nothing is left of its data unless they were saved.
   * @param until what its log says when this resolves
   */
  async start(settings: readonly string[] = [], until = "Ready to accept connections") {
    const all = ["--bind", "127.0.0.1", "--port", `${this.port}`, "--dir", this.#folder];
    all.push("--save", "", "--appendonly", "no", "--enable-debug-command", "yes");
    all.push(...this.#settings);
    const child = track(
      Bun.spawn([...DYING_WITH_PARENT, program ?? "redis-server", ...all, ...settings], {
        env: { PATH },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "inherit",
      }),
    );
    this.#child = child;
    await logSays(child.stdout, until);
  }

  /** Sends a command on a connection that is kept, so that it also works when no new one is accepted. */
  async command(name: string, ...args: readonly string[]): Promise<unknown> {
    if (!this.#admin?.connected) {
      this.#admin?.close();
      this.#admin = new RedisClient(this.url, { autoReconnect: false });
    }
    return this.#admin.send(name, [...args]);
  }

  /** As if the machine had lost its power: no connection is closed in good order, nothing is saved. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.exited;
    this.#admin?.close();
    this.#admin = undefined;
  }

  /** Keeps its connections and answers nothing, until `resume`. */
  pause(): void {
    process.kill(this.pid, "SIGSTOP");
  }

  resume(): void {
    process.kill(this.pid, "SIGCONT");
  }

  async stop(): Promise<void> {
    await this.kill();
  }
}

/** Resolves when the log has the text. Goes on reading, so that a full pipe never blocks the server. */
function logSays(log: ReadableStream<Uint8Array>, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const read = async () => {
      const utf8 = new TextDecoder();
      let lines = "";
      for await (const bytes of log) {
        lines = (lines + utf8.decode(bytes, { stream: true })).slice(-10_000);
        if (lines.includes(text)) resolve();
      }
      reject(new Error(`Redis ended without “${text}”:\n${lines}`));
    };
    read().catch(reject);
  });
}
