import { describe, expect, test } from "bun:test";
import { isIP } from "node:net";

import fc from "fast-check";

import { isInCidr, limiterKey, parseCidr, parseIpAddress } from "../../src/net/ip-address.ts";

function parsed(text: string) {
  const address = parseIpAddress(text);
  if (!address) throw new Error(`Not an address: ${text}`);
  return address;
}

function cidr(text: string) {
  const range = parseCidr(text);
  if (!range) throw new Error(`Not a range: ${text}`);
  return range;
}

describe("parseIpAddress", () => {
  const V6_DOC = [0x20, 0x01, 0x0d, 0xb8];

  test.each([
    ["192.0.2.1", [192, 0, 2, 1]],
    ["0.0.0.0", [0, 0, 0, 0]],
    ["255.255.255.255", [255, 255, 255, 255]],
    ["::", Array<number>(16).fill(0)],
    ["::1", [...Array<number>(15).fill(0), 1]],
    ["2001:db8::", [...V6_DOC, ...Array<number>(12).fill(0)]],
    ["2001:DB8::A", [...V6_DOC, ...Array<number>(11).fill(0), 10]],
    ["2001:db8:0:0:0:0:0:1", [...V6_DOC, ...Array<number>(11).fill(0), 1]],
    ["1:2:3:4:5:6:7::", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]],
    ["64:ff9b::192.0.2.1", [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1]],
    ["fe80::1%eth0", [0xfe, 0x80, ...Array<number>(13).fill(0), 1]],
    ["::ffff:192.0.2.1", [192, 0, 2, 1]],
    ["::ffff:c000:0201", [192, 0, 2, 1]],
    ["0:0:0:0:0:FFFF:192.0.2.1", [192, 0, 2, 1]],
  ])("reads %s", (text, bytes) => {
    expect(parseIpAddress(text)).toEqual(bytes);
  });

  test.each([
    "",
    " ",
    "unknown",
    "localhost",
    "192.0.2",
    "192.0.2.256",
    "192.0.2.01",
    "192.0.2.1.1",
    "192.0.2.1:80",
    "0x7f.0.0.1",
    "2130706433",
    "[::1]",
    ":::",
    "1::2::3",
    "2001:db8",
    "2001:db8::12345",
    "::ffff:192.0.2.256",
    " 192.0.2.1",
    "192.0.2.1\n",
    "１９２.0.2.1",
  ])("refuses %j", (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  });

  test("reads exactly what the platform accepts as an address, and never throws", () => {
    const noise = fc.string({ unit: fc.constantFrom(..."0123456789abcdefF:.%[]x ") });
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), noise, fc.string()), (text) => {
        const address = parseIpAddress(text);
        expect(address !== undefined).toBe(isIP(text) !== 0);
        if (!address) return;
        expect([4, 16]).toContain(address.length);
        expect(address.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256)).toBe(
          true,
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("reads an address the same however it is written", () => {
    const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, (values) => {
        const plain = values.map((value) => value.toString(16)).join(":");
        const padded = values.map((value) => value.toString(16).padStart(4, "0")).join(":");
        // A URL writes the shortest form (RFC 5952).
        const shortest = new URL(`http://[${plain}]`).hostname.slice(1, -1);
        expect(parseIpAddress(padded.toUpperCase())).toEqual(parsed(plain));
        expect(parseIpAddress(shortest)).toEqual(parsed(plain));
      }),
    );
  });
});

describe("parseCidr", () => {
  test.each([
    ["10.0.0.0/8", { address: [10, 0, 0, 0], prefixLength: 8 }],
    ["0.0.0.0/0", { address: [0, 0, 0, 0], prefixLength: 0 }],
    ["192.0.2.1", { address: [192, 0, 2, 1], prefixLength: 32 }],
    ["::1", { address: [...Array<number>(15).fill(0), 1], prefixLength: 128 }],
    ["fd00::/8", { address: [0xfd, ...Array<number>(15).fill(0)], prefixLength: 8 }],
  ])("reads %s", (text, expected) => {
    expect(parseCidr(text)).toEqual(expected);
  });

  test.each([
    "",
    "/8",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.0/8.0",
    "10.0.0.0/1e1",
    "10.0.0.0/ 8",
    "::/129",
    "example.com/8",
  ])("refuses %j", (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });
});

describe("isInCidr", () => {
  test.each([
    ["10.0.0.0", "10.0.0.0/8", true],
    ["10.255.255.255", "10.0.0.0/8", true],
    ["11.0.0.0", "10.0.0.0/8", false],
    ["9.255.255.255", "10.0.0.0/8", false],
    ["172.31.255.255", "172.16.0.0/12", true],
    ["172.32.0.0", "172.16.0.0/12", false],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.2", "192.0.2.1", false],
    ["192.0.2.129", "192.0.2.128/25", true],
    ["192.0.2.127", "192.0.2.128/25", false],
    ["10.1.2.3", "10.9.9.9/8", true],
    ["203.0.113.7", "0.0.0.0/0", true],
    ["2001:db8::1", "0.0.0.0/0", false],
    ["203.0.113.7", "::/0", false],
    ["fd12:3456::1", "fd00::/8", true],
    ["fe80::1", "fd00::/8", false],
    ["2001:db8:0:1::", "2001:db8::/63", true],
    ["2001:db8:0:2::", "2001:db8::/63", false],
    ["::ffff:10.1.2.3", "10.0.0.0/8", true],
  ])("%s in %s: %p", (address, range, expected) => {
    expect(isInCidr(parsed(address), cidr(range))).toBe(expected);
  });

  test("an address is in a range of itself of any length, and leaves it with a bit of its prefix", () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
    fc.assert(
      fc.property(octets, fc.integer({ min: 1, max: 32 }), fc.nat(31), (address, length, bit) => {
        const range = cidr(`${address.join(".")}/${length}`);
        expect(isInCidr(address, range)).toBe(true);
        const flipped = address.map((octet, index) =>
          index === bit >> 3 ? octet ^ (0x80 >> (bit & 7)) : octet,
        );
        expect(isInCidr(flipped, range)).toBe(bit >= length);
      }),
    );
  });
});

describe("limiterKey", () => {
  test("is the whole IPv4 address, even when it came over an IPv6 socket", () => {
    expect(limiterKey(parsed("192.0.2.1"))).not.toBe(limiterKey(parsed("192.0.2.2")));
    expect(limiterKey(parsed("::ffff:192.0.2.1"))).toBe(limiterKey(parsed("192.0.2.1")));
  });

  test("is the /64 of an IPv6 address", () => {
    const key = limiterKey(parsed("2001:db8:1:2::1"));
    expect(limiterKey(parsed("2001:db8:1:2:ffff:ffff:ffff:ffff"))).toBe(key);
    expect(limiterKey(parsed("2001:db8:1:3::1"))).not.toBe(key);
  });

  test("never takes an IPv4 address for an IPv6 one", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV6(), (v4, v6) => {
        const sixth = parsed(v6);
        if (sixth.length === 16) expect(limiterKey(parsed(v4))).not.toBe(limiterKey(sixth));
      }),
    );
  });
});
