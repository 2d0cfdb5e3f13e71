import { describe, expect, test } from "bun:test";

import type { Hsts } from "../../src/config/server.ts";
import type { Environment } from "../../src/config/setting-group.ts";
import { checkHsts } from "../../src/doctor/hsts.ts";

describe("HSTS", () => {
  const https = new URL("https://chat.example.com");
  const config = (hsts: Hsts, environment: Environment = "production") => ({ hsts, environment });
  const sent = (value: string) => new Headers({ "strict-transport-security": value });
  const whole = sent("max-age=31536000; includeSubDomains");
  const none = new Headers();

  test("is not checked over plain http", () => {
    expect(checkHsts(new URL("http://localhost"), none, config("subdomains"))).toBeUndefined();
  });

  test.each([
    ["ok", whole, config("subdomains")],
    ["ok", sent("max-age=31536000"), config("host")],
    ["ok", none, config("off")],
    ["ok", sent("max-age=1"), config("off")],
    ["ok", sent("max-age=1"), config("subdomains", "development")],
    // The check of the settings reports development over https instead.
    [undefined, none, config("subdomains", "development")],
    ["warning", whole, config("host")],
    ["warning", sent("max-age=31536000, max-age=1"), config("host")],
    ["wrong", none, config("subdomains")],
    ["wrong", none, config("host")],
  ] as const)("is %s: case %#", (mark, headers, settings) => {
    expect(checkHsts(https, headers, settings)?.mark).toBe(mark);
  });
});
