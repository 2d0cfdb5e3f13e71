import { type Cidr, type IpAddress, isInCidr, ownAddress, parseCidr } from "./ip-address.ts";

/**
 * Networks in which no public website stands: private, local, shared, for documentation, multicast and reserved.
 * From IANA's registries of special-purpose addresses (RFC 6890).
 */
const SPECIAL_NETWORKS: readonly Cidr[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
  // ::, ::1 and IPv4 addresses in an old form.
  "::/96",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "3fff::/20",
  "5f00::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
].flatMap((text) => parseCidr(text) ?? []);

/** Whether an address is of a server on the internet. Looks at the IPv4 address inside of an IPv6 address, too. */
export function isPublic(address: IpAddress): boolean {
  const own = ownAddress(address);
  return !SPECIAL_NETWORKS.some((network) => isInCidr(address, network) || isInCidr(own, network));
}
