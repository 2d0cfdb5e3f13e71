import { describe, expect, test } from "bun:test";

import { clientNetworks, networksOf, NetworkTally } from "../../src/net/client-networks.ts";
import { type IpAddress, isPrivate, parseIpAddress } from "../../src/net/ip-address.ts";

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (!parsed) throw new Error(`Not an address: ${text}`);
  return parsed;
}

function names(text: string): string[] {
  return networksOf(address(text)).map(({ name }) => name);
}

describe("a client is counted under", () => {
  test("its address, if that is IPv4", () => {
    expect(networksOf(address("192.0.2.1"))).toEqual([{ name: "192.0.2.1", share: 1 }]);
    expect(names("::ffff:192.0.2.1")).toEqual(["192.0.2.1"]);
  });

  test("its /64, /56 and /48, if that is IPv6, of which the wider have four and sixteen times as much", () => {
    const networks = networksOf(address("2001:db8:1:2ff::1"));
    expect(networks.map(({ share }) => share)).toEqual([1, 4, 16]);
    expect(networksOf(address("2001:db8:1:2ff:ffff:ffff:ffff:ffff"))).toEqual(networks);
    const shared = (other: string) =>
      names(other).filter((name) => networks.some((network) => network.name === name)).length;
    expect(shared("2001:db8:1:2fe::1")).toBe(2);
    expect(shared("2001:db8:1:3ff::1")).toBe(1);
    expect(shared("2001:db8:2:2ff::1")).toBe(0);
  });

  test.each([
    ["6to4", "2002:c000:201:7::1"],
    ["Teredo", "2001:0:cb00:7101:0:fbf6:3fff:fdfe"],
    ["NAT64", "64:ff9b::192.0.2.1"],
    ["NAT64 of a site", "64:ff9b:1:7::192.0.2.1"],
    ["a translator before a server that has IPv6 only", "::ffff:0:192.0.2.1"],
  ])("its IPv4 address, if an IPv6 address is made of one: %s", (_name, text) => {
    expect(names(text)).toEqual(["192.0.2.1"]);
  });

  test("the networks of IPv6, if an address only looks like one that is made of IPv4", () => {
    for (const text of ["2001:1::192.0.2.1", "2003:c000:201::1", "64:ff9c::192.0.2.1", "::2"]) {
      expect(names(text)).toHaveLength(3);
    }
  });
});

describe("a number of proxies", () => {
  const trust = { kind: "hops", count: 1 } as const;
  const counted = (peer: string, header: string | null) =>
    clientNetworks(address(peer), header, trust).map(({ share }) => share);

  test("is believed of a proxy that no stranger can be", () => {
    for (const peer of ["127.0.0.1", "::1", "10.0.0.1", "172.17.0.1", "100.64.0.1", "fd00::1"]) {
      expect(isPrivate(address(peer))).toBe(true);
      expect(counted(peer, "203.0.113.1")).toEqual([1]);
    }
  });

  test("lifts no limit for a client that connects from the internet and writes invented addresses", () => {
    const networks = (header: string) => clientNetworks(address("198.51.100.1"), header, trust);
    const [first, second] = [networks("203.0.113.1"), networks("203.0.113.2")];
    expect(first[0].name).not.toBe(second[0].name);
    expect(first.at(-1)).toEqual({ name: "by 198.51.100.1", share: 64 });
    expect(second.at(-1)).toEqual(first.at(-1));
  });

  test("changes nothing for a client that sends no header", () => {
    expect(counted("198.51.100.1", null)).toEqual([1]);
    expect(counted("198.51.100.1", "nonsense")).toEqual([1]);
  });

  test("is not needed when the proxies are named by their addresses", () => {
    const named = {
      kind: "cidrs",
      cidrs: [{ address: [198, 51, 100, 1], prefixLength: 32 }],
    } as const;
    expect(clientNetworks(address("198.51.100.1"), "203.0.113.1", named)).toHaveLength(1);
  });
});

test("a network that nobody holds any more is not kept in memory", () => {
  const tally = new NetworkTally();
  const networks = networksOf(address("2001:db8::1"));
  tally.add(networks, 16);
  expect(tally.hasRoom(networks, 1, 16)).toBe(false);
  expect(tally.hasRoom(networksOf(address("2001:db8:0:1::1")), 16, 16)).toBe(true);
  tally.add(networks, -16);
  expect(tally.hasRoom(networks, 16, 16)).toBe(true);
});
