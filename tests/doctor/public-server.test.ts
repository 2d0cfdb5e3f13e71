import { expect, test } from "bun:test";

import { PublicServer } from "../../src/doctor/public-server.ts";

function withheld(url: string, hasTrustedCertificate = true) {
  return new PublicServer({ url, adminKey: "key", hasTrustedCertificate }).keyWithheld;
}

test.each([
  "http://127.0.0.1:4000",
  "http://127.3.2.1",
  "http://localhost:4000",
  "http://chat.localhost",
  "http://[::1]:4000",
  "http://[::ffff:127.0.0.1]:4000",
  "https://chat.example.com",
])("the owner's key is sent to %s", (url) => {
  expect(withheld(url)).toBeUndefined();
});

test.each([
  "http://chat.example.com",
  "http://192.168.1.10:4000",
  "http://localhost.example.com",
  "http://127.0.0.1.example.com",
  "http://notlocalhost",
  "http://[2001:db8::1]",
])("the owner's key is not sent to %s, where others on the way could read it", (url) => {
  expect(withheld(url)).toBe("plain http");
});

test("the owner's key is sent to a server with an untrusted certificate only if that is this machine", () => {
  expect(withheld("https://chat.example.com", false)).toBe("certificate");
  expect(withheld("https://127.0.0.1:8443", false)).toBeUndefined();
});

test("no owner's key is sent when none is set", () => {
  const options = { adminKey: undefined, hasTrustedCertificate: true };
  const server = new PublicServer({ url: "https://chat.example.com", ...options });
  expect(server.keyWithheld).toBe("none");
});
