import type { Config } from "../config/config.ts";
import { createSafeFetch, type SafeFetch } from "../crawl/safe-fetch.ts";
import { lookUpHost } from "../net/find-host.ts";
import { VERSION } from "../runtime/version.ts";

/** The fetch for a source: it tells websites who asks, and reads only what the settings allow. */
export function createSourceFetch(
  address: string,
  { server, knowledge }: Pick<Config, "server" | "knowledge">,
): SafeFetch {
  const { publicUrl } = server;
  return createSafeFetch({
    lookUp: lookUpHost,
    allowed: knowledge.allowPrivate,
    userAgent: `chatporch/${VERSION}${publicUrl === undefined ? "" : ` (+${publicUrl})`}`,
    own: new URL(address),
  });
}
