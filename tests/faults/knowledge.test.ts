import { Database } from "bun:sqlite";
import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { foundTexts } from "../support/stored-knowledge.ts";

afterEach(cleanUp);

const WRITER = join(import.meta.dir, "knowledge-writer.ts");
const SECTIONS = 120;
const ROUNDS = 6;

/** Runs the writer and kills it after so many lines and milliseconds. Returns its last line of each document. */
async function runAndKill(file: string, lines: number, ms: number): Promise<Map<string, string>> {
  const writer = Bun.spawn([process.execPath, WRITER, file], { stdout: "pipe", stderr: "inherit" });
  const last = new Map<string, string>();
  let isDying = false;
  let text = "";
  for await (const chunk of writer.stdout) {
    text += new TextDecoder().decode(chunk);
    if (isDying || text.split("\n").length <= lines) continue;
    isDying = true;
    setTimeout(() => writer.kill("SIGKILL"), ms);
  }
  await writer.exited;
  for (const line of text.split("\n").slice(0, -1)) last.set(line.split(" ")[1] ?? "", line);
  return last;
}

/** The sections that are in the index, and those that are to be. */
function indexOf(file: string) {
  const db = new Database(file, { readonly: true });
  const ids = (query: string) =>
    db
      .query<{ id: number }, []>(query)
      .all()
      .map(({ id }) => id);
  const found = {
    indexed: ids("SELECT id FROM knowledge_body_docsize ORDER BY id"),
    stored: ids("SELECT id FROM knowledge_sections ORDER BY id"),
    left: ids("SELECT id FROM knowledge_editions WHERE document_id IS NULL"),
    problems: db.query("PRAGMA integrity_check").all(),
  };
  db.close();
  return found;
}

test("a process that is killed while it stores or removes documents loses none, and leaves no part of one", async () => {
  const file = join(temporaryFolder(), "chat.db");
  const acknowledged = new Map<string, string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    // Milliseconds after a change was stored: in the midst of the steps of the next one.
    const last = await runAndKill(file, 3 + round, round * 3);
    for (const [document, line] of last) acknowledged.set(document, line);

    const store = openSqliteStore(file);
    for (const [document, line] of acknowledged) {
      const stored = await store.findDocument(`https://shop.example/${document}`);
      const [kind, , n] = line.split(" ");
      // What was acknowledged, or what was being done when the process was killed.
      if (stored === undefined) continue;
      expect(stored).toMatchObject({ status: "ok", sections: SECTIONS });
      const sections = await store.sectionsOf(stored.id);
      const [, text = ""] = stored.title.split(" ");
      expect(sections.map((each) => each.text.split(" ").slice(0, 3).join(" "))).toEqual(
        Array.from({ length: SECTIONS }, (_, at) => `text${text} of section${at}`),
      );
      if (kind === "put") expect(Number(text)).toBeGreaterThanOrEqual(Number(n));
      expect((await foundTexts(store, `text${text}`)).length).toBeGreaterThan(0);
    }
    const gone = [...acknowledged].filter(([, line]) => line.startsWith("put"));
    const documents = (await store.listDocuments({ limit: 10 })).total;
    // At most one was being removed.
    expect(documents).toBeGreaterThanOrEqual(gone.length - 1);
    // As if a minute had passed: what was half stored is left over.
    const half = new Database(file);
    half.run("UPDATE knowledge_editions SET stored_until = 1 WHERE document_id IS NULL");
    half.close();
    while (!(await store.tendKnowledge()).isDone);
    const { sections } = await store.knowledgeSize();
    expect(sections).toBe(documents * SECTIONS);
    await store.close();

    const { indexed, stored, left, problems } = indexOf(file);
    expect(indexed).toEqual(stored);
    expect(stored).toHaveLength(sections);
    expect(left).toEqual([]);
    expect(problems).toEqual([{ integrity_check: "ok" }]);
  }
}, 60_000);
