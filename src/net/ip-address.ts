/** An address as its bytes: 4 for IPv4, 16 for IPv6. IPv4-mapped IPv6 addresses become IPv4. */
export type IpAddress = readonly number[];

export interface Cidr {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** Reads `192.0.2.1`, `2001:db8::1` or `::ffff:192.0.2.1`; undefined for anything else. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (IPV4.test(text)) return text.split(".").map(Number);
  const bytes = ipv6Bytes(text.replace(/%[\w.:-]+$/, ""));
  return bytes && isMappedIpv4(bytes) ? bytes.slice(12) : bytes;
}

/** Four numbers up to 255, without leading zeros. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** IPv6 without shortening: `2001:db8:0:0:0:0:0:1`. */
export function formatIpAddress(address: IpAddress): string {
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => {
    const [high = 0, low = 0] = address.slice(2 * index);
    return ((high << 8) | low).toString(16);
  });
  return groups.join(":");
}

/** Reads `10.0.0.0/8` or a bare address, which means exactly that address. */
export function parseCidr(text: string): Cidr | undefined {
  const [host = "", length, ...rest] = text.split("/");
  const address = parseIpAddress(host);
  if (address === undefined || rest.length > 0) return undefined;
  const bits = address.length * 8;
  if (length === undefined) return { address, prefixLength: bits };
  if (!/^\d{1,3}$/.test(length) || Number(length) > bits) return undefined;
  return { address, prefixLength: Number(length) };
}

export function isInCidr(address: IpAddress, cidr: Cidr): boolean {
  if (address.length !== cidr.address.length) return false;
  return address.every((byte, index) => {
    const bitsLeft = Math.min(8, Math.max(0, cidr.prefixLength - index * 8));
    const mask = (0xff << (8 - bitsLeft)) & 0xff;
    return (byte & mask) === ((cidr.address[index] ?? 0) & mask);
  });
}

/** Where an IPv6 address contains the IPv4 address of its user. */
const CARRIERS = [
  // Teredo (RFC 4380): at the end, with every bit inverted.
  { prefix: "2001::/32", start: 12, mask: 0xff },
  // 6to4 (RFC 3056).
  { prefix: "2002::/16", start: 2, mask: 0 },
  // Translators in front of an IPv6-only server: NAT64 (RFC 6052, RFC 8215) and SIIT (RFC 7915).
  { prefix: "64:ff9b::/96", start: 12, mask: 0 },
  { prefix: "64:ff9b:1::/48", start: 12, mask: 0 },
  { prefix: "::ffff:0:0:0/96", start: 12, mask: 0 },
].map(({ prefix, ...where }) => ({ cidr: cidrOf(prefix), ...where }));

/**
 * The address that identifies the user. For an IPv6 address that contains an IPv4 address it is the IPv4
 * address. Otherwise all clients of a translator would share one network, and a single IPv4 address would
 * come with 65,536 networks.
 */
export function ownAddress(address: IpAddress): IpAddress {
  if (address.length === 4) return address;
  const carrier = CARRIERS.find(({ cidr }) => isInCidr(address, cidr));
  if (carrier === undefined) return address;
  const { start, mask } = carrier;
  return address.slice(start, start + 4).map((byte) => byte ^ mask);
}

/** A client's name in the limiter and in the log: its IPv4 address, or the /64 of its IPv6 address. */
export function limiterKey(address: IpAddress): string {
  const own = ownAddress(address);
  return own.length === 4 ? own.join(".") : `${own.slice(0, 8).join(".")}/64`;
}

/** Networks that nobody on the internet can connect from: loopback, private, link-local, carrier-grade NAT. */
const PRIVATE_NETWORKS = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "100.64.0.0/10",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
].map(cidrOf);

export function isPrivate(address: IpAddress): boolean {
  return PRIVATE_NETWORKS.some((cidr) => isInCidr(address, cidr));
}

/** Parses a range that is written in this file. */
function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`${text} is not a range of addresses.`);
  return cidr;
}

/** RFC 4291, section 2.2. Our own code, because node:net takes 6 ms to load. */
function ipv6Bytes(text: string): number[] | undefined {
  const [head = "", tail, ...rest] = text.split("::");
  const left = groupBytes(head, tail === undefined);
  const right = groupBytes(tail ?? "", true);
  if (!left || !right || rest.length > 0) return undefined;
  const missing = 16 - left.length - right.length;
  // `::` stands for at least one group of zeros.
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return [...left, ...Array.from({ length: missing }, () => 0), ...right];
}

/** Only the end of an address may be written as IPv4. */
function groupBytes(groups: string, isEnd: boolean): number[] | undefined {
  if (groups === "") return [];
  const bytes: number[] = [];
  const parts = groups.split(":");
  for (const [index, part] of parts.entries()) {
    if (/^[\da-f]{1,4}$/i.test(part)) {
      const value = Number.parseInt(part, 16);
      bytes.push(value >> 8, value & 0xff);
    } else if (isEnd && index === parts.length - 1 && IPV4.test(part)) {
      bytes.push(...part.split(".").map(Number));
    } else {
      return undefined;
    }
  }
  return bytes;
}

function isMappedIpv4(bytes: readonly number[]): boolean {
  return bytes.every((byte, i) => i >= 12 || byte === (i < 10 ? 0 : 0xff));
}
