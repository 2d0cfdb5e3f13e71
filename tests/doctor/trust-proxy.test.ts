import { describe, expect, test } from "bun:test";

import { trustProxyText } from "../../src/config/limits.ts";
import { loadConfig } from "../../src/config/load.ts";
import { FORGED_ADDRESS, SENT_CONNECTION } from "../../src/doctor/forged-request.ts";
import { namedProxies } from "../../src/doctor/proxy-kinds.ts";
import { checkTrustProxy } from "../../src/doctor/trust-proxy.ts";
import { clientAddress } from "../../src/net/client-ip.ts";
import { limiterKey, parseIpAddress } from "../../src/net/ip-address.ts";

const VISITOR = "198.51.100.20";
const CDN = "192.0.2.80";

interface Way {
  /** X-Forwarded-For as it arrived. */
  readonly chain: readonly string[];
  readonly peer?: string;
  readonly trust?: string;
  /** The setting of the running server, if it differs from the doctor's. */
  readonly serverTrust?: string;
  readonly url?: string;
  readonly host?: string;
  readonly connection?: string | null;
  /** The headers of the answer. */
  readonly headers?: Record<string, string>;
}

function trustOf(setting: string | undefined) {
  return loadConfig({ TRUST_PROXY: setting }, () => "").config.limits.trustProxy;
}

function countedAs(peer: string, chain: readonly string[], trust: string | undefined): string {
  const header = chain.length === 0 ? null : chain.join(", ");
  return limiterKey(clientAddress(parseIpAddress(peer) ?? [], header, trustOf(trust)));
}

/** The doctor's finding about a request that came this way to a server that works as it should. */
function check({ chain, peer = "127.0.0.1", trust, serverTrust = trust, ...asked }: Way) {
  const url = new URL(asked.url ?? "http://chat.example.com");
  const running = trustOf(serverTrust);
  const seen = {
    scheme: "http",
    host: asked.host ?? url.host,
    connection: asked.connection === undefined ? SENT_CONNECTION : asked.connection,
    peer,
    forwardedFor: [...chain],
    client: countedAs(peer, chain, serverTrust),
    trustProxy: running === undefined ? null : trustProxyText(running),
  };
  const proxies = namedProxies(new Headers(asked.headers ?? {}));
  return checkTrustProxy({ seen, trustProxy: trustOf(trust), url, proxies });
}

describe("without TRUST_PROXY", () => {
  test("a request that arrives as it was sent passed no proxy", () => {
    expect(check({ chain: [FORGED_ADDRESS] })).toMatchObject({ mark: "ok" });
  });

  test.each([
    [[FORGED_ADDRESS, VISITOR], 1],
    [[VISITOR], 1],
    [[FORGED_ADDRESS, VISITOR, CDN], 2],
    [[VISITOR, CDN], 2],
    [["10.0.0.9", FORGED_ADDRESS, VISITOR], 1],
  ])("%j means TRUST_PROXY=%d", (chain, count) => {
    const finding = check({ chain });
    expect(finding.mark).toBe("wrong");
    expect(finding.says).toContain("not trusted");
    expect(finding.mend).toStartWith(`Set TRUST_PROXY=${count}.`);
  });

  test.each<readonly [string, Way]>([
    ["https", { chain: [FORGED_ADDRESS], url: "https://chat.example.com" }],
    ["another Host", { chain: [FORGED_ADDRESS], host: "127.0.0.1:4000" }],
    ["a header that is gone", { chain: [] }],
    ["a name in its answers", { chain: [FORGED_ADDRESS], headers: { server: "nginx" } }],
    ["a Connection header of its own", { chain: [FORGED_ADDRESS], connection: null }],
  ])("%s reveals a proxy that adds nothing", (_name, way) => {
    const finding = check(way);
    expect(finding.mark).toBe("wrong");
    expect(finding.says).toContain("does not say whom it speaks for");
    expect(finding.mend).toMatch(/Forwarded-?For.*\n.*TRUST_PROXY=1/i);
  });
});

