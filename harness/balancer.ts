import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { track } from "./children.ts";
import { freePort, listening } from "./free-port.ts";
import { temporaryFolder } from "./process.ts";

/**
 * A balancer in front of replicas, from Debian's packages, with the file of deploy/ that the documentation
 * has for owners. Only addresses and ports are changed.
 */

export type BalancerName = "haproxy" | "nginx";

export const BALANCER_NAMES: readonly BalancerName[] = ["haproxy", "nginx"];

interface BalancerKind {
  readonly file: string;
  /** What `bind :80` is in its language. */
  readonly listen: (address: string) => readonly [documented: string, here: string];
  readonly around: (site: string, folder: string) => string;
  readonly args: (configFile: string, folder: string) => readonly string[];
}

const KINDS: Readonly<Record<BalancerName, BalancerKind>> = {
  haproxy: {
    file: "haproxy.cfg",
    listen: (address) => ["bind :80", `bind ${address}`],
    around: (site) => site,
    args: (configFile) => ["-db", "-f", configFile],
  },
  nginx: {
    file: "nginx-replicas.conf",
    listen: (address) => ["listen 80;", `listen ${address};`],
    around: aroundNginx,
    args: (configFile, folder) => ["-p", folder, "-e", "stderr", "-c", configFile],
  },
};

const PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;
const DEPLOY = resolve(import.meta.dir, "../deploy");

/** Whether this machine has the balancer. Its absence is an error with REQUIRE_PROXIES=1. */
export function hasBalancer(name: BalancerName): boolean {
  return Bun.which(name, { PATH }) !== null;
}

export interface Balancer {
  readonly name: BalancerName;
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a balancer in front of replicas that listen on the ports of 127.0.0.1. Resolves when it listens. */
export async function startBalancer(
  name: BalancerName,
  replicaPorts: readonly number[],
): Promise<Balancer> {
  const kind = KINDS[name];
  const folder = temporaryFolder();
  const port = freePort();
  const configFile = join(folder, kind.file);
  mkdirSync(join(folder, "work"));
  writeFileSync(configFile, kind.around(siteHere(kind, `127.0.0.1:${port}`, replicaPorts), folder));
  const child = track(
    Bun.spawn([Bun.which(name, { PATH }) ?? name, ...kind.args(configFile, folder)], {
      env: { PATH, HOME: folder },
      stdin: "ignore",
      stdout: Bun.file(join(folder, "stdout")),
      stderr: Bun.file(join(folder, "stderr")),
    }),
  );
  await listening(port, async () => {
    if (child.exitCode === null) return;
    throw new Error(`${name} did not start:\n${readFileSync(join(folder, "stderr"), "utf8")}`);
  });
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/** The documented file with the addresses of this machine, and without the replicas that do not exist. */
function siteHere(kind: BalancerKind, address: string, replicaPorts: readonly number[]): string {
  const [documented, here] = kind.listen(address);
  const text = readFileSync(join(DEPLOY, kind.file), "utf8");
  if (!text.includes(documented)) throw new Error(`${kind.file} has no "${documented}".`);
  return text
    .replace(documented, here)
    .split("\n")
    .flatMap((line) => {
      const [documentedReplica, number] = /chatporch-(\d+):4000/.exec(line) ?? [];
      if (documentedReplica === undefined) return line;
      const replicaPort = replicaPorts[Number(number) - 1];
      if (replicaPort === undefined) return [];
      return line.replace(documentedReplica, `127.0.0.1:${replicaPort}`);
    })
    .join("\n");
}

/** The file is one for conf.d, which nginx.conf includes. */
function aroundNginx(site: string, folder: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `${process.getuid?.() === 0 ? "user root;" : ""}
daemon off;
# One process: a worker would outlive a master that is killed.
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/work/${name};`).join("\n  ")}
  ${site}
}
`;
}
