import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import {
  type Collection,
  collectionFiles,
  OWN_COLLECTIONS,
  readCollection,
} from "../../scripts/bench/knowledge/collection.ts";
import { chatporch } from "../../scripts/bench/knowledge/engines.ts";
import { belowFloor, FLOORS } from "../../scripts/bench/knowledge/floors.ts";
import { measure } from "../../scripts/bench/knowledge/measures.ts";
import { runCollection } from "../../scripts/bench/knowledge/run-collection.ts";

const BENCH = resolve(import.meta.dir, "../../scripts/bench/main.ts");
const folder = mkdtempSync(join(tmpdir(), "chatporch-knowledge-bench-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = collectionFiles(OWN_COLLECTIONS);

test("every collection has a floor, and every floor a collection", async () => {
  const names = await Promise.all(files.map(async (file) => (await readCollection(file)).name));
  expect(names.toSorted()).toEqual(Object.keys(FLOORS).toSorted());
});

describe("the search reaches its floor", () => {
  test.each(files.map((file) => [file.split("/").at(-1) ?? "", file]))("in %s", async (_, file) => {
    const collection = await readCollection(file);
    expect(belowFloor(collection.name, await runCollection(chatporch, collection))).toEqual([]);
  });
});

const SMALL: Collection = {
  name: "small",
  docs: ["a", "b", "c"].map((id) => ({ id, text: `about ${id.repeat(5)}` })),
  queries: [
    { id: "1", text: "aaaaa" },
    { id: "2", text: "bbbbb" },
  ],
  qrels: { 1: { a: 1 }, 2: { b: 2, c: 1 } },
};

test("the measures are those of the books", () => {
  const found = new Map([
    ["1", ["b", "a"]],
    ["2", ["c", "c", "b", "a"]],
  ]);
  const log3 = Math.log2(3);
  const { ndcg10, recall5, mrr10 } = measure(SMALL, found);
  expect(ndcg10).toBeCloseTo((1 / log3 + (1 + 2 / log3) / (2 + 1 / log3)) / 2, 9);
  expect(recall5).toBe(1);
  expect(mrr10).toBe(0.75);
  expect(measure(SMALL, new Map())).toEqual({ ndcg10: 0, recall5: 0, mrr10: 0 });
});

test("what is below its floor is said in words", () => {
  const reached = { ndcg10: 0.5, recall5: 0.7, mrr10: 1, cpuMs: 1 };
  expect(belowFloor("mtrag", reached)).toEqual(["mtrag: ndcg10 is 0.500, and the floor 0.58"]);
  expect(belowFloor("another", reached)).toEqual([]);
});

async function runBench(collections: string) {
  const args = ["knowledge", "--collections", collections];
  const child = Bun.spawn([process.execPath, BENCH, ...args], { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { stdout, stderr, exitCode: await child.exited };
}

test("other collections are measured beside MiniSearch", async () => {
  writeFileSync(join(folder, "small.json"), JSON.stringify(SMALL));
  const { stdout, exitCode } = await runBench(folder);
  expect(stdout).toMatch(/^small +0\.\d{3}/m);
  expect(stdout.match(/\bsmall\b.*/)?.[0].split(/\s+/)).toHaveLength(9);
  expect(exitCode).toBe(0);
});

test("a collection below its floor ends the bench with 1", async () => {
  const poor = { ...SMALL, name: "mtrag", qrels: { 1: { c: 1 }, 2: { a: 1 } } };
  const poorFolder = mkdtempSync(join(folder, "poor-"));
  writeFileSync(join(poorFolder, "poor.json.gz"), Bun.gzipSync(JSON.stringify(poor)));
  const { stderr, exitCode } = await runBench(poorFolder);
  expect(stderr).toContain("✗ mtrag: ndcg10 is 0.000, and the floor 0.58");
  expect(exitCode).toBe(1);
});

test("a file that is no collection is named", async () => {
  const wrong = mkdtempSync(join(folder, "wrong-"));
  writeFileSync(join(wrong, "other.json"), "{}");
  const { stderr, exitCode } = await runBench(wrong);
  expect(stderr).toContain("other.json is no collection: it needs name, docs, queries and qrels.");
  expect(exitCode).toBe(1);
});
