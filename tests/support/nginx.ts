import { hasProxy, type RunningProxy, sayWhichAreMissing, startProxy } from "./proxies.ts";

/** nginx with a site that the test writes. */

export const hasNginx = hasProxy("nginx");
sayWhichAreMissing(["nginx"]);

interface NginxOptions {
  /** The content of `server { … }` besides the port. */
  readonly server?: string;
  /** The content of `location / { … }`. */
  readonly location: string;
  readonly scheme?: "http" | "https";
  /** The port; any free one by default. */
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
