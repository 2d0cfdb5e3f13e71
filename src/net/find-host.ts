import { formatIpAddress, type IpAddress, parseIpAddress } from "./ip-address.ts";
import { isPublic } from "./public-address.ts";

/** All addresses of a host name. Rejects if it has none. */
export type LookUp = (host: string) => Promise<readonly IpAddress[]>;

export type HostReading =
  | { readonly addresses: readonly IpAddress[]; readonly refusal?: undefined }
  /** `isUnknown`: it may be found another time. Otherwise it is inside of a network. */
  | { readonly addresses?: undefined; readonly refusal: string; readonly isUnknown: boolean };

interface FindHostOptions {
  readonly lookUp: LookUp;
  /** Whether a host may be at an address inside of a network. */
  readonly isAllowed: (host: string, address: IpAddress) => boolean;
}

/** Asks the machine's resolver. */
export const lookUpHost: LookUp = async (host) => {
  const found = await Bun.dns.lookup(host);
  return found.map(({ address }) => parseIpAddress(address)).filter((each) => each !== undefined);
};

/**
 * Finds the addresses of a host, once: whoever connects must connect to one of them, because a second look-up may
 * give others. A host with a single address inside of a network is refused, unless that is allowed.
 * @param hostname as in a URL, with IPv6 addresses in brackets
 */
export async function findHost(
  hostname: string,
  { lookUp, isAllowed }: FindHostOptions,
): Promise<HostReading> {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const literal = parseIpAddress(host);
  const addresses = literal ? [literal] : await lookUp(host).catch(() => []);
  if (addresses.length === 0) {
    return { refusal: `The name ${host} does not exist, or cannot be looked up.`, isUnknown: true };
  }
  const refused = addresses.find((address) => !isPublic(address) && !isAllowed(host, address));
  if (refused !== undefined) {
    const name = formatIpAddress(refused);
    return {
      refusal: `${literal ? name : `${host} leads to ${name}, which`} is not on the internet.`,
      isUnknown: false,
    };
  }
  // Many machines have no route for IPv6, although names have such addresses.
  return { addresses: addresses.toSorted((left, right) => left.length - right.length) };
}