describe("with TRUST_PROXY", () => {
  test.each<readonly [string, Way]>([
    ["one proxy", { chain: [FORGED_ADDRESS, VISITOR], trust: "1" }],
    ["one that writes the header anew", { chain: [VISITOR], trust: "1" }],
    ["one that adds the port", { chain: [FORGED_ADDRESS, `${VISITOR}:4711`], trust: "1" }],
    ["two proxies", { chain: [FORGED_ADDRESS, VISITOR, CDN], trust: "2" }],
    ["their addresses", { chain: [FORGED_ADDRESS, VISITOR, CDN], trust: `127.0.0.1,${CDN}` }],
    ["a visitor with IPv6", { chain: [FORGED_ADDRESS, "2001:db8::7"], trust: "1" }],
    ["a proxy with IPv6", { chain: [FORGED_ADDRESS, VISITOR], peer: "fd00::1", trust: "fd00::/8" }],
  ])("with %s, the visitor counts as their own address", (_name, way) => {
    expect(check(way)).toMatchObject({ mark: "ok", says: expect.stringContaining("trusted") });
  });

  test.each<readonly [string, Way, string]>([
    ["too many", { chain: [FORGED_ADDRESS, VISITOR], trust: "2" }, "Set TRUST_PROXY=1."],
    ["far too many", { chain: [FORGED_ADDRESS, VISITOR], trust: "3" }, "Set TRUST_PROXY=1."],
    ["too few", { chain: [FORGED_ADDRESS, VISITOR, CDN], trust: "1" }, "Set TRUST_PROXY=2."],
    [
      "not the proxy's address",
      { chain: [FORGED_ADDRESS, VISITOR], trust: "10.0.0.0/8" },
      "add 127.0.0.1 to the addresses in TRUST_PROXY",
    ],
    [
      "not both addresses",
      { chain: [FORGED_ADDRESS, VISITOR, CDN], trust: "10.0.0.1" },
      `add ${CDN}, 127.0.0.1 to the addresses`,
    ],
    [
      "a server that was not restarted",
      { chain: [FORGED_ADDRESS, VISITOR], trust: "1", serverTrust: "" },
      "Restart the server",
    ],
    [
      "a server that believes anybody, and was not restarted without TRUST_PROXY",
      { chain: [FORGED_ADDRESS], trust: "", serverTrust: "1" },
      "Restart the server",
    ],
    [
      "a setting that does not fit, and is not in force",
      { chain: [FORGED_ADDRESS, VISITOR], trust: "2", serverTrust: "1" },
      "Set TRUST_PROXY=1.",
    ],
    [
      "a word in place of an address",
      { chain: [FORGED_ADDRESS, "unknown"], trust: "1" },
      "write the address",
    ],
    ["no proxy", { chain: [FORGED_ADDRESS], trust: "1" }, "remove TRUST_PROXY"],
    ["two that are not there", { chain: [FORGED_ADDRESS], trust: "2" }, "remove TRUST_PROXY"],
    [
      "a proxy that adds nothing",
      { chain: [FORGED_ADDRESS], trust: "1", url: "https://chat.example.com" },
      "Have the proxy add",
    ],
    ["a proxy that drops the header", { chain: [], trust: "1" }, "Have the proxy add"],
  ])("%s is wrong", (_name, way, mend) => {
    const finding = check(way);
    expect(finding.mark).toBe("wrong");
    expect(finding.mend).toContain(mend);
  });

  test("a way past the proxy is reported", () => {
    const way = { chain: [FORGED_ADDRESS], trust: "10.0.0.0/8" };
    expect(check(way)).toMatchObject({
      mark: "warning",
      says: expect.stringContaining("bypassed"),
    });
  });

  test("a doctor on a trusted machine cannot tell", () => {
    const way = { chain: [FORGED_ADDRESS, "127.0.0.1"], trust: "127.0.0.0/8" };
    expect(check(way)).toMatchObject({ mark: "warning" });
  });

  test("a second proxy that answers name, but that added no entry, is worth a look", () => {
    const headers = { server: "nginx", via: "1.1 varnish (Varnish/7.1)", "x-varnish": "3" };
    const finding = check({ chain: [VISITOR], trust: "1", headers });
    expect(finding).toMatchObject({ mark: "warning", says: expect.stringContaining("Varnish") });
  });

  test("a proxy that hides the visitors of a CDN is wrong", () => {
    const headers = { server: "cloudflare", "cf-ray": "8f-FRA" };
    const finding = check({ chain: [CDN], trust: "1", headers });
    expect(finding).toMatchObject({
      mark: "wrong",
      says: expect.stringContaining(`all visitors count as ${CDN}`),
      mend: expect.stringContaining("Caddy: trusted_proxies"),
    });
    const appended = { chain: [FORGED_ADDRESS, VISITOR, CDN], trust: "2", headers };
    expect(check(appended)).toMatchObject({ mark: "ok" });
  });

  test("a proxy that connects from the internet should be named by its address", () => {
    const finding = check({ chain: [FORGED_ADDRESS, VISITOR], peer: CDN, trust: "1" });
    expect(finding).toMatchObject({
      mark: "warning",
      mend: expect.stringContaining(`TRUST_PROXY=${CDN}`),
    });
  });
});

