import { describe, expect, test } from "bun:test";

import { type Certificate, judgeCertificate, judgePlain } from "../../src/doctor/tls.ts";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const GOOD: Certificate = {
  error: undefined,
  validFrom: Date.parse("2026-11-01T00:00:00Z"),
  validTo: Date.parse("2027-01-30T00:00:00Z"),
  isForHost: true,
  issuer: "Some Authority",
  hasIssuerAddress: true,
  hasIssuer: true,
};

function judge(certificate: Partial<Certificate>) {
  return judgeCertificate({ ...GOOD, ...certificate }, "chat.example.com", NOW);
}

const UNKNOWN_LEAF = { error: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" };

describe("a certificate", () => {
  test.each<readonly [string, string, Partial<Certificate>, string, string]>([
    ["ok", "that is good", {}, "valid until 2027-01-30", ""],
    [
      "warning",
      "that ends soon",
      { validTo: Date.parse("2026-12-01T12:00:00Z") },
      "ends in 6 days",
      "Renew it",
    ],
    [
      "wrong",
      "that has ended",
      { validTo: Date.parse("2026-11-24T12:00:00Z"), error: "CERT_HAS_EXPIRED" },
      "ended on 2026-11-24",
      "Renew it",
    ],
    [
      "wrong",
      "that begins tomorrow",
      { validFrom: Date.parse("2026-11-26T12:00:00Z"), error: "CERT_NOT_YET_VALID" },
      "valid only from 2026-11-26",
      "clock",
    ],
    [
      "wrong",
      "whose chain has ended",
      { error: "CERT_HAS_EXPIRED" },
      "another certificate of the chain",
      "fullchain.pem",
    ],
    [
      "wrong",
      "that is self-signed",
      { error: "DEPTH_ZERO_SELF_SIGNED_CERT" },
      "self-signed",
      "NODE_EXTRA_CA_CERTS",
    ],
    [
      "wrong",
      "of a private authority",
      { ...UNKNOWN_LEAF, hasIssuerAddress: false, hasIssuer: false },
      'signed by "Some Authority", which is not known here',
      "NODE_EXTRA_CA_CERTS",
    ],
    [
      "wrong",
      "of a private authority with one in between",
      { error: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY" },
      "not known here",
      "NODE_EXTRA_CA_CERTS",
    ],
    [
      "wrong",
      "of a private authority that sends its own along",
      { error: "SELF_SIGNED_CERT_IN_CHAIN" },
      "not known here",
      "NODE_EXTRA_CA_CERTS",
    ],
    [
      "wrong",
      "without the one that signed it",
      { ...UNKNOWN_LEAF, hasIssuer: false },
      "chain is incomplete",
      "fullchain.pem",
    ],
    [
      "wrong",
      "for another name",
      { error: "ERR_TLS_CERT_ALTNAME_INVALID", isForHost: false },
      "for another name than chat.example.com",
      "--url",
    ],
    ["wrong", "with an unheard-of error", { error: "CERT_REVOKED" }, "CERT_REVOKED", "proxy"],
  ])("is %s: one %s", (mark, _name, certificate, says, mend) => {
    const findings = judge(certificate);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ mark, says: expect.stringContaining(says) });
    expect(findings[0]?.mend ?? "").toContain(mend);
  });

  test("is reported with every fault, because mending one does not mend the others", () => {
    const findings = judge({ error: "DEPTH_ZERO_SELF_SIGNED_CERT", isForHost: false });
    expect(findings.map(({ says }) => says)).toEqual([
      expect.stringContaining("self-signed"),
      expect.stringContaining("another name"),
    ]);
  });

  test("is reported as missing in production only", () => {
    expect(judgePlain("production").mark).toBe("warning");
    expect(judgePlain("development").mark).toBe("ok");
  });
});
