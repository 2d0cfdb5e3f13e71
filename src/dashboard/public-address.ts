import type { Config } from "../config/config.ts";
import { parseIpAddress } from "../net/ip-address.ts";
import { isLoopback } from "../net/loopback.ts";

/** The address that visitors use: PUBLIC_URL, or the one that the owner opened. In production it is https. */
export function publicAddress(
  { url }: Request,
  { publicUrl, environment }: Config["server"],
): string {
  if (publicUrl !== undefined) return publicUrl;
  const { host, hostname, protocol } = new URL(url);
  // TLS ends at the proxy. On the machine itself, there is none.
  const isSecure = environment === "production" && !isLoopback(hostname);
  return `${isSecure ? "https:" : protocol}//${host}`;
}

/** Whether a request came to the address that visitors use: PUBLIC_URL, or any name but that of the machine itself. */
export function isAtPublicAddress(
  { url }: Request,
  { publicUrl, environment }: Config["server"],
): boolean {
  const { host, hostname } = new URL(url);
  if (isLoopback(hostname)) return false;
  if (publicUrl !== undefined) return host === new URL(publicUrl).host;
  const isName = parseIpAddress(hostname.replace(/^\[(.*)\]$/, "$1")) === undefined;
  return environment === "production" && isName;
}