/**
 * On one machine all addresses are the same, so the address that a request counts as proves nothing. Here the
 * verdict is compared with what two other visitors, and one who forges the header, would count as.
 */
describe("the doctor's verdict is true, and its advice mends what is wrong, for", () => {
  /** Where the doctor stands, and the addresses of the proxies, the last one the server's peer. */
  const WAYS = [
    { doctor: "127.0.0.1", proxies: ["127.0.0.1"] },
    { doctor: "127.0.0.1", proxies: ["127.0.0.1", "127.0.0.1"] },
    { doctor: "127.0.0.1", proxies: ["127.0.0.1", "127.0.0.1", "127.0.0.1"] },
    { doctor: VISITOR, proxies: ["10.0.0.1", "127.0.0.1"] },
    { doctor: VISITOR, proxies: ["10.0.0.1", "10.0.0.2", "127.0.0.1"] },
  ];
  const SETTINGS = [
    undefined,
    "1",
    "2",
    "3",
    "10",
    "127.0.0.1",
    "10.0.0.0/8",
    "10.0.0.1,127.0.0.1",
  ];

  /** X-Forwarded-For as it arrives when the given address sent the given header. */
  function chainOf(
    sent: readonly string[],
    from: string,
    { proxies }: { readonly proxies: readonly string[] },
    isAnew: boolean,
  ): string[] {
    return [...(isAnew ? [] : sent), from, ...proxies.slice(0, -1)];
  }

  const cases = WAYS.flatMap((way) =>
    [false, true].flatMap((isAnew) => SETTINGS.map((trust) => ({ ...way, isAnew, trust }))),
  );

  function examineCase(way: (typeof cases)[number], trust: string | undefined) {
    const peer = way.proxies.at(-1) ?? "";
    const count = (from: string, sent: readonly string[]) =>
      countedAs(peer, chainOf(sent, from, way, way.isAnew), trust);
    const finding = check({
      chain: chainOf([FORGED_ADDRESS], way.doctor, way, way.isAnew),
      peer,
      ...(trust === undefined ? {} : { trust }),
    });
    const isFair =
      count("198.51.100.1", []) === "198.51.100.1" &&
      count("198.51.100.2", []) === "198.51.100.2" &&
      count("198.51.100.1", ["1.1.1.1", "2.2.2.2", "3.3.3.3"]) === "198.51.100.1";
    return { finding, isFair };
  }

  test.each(cases)("%j", (way) => {
    const { finding, isFair } = examineCase(way, way.trust);
    if (finding.mark === "warning") {
      expect(finding.says).toContain("this command's own address");
      return;
    }
    expect(finding.mark).toBe(isFair ? "ok" : "wrong");
    if (isFair) return;
    const [, advised] = /Set TRUST_PROXY=(\d+)/.exec(finding.mend ?? "") ?? [];
    expect(examineCase(way, advised)).toMatchObject({ finding: { mark: "ok" }, isFair: true });
  });
});
