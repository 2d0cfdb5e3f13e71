import { hasProxy, type RunningProxy, sayWhichAreMissing, startProxy } from "./proxies.ts";

/** nginx with a site of the test's own. */

export const hasNginx = hasProxy("nginx");
sayWhichAreMissing(["nginx"]);

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
export function startNginx(options: NginxOptions): Promise<RunningProxy> {
  const { server = "", location, scheme = "http", port } = options;
  const site = ({ port: chosen }: { readonly port: number }) => `server {
    listen 127.0.0.1:${chosen}${scheme === "https" ? " ssl" : ""};
    ${server}
    location / {
      ${location}
    }
  }`;
  return startProxy("nginx", site, { scheme, ...(port === undefined ? {} : { port }) });
}
