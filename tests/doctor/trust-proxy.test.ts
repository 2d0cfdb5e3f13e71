import { describe, expect, test } from "bun:test";

import { loadConfig } from "../../src/config/load.ts";
import { checkTrustProxy, FORGED_ADDRESS } from "../../src/doctor/trust-proxy.ts";
import { clientAddress } from "../../src/http/client-ip.ts";
import { limiterKey, parseIpAddress } from "../../src/http/ip-address.ts";

const VISITOR = "198.51.100.20";
const CDN = "192.0.2.80";

interface Way {
  /** X-Forwarded-For as it arrived. */
  readonly chain: readonly string[];
  readonly peer?: string;
  readonly trust?: string;
  /** What the running server goes by, where it is not what the doctor's settings say. */
  readonly serverTrust?: string;
  readonly url?: string;
  readonly host?: string;
}

function trustOf(setting: string | undefined) {
  return loadConfig({ TRUST_PROXY: setting }, () => "").config.trustProxy;
}

/** What the doctor says of a request that came this way to a server that does what it should. */
function check({ chain, peer = "127.0.0.1", trust, serverTrust = trust, ...asked }: Way) {
  const url = new URL(asked.url ?? "http://chat.example.com");
  const header = chain.length === 0 ? null : chain.join(", ");
  const address = parseIpAddress(peer) ?? [];
  const client = limiterKey(clientAddress(address, header, trustOf(serverTrust)));
  const host = asked.host ?? url.host;
  const seen = { scheme: "http", host, peer, forwardedFor: [...chain], client };
  return checkTrustProxy({ seen, trustProxy: trustOf(trust), url });
}

describe("without TRUST_PROXY", () => {
  test("a request that came as it was sent had no proxy in its way", () => {
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
  ])("%s betrays a proxy that adds nothing", (_name, way) => {
    const finding = check(way);
    expect(finding.mark).toBe("wrong");
    expect(finding.says).toContain("does not say whom it speaks for");
    expect(finding.mend).toMatch(/X-Forwarded-For.*\n.*TRUST_PROXY=1/);
  });
});

describe("with TRUST_PROXY", () => {
  test.each<readonly [string, Way]>([
    ["one proxy", { chain: [FORGED_ADDRESS, VISITOR], trust: "1" }],
    ["one that writes the header anew", { chain: [VISITOR], trust: "1" }],
    ["two proxies", { chain: [FORGED_ADDRESS, VISITOR, CDN], trust: "2" }],
    ["their addresses", { chain: [FORGED_ADDRESS, VISITOR, CDN], trust: `127.0.0.1,${CDN}` }],
    ["a visitor with IPv6", { chain: [FORGED_ADDRESS, "2001:db8::7"], trust: "1" }],
  ])("%s, and the visitor counts as what it is", (_name, way) => {
    expect(check(way)).toMatchObject({ mark: "ok", says: expect.stringContaining("trusted") });
  });

  test.each<readonly [string, Way, string]>([
    ["too many", { chain: [FORGED_ADDRESS, VISITOR], trust: "2" }, "Set TRUST_PROXY=1."],
    ["too few", { chain: [FORGED_ADDRESS, VISITOR, CDN], trust: "1" }, "Set TRUST_PROXY=2."],
    [
      "not the proxy's address",
      { chain: [FORGED_ADDRESS, VISITOR], trust: "10.0.0.0/8" },
      "Add 127.0.0.1 to TRUST_PROXY",
    ],
    [
      "not both addresses",
      { chain: [FORGED_ADDRESS, VISITOR, CDN], trust: "127.0.0.1" },
      `Add ${CDN}, 127.0.0.1 to TRUST_PROXY`,
    ],
    [
      "a server that was not restarted",
      { chain: [FORGED_ADDRESS, VISITOR], trust: "1", serverTrust: "" },
      "Restart the server",
    ],
    ["no proxy", { chain: [FORGED_ADDRESS], trust: "1" }, "remove TRUST_PROXY"],
    [
      "a proxy that adds nothing",
      { chain: [FORGED_ADDRESS], trust: "1", url: "https://chat.example.com" },
      "Have the proxy add",
    ],
  ])("%s is wrong", (_name, way, mend) => {
    const finding = check(way);
    expect(finding.mark).toBe("wrong");
    expect(finding.mend).toContain(mend);
  });

  test("a way past the proxy is told", () => {
    const way = { chain: [FORGED_ADDRESS], trust: "10.0.0.0/8" };
    expect(check(way)).toMatchObject({ mark: "warning", says: expect.stringContaining("past") });
  });

  test("a doctor on a trusted machine cannot tell", () => {
    const way = { chain: [FORGED_ADDRESS, "127.0.0.1"], trust: "127.0.0.0/8" };
    expect(check(way)).toMatchObject({ mark: "warning" });
  });
});
