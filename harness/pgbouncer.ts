import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { SQL } from "bun";

import { track } from "./children.ts";
import { freePort } from "./free-port.ts";
import { temporaryFolder } from "./process.ts";

/** PgBouncer from Debian's package, in front of a PostgreSQL server of postgres.ts. */

const PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;
const program = Bun.which("pgbouncer", { PATH });

/** Whether this machine has PgBouncer. With REQUIRE_POSTGRES=1, it must have it. */
export const hasPgBouncer = program !== null;
if (!hasPgBouncer) {
  const hint = "PgBouncer is missing (apt-get install pgbouncer)";
  if (process.env.REQUIRE_POSTGRES === "1") throw new Error(`${hint}.`);
  console.warn(`${hint}: its tests are skipped.`);
}

interface PgBouncer {
  /** The URL that leads to the same database through the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a pooler in front of a database and resolves when it answers.
 * @param mode "transaction" lends a connection of the server for a transaction, "session" for a session
 */
export async function startPgBouncer(
  databaseUrl: string,
  mode: "transaction" | "session",
): Promise<PgBouncer> {
  const { hostname, port, pathname, username, password } = new URL(databaseUrl);
  const folder = temporaryFolder();
  const ownPort = freePort();
  writeFileSync(join(folder, "users.txt"), `"${username}" "${password}"\n`);
  const settings = join(folder, "pgbouncer.ini");
  writeFileSync(
    settings,
    `[databases]
${pathname.slice(1)} = host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ownPort}
unix_socket_dir =
auth_type = plain
auth_file = ${join(folder, "users.txt")}
pool_mode = ${mode}
default_pool_size = 20
`,
  );
  // It refuses to run as root, and "nobody" must be able to read the files.
  chmodSync(folder, 0o755);
  const isRoot = process.getuid?.() === 0;
  const command = [program ?? "pgbouncer", "-q", settings];
  const user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"];
  const child = track(
    Bun.spawn(isRoot ? [...user, ...command] : command, {
      env: { PATH },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "inherit",
    }),
  );
  const url = `postgres://${username}:${password}@127.0.0.1:${ownPort}${pathname}`;
  await answering(url, child);
  return {
    url,
    async stop() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

async function answering(url: string, child: Bun.Subprocess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error("PgBouncer ended");
    const sql = new SQL(url, { max: 1, prepare: false });
    try {
      return void (await sql.unsafe("SELECT 1"));
    } catch {
      // Not yet.
      await Bun.sleep(20);
    } finally {
      await sql.close({ timeout: 0 });
    }
  }
}
