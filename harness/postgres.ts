import { chownSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { SQL } from "bun";

import { freePort } from "./free-port.ts";

/**
 * PostgreSQL from Debian's package, on a free port of 127.0.0.1 and in a temporary folder. It ends with the
 * process that has started it, even if that is killed.
 */

const PROGRAMS = newestPrograms();
/** PostgreSQL refuses to run as root. */
const USER = process.getuid?.() === 0 && PROGRAMS !== undefined ? "postgres" : undefined;

/** Whether this machine has PostgreSQL. With REQUIRE_POSTGRES=1, it must have it. */
export const hasPostgres = PROGRAMS !== undefined;
if (!hasPostgres) {
  const hint = "PostgreSQL is missing (apt-get install postgresql)";
  if (process.env.REQUIRE_POSTGRES === "1") throw new Error(`${hint}.`);
  console.warn(`${hint}: its tests are skipped.`);
}

type Settings = Readonly<Record<string, string | number>>;
type StopMode = "fast" | "immediate";

export interface PostgresServer {
  /** The process that all others of the server are children of. */
  readonly pid: number;
  readonly isRunning: boolean;
  readonly port: number;
  /** The folder of its unix socket, where every user may connect without a password. */
  readonly socketFolder: string;
  /** The URL of a new database, which is a copy of another one, or empty. Its owner is no superuser. */
  createDatabase(templateUrl?: string): Promise<string>;
  /** The same database for the superuser, who may also take the connections that are kept for one. */
  asSuperuser(url: string): string;
  /** "fast" rolls back what is open; "immediate" is like a crash. Resolves when the server has ended. */
  stop(mode?: StopMode): Promise<void>;
  /** Resolves when the server answers. */
  start(): Promise<void>;
  restart(mode: StopMode): Promise<void>;
  /** All of its processes are silent, as behind a broken network, until `thaw`. */
  freeze(): void;
  thaw(): void;
}

let shared: Promise<PostgresServer> | undefined;

/** One server for all tests of this process that only need a database. Nobody stops it. */
export function sharedPostgres(): Promise<PostgresServer> {
  shared ??= startPostgres({ max_connections: 400 });
  return shared;
}

/**
 * Starts a server for a test that stops or freezes it. Stop it afterwards.
 * @param settings of postgresql.conf. By default, it never waits for the disk (fsync = off).
 */
export async function startPostgres(settings: Settings = {}): Promise<PostgresServer> {
  const folder = ownFolder();
  runToEnd("cp", ["-a", clusterTemplate(), join(folder, "data")]);
  const port = freePort();
  const fixed = { listen_addresses: "127.0.0.1", port, unix_socket_directories: folder };
  const command = serverCommand(folder, { fsync: "off", ...settings, ...fixed });
  const admin = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  let child = run(command, folder);
  let databases = 0;

  async function answering(): Promise<void> {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended:\n${logOf(folder)}`);
      try {
        return await query(admin, "SELECT 1");
      } catch {
        // Not yet: it starts, or recovers from a crash.
        await Bun.sleep(20);
      }
    }
  }

  const server: PostgresServer = {
    get pid() {
      return child.pid;
    },
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    port,
    socketFolder: folder,
    async createDatabase(templateUrl) {
      databases += 1;
      const name = `test_${databases}`;
      const template = templateUrl ? new URL(templateUrl).pathname.slice(1) : "template0";
      await query(admin, `CREATE DATABASE ${name} OWNER chatporch TEMPLATE ${template}`);
      return `postgres://chatporch:chatporch@127.0.0.1:${port}/${name}`;
    },
    asSuperuser: (url) => url.replace("//chatporch:chatporch@", "//postgres:postgres@"),
    async stop(mode = "immediate") {
      child.kill(mode === "fast" ? "SIGINT" : "SIGQUIT");
      await child.exited;
    },
    async start() {
      child = run(command, folder);
      await answering();
    },
    async restart(mode) {
      await server.stop(mode);
      await server.start();
    },
    freeze: () => signalAll(child.pid, "SIGSTOP"),
    thaw: () => signalAll(child.pid, "SIGCONT"),
  };
  await answering();
  return server;
}

let template: string | undefined;

/** The files of a server with the role of the tests. Made once for this process. */
function clusterTemplate(): string {
  if (template !== undefined) return template;
  const data = join(ownFolder(), "data");
  const login = ["-U", "postgres", "--auth-local=trust", "--auth-host=scram-sha-256"];
  const initdb = ["-D", data, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", ...login];
  runToEnd(program("initdb"), initdb);
  const roles =
    "ALTER ROLE postgres PASSWORD 'postgres';\nCREATE ROLE chatporch LOGIN PASSWORD 'chatporch';\n";
  runToEnd(program("postgres"), ["--single", "-F", "-D", data, "postgres"], roles);
  template = data;
  return data;
}

function serverCommand(folder: string, settings: Settings): readonly string[] {
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  // SIGQUIT when this process ends, however it ends.
  return [
    ...asUser("--pdeathsig=QUIT"),
    program("postgres"),
    "-D",
    join(folder, "data"),
    ...options,
  ];
}

function run(command: readonly string[], folder: string): Bun.Subprocess {
  const stderr = openSync(join(folder, "log"), "a");
  const child = Bun.spawn([...command], { cwd: "/", stdin: "ignore", stdout: "ignore", stderr });
  child.unref();
  return child;
}

function logOf(folder: string): string {
  return readFileSync(join(folder, "log"), "utf8");
}

/** The server's first process and its children. */
function signalAll(pid: number, signal: NodeJS.Signals): void {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  for (const each of [pid, ...children.split(" ").filter(Boolean).map(Number)]) {
    process.kill(each, signal);
  }
}

function runToEnd(name: string, args: readonly string[], input = ""): void {
  const command = [...asUser(), name, ...args];
  const stdin = Buffer.from(input);
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd: "/", stdin });
  if (exitCode !== 0) throw new Error(`${name} failed:\n${stdout}${stderr}`);
}

async function query(url: string, text: string): Promise<void> {
  const sql = new SQL(url, { max: 1 });
  try {
    await sql.unsafe(text);
  } finally {
    await sql.close({ timeout: 0 });
  }
}

function asUser(...options: readonly string[]): readonly string[] {
  const user = USER === undefined ? [] : [`--reuid=${USER}`, `--regid=${USER}`, "--clear-groups"];
  return ["setpriv", ...user, ...options, "--"];
}

/** A folder of the server's user. It is removed when this process ends, which a test runner does not announce. */
function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "chatporch-postgres-"));
  if (USER !== undefined) chownSync(folder, idOf("-u"), idOf("-g"));
  const remove = `while [ -d /proc/$1 ]; do sleep 0.5; done
    until rm -rf "$0" 2>/dev/null; do sleep 0.1; done`;
  // It is no child of this process: after a test that took too long, Bun kills all of those.
  const command = ["setsid", "--fork", "sh", "-c", remove, folder, String(process.pid)];
  Bun.spawnSync(command, { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  return folder;
}

function idOf(option: "-u" | "-g"): number {
  return Number(Bun.spawnSync(["id", option, USER ?? ""]).stdout.toString());
}

function program(name: string): string {
  return join(PROGRAMS ?? "", name);
}

/** The folder of the newest server's programs. Debian does not put them on the PATH. */
function newestPrograms(): string | undefined {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root).toSorted((a, b) => Number(b) - Number(a));
  return versions.map((v) => join(root, v, "bin")).find((bin) => existsSync(join(bin, "postgres")));
}
