import { afterEach, expect, test } from "bun:test";

import { openRaw } from "../support/raw-http.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

let app: TestApp;
afterEach(() => app.close());

test.each(["a:b", "a:99999", "[::1", "%2f", "a/health?", "a#", "a b", "a\\b", "user@a"])(
  "the invalid Host: %s is a 400 everywhere, and no error of the server",
  async (host) => {
    app = createTestApp();
    const base = app.listen();
    for (const path of ["/health", "/v1/chat", "/dashboard/login", "/dashboard/conversations"]) {
      const connection = await openRaw(base);
      connection.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://a\r\n\r\n`);
      expect((await connection.answer()).status).toBe(400);
      connection.close();
    }
    expect(app.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  },
);
