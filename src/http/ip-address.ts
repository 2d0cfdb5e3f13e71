import { isIP } from "node:net";

/** An address as its bytes: 4 for IPv4, 16 for IPv6. IPv4-mapped IPv6 addresses become IPv4. */
export type IpAddress = readonly number[];

export interface Cidr {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** Reads `192.0.2.1`, `2001:db8::1` or `::ffff:192.0.2.1`; undefined for anything else. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const version = isIP(text);
  if (version === 4) return text.split(".").map(Number);
  if (version !== 6) return undefined;
  const bytes = ipv6Bytes(text.replace(/%.*$/, ""));
  return isMappedIpv4(bytes) ? bytes.slice(12) : bytes;
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

/**
 * What the limiter counts by: an IPv4 address whole, an IPv6 address by its /64, which is what one
 * customer gets from a provider (spec section 3).
 */
export function limiterKey(address: IpAddress): string {
  return address.length === 4 ? address.join(".") : `${address.slice(0, 8).join(".")}/64`;
}

/** Expects text that isIP() already accepted as IPv6. */
function ipv6Bytes(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const left = groupBytes(head);
  if (tail === undefined) return left;
  const right = groupBytes(tail);
  const zeros = Array.from({ length: 16 - left.length - right.length }, () => 0);
  return [...left, ...zeros, ...right];
}

function groupBytes(groups: string): number[] {
  if (groups === "") return [];
  return groups.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function isMappedIpv4(bytes: readonly number[]): boolean {
  return bytes.every((byte, i) => i >= 12 || byte === (i < 10 ? 0 : 0xff));
}
