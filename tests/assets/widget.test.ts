import { expect, test } from "bun:test";
import { createHash } from "node:crypto";

import { MAX_WIDGET_GZIP_BYTES, widgetAsset } from "../../src/assets/widget.ts";
import { ALLOWED_ORIGIN, createTestApp } from "../support/test-app.ts";

const { source, path, immutablePath, integrity, gzip } = widgetAsset;

test("the widget as it is sent stays within its size budget", () => {
  expect(Bun.gunzipSync(gzip)).toEqual(Buffer.from(source));
  expect(gzip.length).toBeLessThanOrEqual(MAX_WIDGET_GZIP_BYTES);
  expect(MAX_WIDGET_GZIP_BYTES).toBe(12 * 1024);
});

test("the integrity hash is that of the widget sent to an allowed origin, which may read it", async () => {
  const app = createTestApp();
  const response = await app.fetch(immutablePath, { headers: { origin: ALLOWED_ORIGIN } });
  const hash = createHash("sha384")
    .update(await response.text())
    .digest("base64");
  expect(integrity).toBe(`sha384-${hash}`);
  expect(response.headers.get("access-control-allow-origin")).toBe(ALLOWED_ORIGIN);
  await app.close();
});

test("the widget is sent as gzip to clients that accept it", async () => {
  const app = createTestApp();
  const base = app.listen();
  const cases = { "gzip, br": "gzip", "br;q=1, gzip;q=0.5": "gzip", "gzip;q=0": null, br: null };
  for (const [accepted, encoding] of Object.entries(cases)) {
    const response = await fetch(base + path, { headers: { "accept-encoding": accepted } });
    expect([accepted, response.headers.get("content-encoding")]).toEqual([accepted, encoding]);
    expect(await response.text()).toBe(source);
  }
  await app.close();
});

test("in production, a client that has the newest widget gets a 304", async () => {
  const app = createTestApp({ env: { NODE_ENV: "production", OPENAI_API_KEY: "sk-upstream" } });
  const etag = (await app.fetch(path)).headers.get("etag") ?? "";
  for (const known of [etag, etag.replace("W/", ""), `"other", ${etag}`, "*"]) {
    const response = await app.fetch(path, { headers: { "if-none-match": known } });
    expect([response.status, await response.text()]).toEqual([304, ""]);
    expect(response.headers.get("etag")).toBe(etag);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  }
  const other = await app.fetch(path, { headers: { "if-none-match": '"other"' } });
  expect(other.status).toBe(200);
  await app.close();
});
