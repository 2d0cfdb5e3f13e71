import { afterEach, beforeEach, expect, test } from "bun:test";
import { connect } from "node:net";

import { createTestApp, type TestApp } from "../support/test-app.ts";

/** The bound is Bun's. These tests fail when a new version changes it. */

let app: TestApp;
let base: string;

beforeEach(() => {
  app = createTestApp();
  base = app.listen();
});

afterEach(() => app.close());

/** Everything that the server answers until it closes the connection, or the first line if it does not close. */
function send(head: string): Promise<{ statusLine: string; hasClosed: boolean }> {
  const { port } = new URL(base);
  return new Promise((resolve) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(head));
    let text = "";
    const end = (hasClosed: boolean) => {
      socket.destroy();
      resolve({ statusLine: text.split("\r\n")[0] ?? "", hasClosed });
    };
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (!text.includes(" 431 ")) end(false);
    });
    socket.on("error", () => {});
    socket.on("close", () => end(true));
  });
}

const REFUSED = { statusLine: "HTTP/1.1 431 Request Header Fields Too Large", hasClosed: true };
const headers = (count: number) =>
  Array.from({ length: count }, (_, index) => `x-${index}: a\r\n`).join("");

test.each([
  ["a path of 15,000 characters", `GET /${"a".repeat(15_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 404],
  [
    "a header of 15,000",
    `GET /health HTTP/1.1\r\nHost: x\r\nx-a: ${"a".repeat(15_000)}\r\n\r\n`,
    200,
  ],
  ["100 headers", `GET /health HTTP/1.1\r\nHost: x\r\n${headers(100)}\r\n`, 200],
])("%s is accepted", async (_name, head, status) => {
  const { statusLine } = await send(head);
  expect(statusLine).toStartWith(`HTTP/1.1 ${status} `);
});

test.each([
  ["a path of 17,000 characters", `GET /${"a".repeat(17_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
  ["a header of 17,000", `GET /health HTTP/1.1\r\nHost: x\r\nx-a: ${"a".repeat(17_000)}\r\n\r\n`],
  ["201 headers", `GET /health HTTP/1.1\r\nHost: x\r\n${headers(201)}\r\n`],
  ["a header without an end", `GET /health HTTP/1.1\r\nHost: x\r\nx-a: ${"a".repeat(500_000)}`],
])("%s is refused, and the connection ends", async (_name, head) => {
  expect(await send(head)).toEqual(REFUSED);
});
