import type { PrivatePlaces } from "../config/knowledge.ts";
import { formatIpAddress, type IpAddress, isInCidr, parseIpAddress } from "../net/ip-address.ts";
import { isPublic } from "../net/public-address.ts";

/** All addresses of a host name. Rejects if it has none. */
export type LookUp = (host: string) => Promise<readonly IpAddress[]>;

export type HostReading =
  | { readonly addresses: readonly IpAddress[]; readonly refusal?: undefined }
  | { readonly addresses?: undefined; readonly refusal: string; readonly isUnknown: boolean };

interface FindHostOptions {
  readonly lookUp: LookUp;
  /** Where it may be inside of a network. Undefined: nowhere. */
  readonly allowed: PrivatePlaces | undefined;
}

/** Asks the machine's resolver. */
export const lookUpHost: LookUp = async (host) => {
  const found = await Bun.dns.lookup(host);
  return found.map(({ address }) => parseIpAddress(address)).filter((each) => each !== undefined);
};

/**
 * Finds the addresses of a host, once: whoever connects must connect to one of them, because a second look-up may
 * give others. A host with a single address inside of a network is refused, unless the owner has named the place.
 * @param hostname as in a URL, with IPv6 addresses in brackets
 */
export async function findHost(
  hostname: string,
  { lookUp, allowed }: FindHostOptions,
): Promise<HostReading> {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const literal = parseIpAddress(host);
  const addresses = literal ? [literal] : await lookUp(host).catch(() => []);
  if (addresses.length === 0) {
    return { refusal: `The name ${host} does not exist, or cannot be looked up.`, isUnknown: true };
  }
  const isAllowed = (address: IpAddress) =>
    isPublic(address) || allowed?.cidrs.some((cidr) => isInCidr(address, cidr));
  const refused = allowed?.hosts.includes(host)
    ? undefined
    : addresses.find((address) => !isAllowed(address));
  if (refused !== undefined) {
    const name = formatIpAddress(refused);
    return {
      refusal: `${literal ? name : `${host} leads to ${name}, which`} is not on the internet. ${allowed === undefined ? ELSEWHERE : NOT_NAMED}`,
      isUnknown: false,
    };
  }
  // Many machines have no route for IPv6, although names have such addresses.
  return { addresses: addresses.toSorted((left, right) => left.length - right.length) };
}

const NOT_NAMED = "KNOWLEDGE_ALLOW_PRIVATE can name it.";
const ELSEWHERE = "Such a place is read only if it is a source of its own.";
