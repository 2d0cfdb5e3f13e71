import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { track } from "../../harness/children.ts";
import { freePort, listening } from "../../harness/free-port.ts";
import { temporaryFolder } from "../../harness/process.ts";

/** Real proxies, from Debian's packages, on a free port of this machine and in front of a server there. */

export type ProxyName = "nginx" | "Caddy" | "HAProxy" | "Apache" | "lighttpd" | "Varnish";

/** The places of a proxy that runs. */
export interface Place {
  /** A folder for the proxy's files while it runs. */
  readonly folder: string;
  /** The port on 127.0.0.1 where the proxy has to listen. */
  readonly port: number;
}

interface ProxyKind {
  /** The language of its code block in docs/running.md. */
  readonly fence: string;
  readonly program: string;
  readonly debianPackage: string;
  /** Makes the whole configuration around a site's part. */
  readonly around: (site: string, place: Place) => string;
  readonly args: (configFile: string, place: Place) => readonly string[];
}

const PROXIES: Readonly<Record<ProxyName, ProxyKind>> = {
  nginx: {
    fence: "nginx",
    program: "nginx",
    debianPackage: "nginx-light",
    around: (site, { folder }) => `${process.getuid?.() === 0 ? "user root;" : ""}
daemon off;
# One process: a worker would outlive a master that is killed.
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join("\n  ")}
  ${site}
}
`,
    args: (configFile, { folder }) => ["-p", folder, "-e", "stderr", "-c", configFile],
  },
  Caddy: {
    fence: "caddy",
    program: "caddy",
    debianPackage: "caddy",
    around: (site) => `{\n  admin off\n  auto_https off\n}\n${site}`,
    args: (configFile) => ["run", "--adapter", "caddyfile", "--config", configFile],
  },
  HAProxy: {
    fence: "haproxy",
    program: "haproxy",
    debianPackage: "haproxy",
    around: (site) => `global\n  maxconn 100\n${site}`,
    args: (configFile) => ["-db", "-f", configFile],
  },
  Apache: {
    fence: "apache",
    program: "apache2",
    debianPackage: "apache2-bin",
    around: (site, { folder, port }) => `ServerRoot ${folder}
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
Mutex pthread
ErrorLog ${folder}/error.log
Listen 127.0.0.1:${port}
ServerName chat.example.com
${["mpm_event", "authz_core", "proxy", "proxy_http"]
  .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
  .join("\n")}
User nobody
Group nogroup
<VirtualHost *:${port}>
${site}
</VirtualHost>
`,
    args: (configFile) => ["-D", "FOREGROUND", "-f", configFile],
  },
  lighttpd: {
    fence: "lighttpd",
    program: "lighttpd",
    debianPackage: "lighttpd",
    around: (site, { folder, port }) => `server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${folder}"
server.upload-dirs = ( "${folder}" )
${site}`,
    args: (configFile) => ["-D", "-f", configFile],
  },
  Varnish: {
    fence: "vcl",
    program: "varnishd",
    debianPackage: "varnish",
    around: (site) => site,
    args: (configFile, { folder, port }) =>
      `-F -j none -n ${folder}/work -s malloc,16m -a 127.0.0.1:${port} -f ${configFile}`.split(" "),
  },
};

const PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;

function programOf(name: ProxyName): string | null {
  return Bun.which(PROXIES[name].program, { PATH });
}

export const PROXY_NAMES: readonly ProxyName[] = [
  "nginx",
  "Caddy",
  "HAProxy",
  "Apache",
  "lighttpd",
  "Varnish",
];

/** False when tests with this proxy must be skipped. With REQUIRE_PROXIES=1 that is an error. */
export function hasProxy(name: ProxyName): boolean {
  return programOf(name) !== null;
}

const isRequired = (name: ProxyName) =>
  process.env.REQUIRE_PROXIES === "1" || (name === "nginx" && process.env.REQUIRE_NGINX === "1");

