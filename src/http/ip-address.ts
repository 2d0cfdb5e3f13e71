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

/**
 * What the limiter counts by: an IPv4 address whole, an IPv6 address by its /64, which is what one
 * customer gets from a provider (spec section 3).
 */
export function limiterKey(address: IpAddress): string {
  return address.length === 4 ? address.join(".") : `${address.slice(0, 8).join(".")}/64`;
}

/** RFC 4291, section 2.2. Own code, because node:net takes 6 ms to load. */
function ipv6Bytes(text: string): number[] | undefined {
  const [head = "", tail, ...rest] = text.split("::");
  const left = groupBytes(head, tail === undefined);
  const right = groupBytes(tail ?? "", true);
  if (!left || !right || rest.length > 0) return undefined;
  const missing = 16 - left.length - right.length;
  // `::` stands for one group of zeros at least.
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
