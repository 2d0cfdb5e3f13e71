import { expect, test } from "bun:test";

import { createTestApp } from "../support/test-app.ts";

const PRODUCTION = { NODE_ENV: "production", OPENAI_BASE_URL: "http://127.0.0.1:9/v1" };

test.each([
  ["", "max-age=31536000; includeSubDomains"],
  ["subdomains", "max-age=31536000; includeSubDomains"],
  ["Host", "max-age=31536000"],
  ["off", null],
])(
  "with HSTS=%s, production sends browsers to https with %j on every answer",
  async (HSTS, value) => {
    const app = createTestApp({ env: { ...PRODUCTION, HSTS } });
    for (const path of ["/health", "/", "/dashboard/login", "/v1/admin/conversations"]) {
      const { headers } = await app.fetch(path);
      expect(headers.get("strict-transport-security")).toBe(value);
    }
    await app.close();
  },
);

test("in development, browsers are not sent to https whatever HSTS is", async () => {
  const app = createTestApp({ env: { NODE_ENV: "development", HSTS: "subdomains" } });
  expect((await app.fetch("/health")).headers.has("strict-transport-security")).toBe(false);
  await app.close();
});
