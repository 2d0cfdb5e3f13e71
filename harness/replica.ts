import { freePort } from "./free-port.ts";
import { type RunningServer, type Settings, startChatporch, temporaryFolder } from "./process.ts";
import type { TcpProxy } from "./tcp-proxy.ts";

interface ReplicaOptions {
  readonly environment: Settings;
  readonly program: readonly string[] | undefined;
  readonly toPostgres: TcpProxy;
  readonly toRedis: TcpProxy;
}

/** A chatporch that always listens on the same port, however often it is started again. */
export class Replica {
  readonly name: string;
  readonly port = freePort();
  readonly url = `http://127.0.0.1:${this.port}`;
  /** Its way to the database. */
  readonly toPostgres: TcpProxy;
  /** Its way to the bus. */
  readonly toRedis: TcpProxy;
  readonly #options: ReplicaOptions;
  readonly #folder = temporaryFolder();
  #server: RunningServer | undefined;

  constructor(name: string, options: ReplicaOptions) {
    this.name = name;
    this.toPostgres = options.toPostgres;
    this.toRedis = options.toRedis;
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#server !== undefined;
  }

  get pid(): number {
    return this.#running().pid;
  }

  /** What it has logged since its last start. */
  log(): string {
    const { stdout, stderr } = this.#running();
    return stdout.text() + stderr.text();
  }

  /** Resolves when it listens. Other settings hold until the next start. */
  async start(settings: Settings = {}): Promise<void> {
    const { environment, program } = this.#options;
    const all = { ...environment, PORT: `${this.port}`, ...settings };
    this.#server = await (program
      ? startChatporch(all, this.#folder, [], program)
      : startChatporch(all, this.#folder));
  }

  /** Resolves when it answers 200 to /ready. */
  async ready(): Promise<void> {
    while (!(await isReady(this.url))) await Bun.sleep(LOOK_EVERY_MS);
  }

  /** Ends it as a loss of power does. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Ends it in good order. Resolves with its exit code. */
  stop(): Promise<number> {
    return this.#end("SIGTERM");
  }

  /** Keeps its connections and does nothing, until `resume`. */
  pause(): void {
    process.kill(this.pid, "SIGSTOP");
  }

  resume(): void {
    process.kill(this.pid, "SIGCONT");
  }

  /** Starts it if it does not run, and mends its ways to the servers. */
  async heal(): Promise<void> {
    if (this.#server) this.resume();
    await Promise.all([this.toPostgres.heal(), this.toRedis.heal()]);
    if (!this.#server) await this.start();
  }

  /** Ends it for good. */
  async end(): Promise<void> {
    if (this.#server) await this.kill();
    this.toPostgres.stop();
    this.toRedis.stop();
  }

  async #end(signal: NodeJS.Signals): Promise<number> {
    const server = this.#running();
    this.#server = undefined;
    return server.stop(signal);
  }

  #running(): RunningServer {
    if (!this.#server) throw new Error(`${this.name} does not run.`);
    return this.#server;
  }
}

const LOOK_EVERY_MS = 20;
/** A frozen replica accepts connections and never answers. */
const READY_TIMEOUT_MS = 2000;

async function isReady(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(READY_TIMEOUT_MS);
    const response = await fetch(`${url}/ready`, { signal });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // It starts, or is cut off.
    return false;
  }
}
