import { describe, expect, test } from "bun:test";

import { parseIpAddress } from "../../src/net/ip-address.ts";
import { isPublic } from "../../src/net/public-address.ts";

function isPublicAddress(text: string): boolean {
  const address = parseIpAddress(text);
  if (!address) throw new Error(`Not an address: ${text}`);
  return isPublic(address);
}

describe("isPublic", () => {
  test.each([
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.31.255.255",
    "192.168.1.1",
    "192.0.2.7",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::169.254.169.254",
    "2002:7f00:1::",
    "2001:0:0:0:0:0:80ff:fffe",
    "2001:db8::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
  ])("is false for %s", (text) => {
    expect(isPublicAddress(text)).toBe(false);
  });

  test.each([
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "172.15.0.1",
    "172.32.0.1",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "64:ff9b::1.1.1.1",
  ])("is true for %s", (text) => {
    expect(isPublicAddress(text)).toBe(true);
  });
});
