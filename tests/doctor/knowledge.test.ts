import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { judgeKnowledge } from "../../src/doctor/knowledge.ts";
import { inspectKnowledge } from "../../src/parts.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { addSource, newDocument } from "../support/stored-knowledge.ts";
import { NOON } from "../support/stored-turns.ts";

test("what the bot knows is read from the file without writing, and judged", async () => {
  const folder = mkdtempSync(join(tmpdir(), "chatporch-knowledge-"));
  const path = join(folder, "chat.db");
  const database = { url: undefined, path };
  try {
    expect(await inspectKnowledge(database)).toBeUndefined();
    const store = openSqliteStore(path);
    const { id: sourceId } = await addSource(store);
    await store.putDocument(newDocument({ sourceId }));
    const note = { sourceId, uri: "https://shop.example/a", isMissing: false, at: NOON } as const;
    await store.noteDocument({ ...note, status: "failed", reason: "It is gone." });
    const error = "The website \u001b[31m did not answer.";
    await store.endSource(sourceId, { owner: "reader", at: NOON, error, nextAt: undefined });
    const sources = (await inspectKnowledge(database)) ?? [];
    await store.close();

    expect(judgeKnowledge(sources, { knowledge: { mode: "off" } })).toMatchObject([
      {
        mark: "ok",
        says: "1 document in 1 section; the oldest reading is of 2026-11-23T12:00Z",
      },
      { mark: "warning", says: expect.stringContaining("KNOWLEDGE_MODE is off") },
      { mark: "warning", says: expect.stringContaining("https://shop.example/: The website") },
      { mark: "warning", says: expect.stringContaining("1 page could not be read") },
    ]);
    const said = judgeKnowledge(sources, { knowledge: { mode: "prefer" } });
    expect(said.some(({ says }) => says.includes("\u001b"))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a bot without any source has no findings", () => {
  expect(judgeKnowledge([], { knowledge: { mode: "prefer" } })).toEqual([]);
});
