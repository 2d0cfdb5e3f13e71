import type { SeenRequest } from "../admin/schema.ts";
import type { TrustProxy } from "../config/limits.ts";
import { forwardedAddress } from "../net/client-ip.ts";
import { type Cidr, isInCidr } from "../net/ip-address.ts";
import type { ProxyKind } from "./proxy-kinds.ts";

/**
 * An address for documentation (RFC 5737) that the doctor's request claims to come from. What proxies
 * add stands to the right of it; a server that counts by it believes anybody.
 */
export const FORGED_ADDRESS = "203.0.113.113";

/**
 * What the doctor's request says of its connection, where that is plain http. The header is for the next hop
 * only (RFC 9110, section 7.6.1): it arrives as it is where there is no proxy.
 */
export const SENT_CONNECTION = "keep-alive, chatporch-doctor";

/** How the doctor's request arrived, and what is set. */
export interface TrustProxyFacts {
  readonly seen: Pick<
    SeenRequest,
    "scheme" | "host" | "connection" | "peer" | "forwardedFor" | "client" | "trustProxy"
  >;
  /** The settings that this command has; those of the running server are in `seen`. */
  readonly trustProxy: TrustProxy | undefined;
  /** The address that was asked: its scheme and host arrive as they are where nothing is in between. */
  readonly url: URL;
  /** The proxies that answers name. */
  readonly proxies: readonly ProxyKind[];
}

/** Whether an entry of X-Forwarded-For, or the peer, is one of the addresses. */
export function isAmong(cidrs: readonly Cidr[], entry: string | null): boolean {
  const address = forwardedAddress(entry ?? "");
  return address !== undefined && cidrs.some((cidr) => isInCidr(address, cidr));
}
