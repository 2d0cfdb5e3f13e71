import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { clientAddress, type TrustProxy } from "../../src/net/client-ip.ts";
import { type IpAddress, limiterKey, parseCidr, parseIpAddress } from "../../src/net/ip-address.ts";

const PEER = "10.0.0.1";

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (!parsed) throw new Error(`Not an address: ${text}`);
  return parsed;
}

function cidrs(...texts: string[]): TrustProxy {
  return {
    kind: "cidrs",
    cidrs: texts.map((text) => {
      const cidr = parseCidr(text);
      if (!cidr) throw new Error(`Not a range: ${text}`);
      return cidr;
    }),
  };
}

function hops(count: number): TrustProxy {
  return { kind: "hops", count };
}

function expectClient(
  { peer = PEER, header, trust }: { peer?: string; header: string | null; trust?: TrustProxy },
  client: string,
): void {
  expect(clientAddress(address(peer), header, trust)).toEqual(address(client));
}

describe("the client's address without TRUST_PROXY", () => {
  test.each([null, "", "203.0.113.1", "203.0.113.1, 10.0.0.1", "nonsense"])(
    "is the peer's, also with X-Forwarded-For: %j",
    (header) => {
      expectClient({ header }, PEER);
    },
  );
});

describe("the client's address behind one proxy", () => {
  const trust = hops(1);

  test.each([
    ["the address it saw", "203.0.113.1", "203.0.113.1"],
    ["the rightmost, for the rest is spoofed", "1.1.1.1, 2.2.2.2, 203.0.113.1", "203.0.113.1"],
    ["an address with a port", "203.0.113.1:4711", "203.0.113.1"],
    ["IPv6", "2001:db8::1", "2001:db8::1"],
    ["IPv6 in brackets", "[2001:db8::1]", "2001:db8::1"],
    ["IPv6 in brackets with a port", "1.1.1.1, [2001:db8::1]:4711", "2001:db8::1"],
    ["IPv4 mapped into IPv6", "::ffff:203.0.113.1", "203.0.113.1"],
    ["mapped, in brackets, with a port", "[::ffff:203.0.113.1]:80", "203.0.113.1"],
    ["white space around it", "1.1.1.1,\t 203.0.113.1 ", "203.0.113.1"],
    ["malformed entries left of it", "<script>, , 999.1.1.1, 203.0.113.1", "203.0.113.1"],
  ])("is %s", (_name, header, client) => {
    expectClient({ header, trust }, client);
  });

  test.each([
    "",
    ",",
    " , ",
    "unknown",
    "203.0.113.1,",
    "203.0.113.1, unknown",
    "203.0.113.256",
    "203.0.113.1:",
    "203.0.113.1:port",
    "[203.0.113.1",
    "[2001:db8::1]4711",
    "_hidden",
    "for=203.0.113.1",
    "203.0.113.1;203.0.113.2",
    "203.0.113.1/32",
    `${"1.1.1.1,".repeat(10_000)}x`,
  ])("is the peer's when the rightmost entry is malformed", (header) => {
    expectClient({ header, trust }, PEER);
  });

  test("is the peer's without the header", () => {
    expectClient({ header: null, trust }, PEER);
  });
});

describe("the client's address behind two proxies", () => {
  const trust = hops(2);

  test("is the second from the right", () => {
    expectClient({ header: "1.1.1.1, 203.0.113.1, 10.0.0.2", trust }, "203.0.113.1");
  });

  test("is the peer's when the header is shorter than the chain, because somebody came past a proxy", () => {
    expectClient({ header: "203.0.113.1", trust }, PEER);
  });

  test("is found whatever stands right of it, because a proxy wrote that", () => {
    expectClient({ header: "203.0.113.1, unix:", trust }, "203.0.113.1");
  });
});

