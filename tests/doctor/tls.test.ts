import { describe, expect, test } from "bun:test";

import type { Environment, Hsts } from "../../src/config/server.ts";
import { checkHsts, judgeCertificate, judgePlain } from "../../src/doctor/tls.ts";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const good = { isTrusted: true, reason: "", validTo: Date.parse("2027-01-30T00:00:00Z") };

describe("a certificate", () => {
  test.each([
    ["ok", good, "valid until 2027-01-30"],
    ["warning", { ...good, validTo: Date.parse("2026-12-01T12:00:00Z") }, "ends in 6 days"],
    ["wrong", { ...good, validTo: Date.parse("2026-11-24T12:00:00Z") }, "ended on 2026-11-24"],
    ["wrong", { ...good, isTrusted: false, reason: "SELF_SIGNED" }, "SELF_SIGNED"],
  ] as const)("is %s: %j", (mark, certificate, says) => {
    const finding = judgeCertificate(certificate, NOW);
    expect(finding.mark).toBe(mark);
    expect(finding.says).toContain(says);
    expect(finding.mend === undefined).toBe(mark === "ok");
  });

  test("is missed in production only", () => {
    expect(judgePlain("production").mark).toBe("warning");
    expect(judgePlain("development").mark).toBe("ok");
  });
});

describe("HSTS", () => {
  const https = new URL("https://chat.example.com");
  const config = (hsts: Hsts, environment: Environment = "production") => ({ hsts, environment });
  const sent = (value: string) => new Headers({ "strict-transport-security": value });
  const whole = sent("max-age=31536000; includeSubDomains");
  const none = new Headers();

  test("is not looked for over plain http", () => {
    expect(checkHsts(new URL("http://localhost"), none, config("subdomains"))).toBeUndefined();
  });

  test.each([
    ["ok", whole, config("subdomains")],
    ["ok", sent("max-age=31536000"), config("host")],
    ["ok", none, config("off")],
    ["ok", sent("max-age=1"), config("off")],
    ["ok", sent("max-age=1"), config("subdomains", "development")],
    ["warning", none, config("subdomains", "development")],
    ["warning", whole, config("host")],
    ["warning", sent("max-age=31536000, max-age=1"), config("host")],
    ["wrong", none, config("subdomains")],
    ["wrong", none, config("host")],
  ] as const)("is %s: case %#", (mark, headers, settings) => {
    expect(checkHsts(https, headers, settings)?.mark).toBe(mark);
  });
});
