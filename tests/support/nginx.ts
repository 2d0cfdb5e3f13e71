import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { freePort, listening } from "./free-port.ts";
import { temporaryFolder } from "./process.ts";

/** nginx, from Debian's packages, on a free port of this machine and with a configuration of the test's. */

const PATH = `${process.env.PATH ?? ""}:/usr/sbin`;
const NGINX = Bun.which("nginx", { PATH });

/** False: tests with nginx are to be skipped. With REQUIRE_NGINX=1 that is a failure. */
export const hasNginx = NGINX !== null;

if (!hasNginx) {
  const advice = "no nginx found (Debian: apt-get install nginx-light)";
  if (process.env.REQUIRE_NGINX === "1") throw new Error(`REQUIRE_NGINX=1, but ${advice}`);
  console.warn(`\nTests with nginx are SKIPPED: ${advice}\n`);
}

export interface Nginx {
  readonly url: string;
  stop(): Promise<void>;
}

interface NginxOptions {
  /** What stands in `server { … }` besides the port. */
  readonly server?: string;
  /** What stands in `location / { … }`. */
  readonly location: string;
  readonly scheme?: "http" | "https";
  /** Where it is not to be any free one. */
  readonly port?: number;
}

/** Starts nginx and resolves when it answers. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const { server = "", location, scheme = "http", port = freePort() } = options;
  const folder = temporaryFolder();
  const config = join(folder, "nginx.conf");
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join("\n");
  writeFileSync(
    config,
    `daemon off;
worker_processes 1;
pid ${join(folder, "nginx.pid")};
error_log stderr warn;
events {}
http {
  access_log off;
  ${paths}
  server {
    listen 127.0.0.1:${port}${scheme === "https" ? " ssl" : ""};
    ${server}
    location / {
      ${location}
    }
  }
}
`,
  );
  const child = Bun.spawn([NGINX ?? "nginx", "-p", folder, "-e", "stderr", "-c", config], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const errors = new Response(child.stderr).text();
  await listening(port, async () => {
    if (child.exitCode !== null) throw new Error(`nginx did not start:\n${await errors}`);
  });
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}
