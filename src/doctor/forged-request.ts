import type { SeenRequest } from "../admin/schema.ts";
import type { TrustProxy } from "../net/client-ip.ts";
import { forwardedAddress } from "../net/client-ip.ts";
import { type Cidr, isInCidr } from "../net/ip-address.ts";
import type { ProxyKind } from "./proxy-kinds.ts";

/**
 * The doctor's request claims to come from this documentation address (RFC 5737). Proxies add their entries to
 * the right of it. A server that uses it for the rate limit believes anybody.
 */
export const FORGED_ADDRESS = "203.0.113.113";

/**
 * The Connection header of the doctor's request over plain http. The header is only for the next hop (RFC 9110,
 * section 7.6.1), so it arrives unchanged only if there is no proxy.
 */
export const SENT_CONNECTION = "keep-alive, chatporch-doctor";

/** How the doctor's request arrived, and which settings apply. */
export interface TrustProxyFacts {
  readonly seen: Pick<
    SeenRequest,
    "scheme" | "host" | "connection" | "peer" | "forwardedFor" | "client" | "trustProxy"
  >;
  /** TRUST_PROXY in the settings of this command. The running server's value is in `seen`. */
  readonly trustProxy: TrustProxy | undefined;
  /** The requested address. Without a proxy, its scheme and host arrive unchanged. */
  readonly url: URL;
  /** The proxies that the answers name. */
  readonly proxies: readonly ProxyKind[];
}

/** Whether an entry of X-Forwarded-For, or the peer, is one of the addresses. */
export function isAmong(cidrs: readonly Cidr[], entry: string | null): boolean {
  const address = forwardedAddress(entry ?? "");
  return address !== undefined && cidrs.some((cidr) => isInCidr(address, cidr));
}