describe("the client's address behind proxies that are named by their addresses", () => {
  const trust = cidrs("10.0.0.0/8", "fd00::/8", "192.0.2.7");

  test.each([
    ["the rightmost that is no proxy", "1.1.1.1, 203.0.113.1, 10.9.9.9", "203.0.113.1"],
    ["the same through any number of proxies", "203.0.113.1, fd00::5, 192.0.2.7", "203.0.113.1"],
    ["the rightmost also when all are unknown", "1.1.1.1, 203.0.113.1", "203.0.113.1"],
    ["a proxy that asks on its own account", "10.1.1.1, 10.2.2.2", "10.1.1.1"],
    ["a proxy written as mapped IPv6", "203.0.113.1, ::ffff:10.1.1.1", "203.0.113.1"],
    ["a proxy with a port", "203.0.113.1, 10.1.1.1:8080", "203.0.113.1"],
    ["the address, whatever was spoofed left of it", "x, 203.0.113.1", "203.0.113.1"],
  ])("is %s", (_name, header, client) => {
    expectClient({ header, trust }, client);
  });

  test("is the peer's if that is no proxy, whatever the header claims", () => {
    expectClient({ peer: "198.51.100.1", header: "203.0.113.1", trust }, "198.51.100.1");
    expectClient({ peer: "192.0.2.8", header: "10.0.0.1", trust }, "192.0.2.8");
  });

  test("is found when the proxy is an IPv4 peer on an IPv6 socket", () => {
    expectClient({ peer: "::ffff:10.0.0.1", header: "203.0.113.1", trust }, "203.0.113.1");
  });

  test.each(["", "unknown", "203.0.113.1, nonsense, 10.1.1.1", "203.0.113.1, , 10.1.1.1"])(
    "is the peer's when an entry among the trusted ones is malformed: %j",
    (header) => {
      expectClient({ header, trust }, PEER);
    },
  );
});

describe("whatever the header", () => {
  const entry = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV6().map((text) => `[${text}]:443`),
    fc.ipV4().map((text) => `${text}:80`),
    fc.ipV4().map((text) => `::ffff:${text}`),
    fc.constantFrom("10.0.0.9", "fd00::1", "", "unknown", "[::1", "1.2.3.4.5"),
    fc.string(),
  );
  const header = fc.array(entry, { maxLength: 8 }).map((entries) => entries.join(", "));
  const trusts = fc.oneof(
    fc.integer({ min: 1, max: 10 }).map(hops),
    fc.constant(cidrs("10.0.0.0/8", "fd00::/8")),
    fc.constant(cidrs("0.0.0.0/0", "::/0")),
    fc.constant(undefined),
  );
  const peers = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant(PEER));

  test("the client is the peer or an entry of the header, and nothing throws", () => {
    fc.assert(
      fc.property(peers, header, trusts, (peer, text, trust) => {
        const client = clientAddress(address(peer), text, trust);
        const entries = text.split(",").map((part) => part.trim().replace(/^\[|\](:\d+)?$/g, ""));
        const withoutPorts = entries.map((part) => part.replace(/^([\d.]+):\d+$/, "$1"));
        const possible = [peer, ...withoutPorts].map((part) =>
          JSON.stringify(parseIpAddress(part)),
        );
        expect(possible).toContain(JSON.stringify(client));
      }),
      { numRuns: 1000 },
    );
  });

  test("what a client writes left of what the proxy appends changes nothing", () => {
    fc.assert(
      fc.property(header, fc.ipV4(), (spoofed, client) => {
        const honest = clientAddress(address(PEER), client, hops(1));
        expect(clientAddress(address(PEER), `${spoofed}, ${client}`, hops(1))).toEqual(honest);
      }),
    );
  });

  test("what stands left of the first address that is no proxy changes nothing", () => {
    const trust = cidrs("10.0.0.0/8", "fd00::/8");
    const proxies = fc.array(
      fc.constantFrom("10.1.2.3", "fd00::7", "::ffff:10.9.9.9", "10.0.0.8:80"),
    );
    const visitor = fc.constantFrom(
      "203.0.113.1",
      "2001:db8::1",
      "[2001:db8::2]:443",
      "192.0.2.3:9",
    );
    fc.assert(
      fc.property(header, visitor, proxies, (spoofed, client, chain) => {
        const honest = [client, ...chain].join(", ");
        const found = clientAddress(address(PEER), honest, trust);
        expect(clientAddress(address(PEER), `${spoofed},${honest}`, trust)).toEqual(found);
        expect(limiterKey(found)).not.toStartWith("10.");
      }),
    );
  });

  test("when the proxies are named by their addresses, the client is a proxy only if the header names nobody else", () => {
    const trusted = ["10.0.0.0/8", "fd00::/8"];
    const isProxy = (client: IpAddress) => client[0] === (client.length === 4 ? 10 : 0xfd);
    const named = fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("10.0.0.9", "fd00::1")));
    fc.assert(
      fc.property(named, (entries) => {
        const client = clientAddress(address(PEER), entries.join(","), cidrs(...trusted));
        const others = entries.map(address).filter((each) => !isProxy(each));
        if (others.length > 0) expect(client).toEqual(others.at(-1) ?? []);
        else expect(isProxy(client)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
