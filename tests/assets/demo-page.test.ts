import { expect, test } from "bun:test";

import { demoPage } from "../../src/assets/demo-page.ts";
import { createLink } from "../../src/http/link.ts";
import { createTestApp } from "../support/test-app.ts";

test.each([
  [undefined, "img-src data:"],
  ["https://cdn.example:8443/a/logo.svg?x", "img-src data: https://cdn.example:8443"],
  ["https://a;sandbox/logo.svg", "img-src data:"],
])("the page to try the widget on allows the owner's logo %p", async (logo, expected) => {
  const app = createTestApp();
  const { keys, model, widget } = app.config;
  await app.close();
  const config = { keys, model, widget: { ...widget, logo } };
  const { contentSecurityPolicy } = demoPage(config, createLink(""), "http://localhost");
  expect(contentSecurityPolicy.split("; ")).toContain(expected);
  expect(contentSecurityPolicy).not.toContain("sandbox");
});
