import { describe, expect, test } from "bun:test";

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
  const sent = new Headers({ "strict-transport-security": "max-age=1" });

  test("is not looked for over plain http", () => {
    expect(checkHsts(new URL("http://localhost"), new Headers(), "production")).toBeUndefined();
  });

  test.each([
    ["ok", sent, "production"],
    ["wrong", new Headers(), "production"],
    ["warning", new Headers(), "development"],
  ] as const)("is %s", (mark, headers, environment) => {
    expect(checkHsts(https, headers, environment)?.mark).toBe(mark);
  });
});
