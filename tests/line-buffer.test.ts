import { expect, test } from "bun:test";

import { createLineBuffer } from "../src/line-buffer.ts";

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test("lines of one turn of the event loop are written together, in their order", async () => {
  const written: string[] = [];
  const lines = createLineBuffer((text) => written.push(text));
  lines.add("one\n");
  lines.add("two\n");
  expect(written).toEqual([]);
  await nextTurn();
  expect(written).toEqual(["one\ntwo\n"]);
  lines.add("three\n");
  await nextTurn();
  expect(written).toEqual(["one\ntwo\n", "three\n"]);
});

test("a process that ends takes what waits, and it is not written a second time", async () => {
  const written: string[] = [];
  const lines = createLineBuffer((text) => written.push(text));
  lines.add("last\n");
  expect(lines.take()).toBe("last\n");
  await nextTurn();
  expect(written).toEqual([]);
});