/** Printed once by a test file that needs the proxies. */
export function sayWhichAreMissing(names: readonly ProxyName[]): void {
  const missing = names.filter((name) => !hasProxy(name));
  if (missing.length === 0) return;
  const packages = missing.map((name) => PROXIES[name].debianPackage).join(" ");
  const advice = `not found: ${missing.join(", ")} (Debian: apt-get install ${packages})`;
  if (missing.some(isRequired)) throw new Error(`REQUIRE_PROXIES=1, but ${advice}`);
  console.warn(`\nTests with these proxies are SKIPPED, ${advice}\n`);
}

export interface RunningProxy {
  readonly url: string;
  stop(): Promise<void>;
}

interface ProxyOptions {
  readonly scheme?: "http" | "https";
  /** The port; any free one by default. */
  readonly port?: number;
}

/** Starts a proxy with a site in its own configuration language. Resolves when it listens. */
export async function startProxy(
  name: ProxyName,
  site: (place: Place) => string,
  { scheme = "http", port = freePort() }: ProxyOptions = {},
): Promise<RunningProxy> {
  const kind = PROXIES[name];
  const place = { folder: temporaryFolder(), port };
  mkdirSync(join(place.folder, "work"));
  const configFile = join(place.folder, "config");
  writeFileSync(configFile, kind.around(site(place), place));
  const child = track(
    Bun.spawn([programOf(name) ?? kind.program, ...kind.args(configFile, place)], {
      env: { PATH, HOME: place.folder },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    }),
  );
  const words = Promise.all([child.stdout, child.stderr].map((from) => new Response(from).text()));
  await listening(place.port, async () => {
    if (child.exitCode !== null) {
      throw new Error(`${name} did not start:\n${(await words).join("\n")}`);
    }
  });
  return {
    url: `${scheme}://127.0.0.1:${place.port}`,
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

const DOCUMENT = resolve(import.meta.dir, "../../docs/running.md");

/** The site of docs/running.md, changed to run on this machine, without TLS and in front of the server. */
export async function documentedSite(name: ProxyName, server: string) {
  const { fence } = PROXIES[name];
  const pattern = new RegExp(`^\`\`\`${fence}\\n([^]*?)^\`\`\`$`, "m");
  const [, snippet] = pattern.exec(await Bun.file(DOCUMENT).text()) ?? [];
  if (snippet === undefined) throw new Error(`docs/running.md has no snippet for ${name}`);
  return ({ port }: Place) =>
    onThisMachine(name, port, new URL(server).port).reduce((site, [documented, here]) => {
      if (!site.includes(documented)) throw new Error(`${name}: no ${documented} in ${site}`);
      return site.replace(documented, here);
    }, snippet);
}

/** The parts of a snippet that a test has to change: addresses, ports and certificates. */
function onThisMachine(name: ProxyName, port: number, serverPort: string): [string, string][] {
  const server: [string, string] = ["127.0.0.1:4000", `127.0.0.1:${serverPort}`];
  const certificate = "/etc/letsencrypt/live/chat.example.com";
  switch (name) {
    case "nginx":
      return [
        server,
        ["listen 443 ssl;", `listen 127.0.0.1:${port};`],
        ["server_name chat.example.com;", ""],
        [`ssl_certificate     ${certificate}/fullchain.pem;`, ""],
        [`ssl_certificate_key ${certificate}/privkey.pem;`, ""],
      ];
    case "Caddy":
      return [server, ["chat.example.com", `http://127.0.0.1:${port}`]];
    case "HAProxy":
      return [
        server,
        ["bind :443 ssl crt /etc/haproxy/chat.example.com.pem", `bind 127.0.0.1:${port}`],
      ];
    case "Apache":
      return [server];
    case "lighttpd":
      return [
        ['"port" => 4000', `"port" => ${serverPort}`],
        ["chat.example.com", "127.0.0.1"],
      ];
    case "Varnish":
      return [['.port = "4000"', `.port = "${serverPort}"`]];
  }
}
