import { expect, test } from "bun:test";

import { createLineBuffer, MAX_UNREAD } from "../../src/runtime/line-buffer.ts";

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** A reader that takes its lines only when the test says so. */
function createReader() {
  const written: string[] = [];
  const lost: number[] = [];
  let toTake: (() => void)[] = [];
  const lines = createLineBuffer({
    write(text, onTaken) {
      written.push(text);
      toTake.push(onTaken);
    },
    onLost(count) {
      lost.push(count);
      lines.add(`lost ${count}\n`);
    },
  });
  function takeAll(): void {
    for (const onTaken of toTake) onTaken();
    toTake = [];
  }
  return { lines, written, lost, takeAll };
}

test("lines of one turn of the event loop are written together, in their order", async () => {
  const { lines, written } = createReader();
  lines.add("one\n");
  lines.add("two\n");
  expect(written).toEqual([]);
  await nextTurn();
  expect(written).toEqual(["one\ntwo\n"]);
  lines.add("three\n");
  await nextTurn();
  expect(written).toEqual(["one\ntwo\n", "three\n"]);
});

test("a process that ends can take the waiting lines, which are not written a second time", async () => {
  const { lines, written } = createReader();
  lines.add("last\n");
  expect(lines.take()).toBe("last\n");
  await nextTurn();
  expect(written).toEqual([]);
});

test("lines for a reader that takes nothing are dropped and counted, not kept in memory", async () => {
  const { lines, written, lost, takeAll } = createReader();
  lines.add("x".repeat(MAX_UNREAD + 1));
  await nextTurn();
  for (let line = 0; line < 1000; line += 1) lines.add("unread\n");
  await nextTurn();
  expect(written).toHaveLength(1);
  expect(lines.take()).toBe("");
  expect(lost).toEqual([]);

  takeAll();
  lines.add("read again\n");
  lines.add("and again\n");
  await nextTurn();
  expect(written.slice(1)).toEqual(["lost 1000\nread again\nand again\n"]);
  expect(lost).toEqual([1000]);
});

test("a reader that is a little behind gets every line", async () => {
  const { lines, written, lost } = createReader();
  for (let line = 0; line < 100; line += 1) {
    lines.add("x".repeat(1000));
    await nextTurn();
  }
  expect(written.join("")).toHaveLength(100_000);
  expect(lost).toEqual([]);
});
