import { tally } from "../runtime/tally.ts";
import { clientAddress, type TrustProxy } from "./client-ip.ts";
import { type IpAddress, isPrivate, limiterKey, ownAddress } from "./ip-address.ts";

/** A network that a client is counted under. */
export interface Network {
  readonly name: string;
  /** The budget of the whole network, as a multiple of the budget of one address. */
  readonly share: number;
}

/** The networks that a client is counted under, narrowest first. */
export type Networks = readonly [Network, ...Network[]];

/**
 * With TRUST_PROXY as a number, every peer is taken for the proxy. A peer on the internet may be anybody who
 * found the server's port, so all the addresses that it forwards share the budget of this many visitors.
 */
const SHARE_OF_UNKNOWN_PROXY = 64;

/** What a request is counted under: its client's networks, and the peer where it may be no proxy. */
export function clientNetworks(
  peer: IpAddress,
  forwardedFor: string | null,
  trustProxy: TrustProxy | undefined,
): Networks {
  const client = clientAddress(peer, forwardedFor, trustProxy);
  const networks = networksOf(client);
  if (client === peer || trustProxy?.kind !== "hops" || isPrivate(peer)) return networks;
  return [...networks, { name: `by ${limiterKey(peer)}`, share: SHARE_OF_UNKNOWN_PROXY }];
}

/**
 * A provider gives its customer a /64, a /56 or a /48 of IPv6. Counted by /64 alone, a customer with a /48
 * would have 65,536 budgets, so each of the wider networks has a budget, too.
 */
export function networksOf(address: IpAddress): Networks {
  const own = ownAddress(address);
  const narrowest = { name: limiterKey(own), share: 1 };
  if (own.length === 4) return [narrowest];
  return [
    narrowest,
    { name: `${own.slice(0, 7).join(".")}/56`, share: 4 },
    { name: `${own.slice(0, 6).join(".")}/48`, share: 16 },
  ];
}

/** How much of something the clients hold now. Clients that hold nothing take no memory here. */
export class NetworkTally {
  readonly #held = new Map<string, number>();

  /** Whether a client may hold `added` more, when one address may hold `perAddress`. */
  hasRoom(networks: Networks, added: number, perAddress: number): boolean {
    return networks.every(
      ({ name, share }) => (this.#held.get(name) ?? 0) + added <= perAddress * share,
    );
  }

  add(networks: Networks, change: number): void {
    for (const { name } of networks) tally(this.#held, name, change);
  }
}
