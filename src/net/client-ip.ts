import { type Cidr, type IpAddress, isInCidr, parseIpAddress } from "./ip-address.ts";

/** The proxies in front of the server: their number, or their addresses. */
export type TrustProxy =
  | { readonly kind: "hops"; readonly count: number }
  | { readonly kind: "cidrs"; readonly cidrs: readonly Cidr[] };

/**
 * The address that a request is counted under. Without trusted proxies it is the peer of the connection.
 * With them it is the rightmost address in X-Forwarded-For that is not a trusted proxy, because everything
 * to the left of it was written by a stranger (contract section 3).
 */
export function clientAddress(
  peer: IpAddress,
  forwardedFor: string | null,
  trustProxy: TrustProxy | undefined,
): IpAddress {
  if (trustProxy === undefined || forwardedFor === null) return peer;
  const hops = forwardedFor.split(",").map((entry) => entry.trim());
  return trustProxy.kind === "hops"
    ? behindHops(peer, hops, trustProxy.count)
    : behindCidrs(peer, hops, trustProxy.cidrs);
}

/** Each proxy appended its own peer, so with N proxies the client is the Nth entry from the right. */
function behindHops(peer: IpAddress, hops: readonly string[], count: number): IpAddress {
  return forwardedAddress(hops.at(-count)) ?? peer;
}

function behindCidrs(
  peer: IpAddress,
  hops: readonly string[],
  trusted: Extract<TrustProxy, { kind: "cidrs" }>["cidrs"],
): IpAddress {
  const isTrusted = (address: IpAddress) => trusted.some((cidr) => isInCidr(address, cidr));
  let client = peer;
  for (let index = hops.length - 1; index >= 0 && isTrusted(client); index--) {
    const hop = forwardedAddress(hops[index]);
    if (hop === undefined) return peer;
    client = hop;
  }
  return client;
}

/** The address in an entry of X-Forwarded-For, which may have a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
export function forwardedAddress(entry: string | undefined): IpAddress | undefined {
  if (entry === undefined) return undefined;
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1];
  const withPort = /^([\d.]+):\d+$/.exec(entry)?.[1];
  return parseIpAddress(bracketed ?? withPort ?? entry);
}
