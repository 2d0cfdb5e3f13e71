import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { NewerSchemaError } from "../../../src/store/sqlite/migrate.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations.ts";
import { backupSqlite, openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { newTurn, storeExchange } from "../../support/stored-turns.ts";

afterEach(cleanUp);

/** Starts a program that stores a hundred exchanges in five sessions. */
const WRITER = join(import.meta.dir, "../../support/write-exchanges.ts");

const modeOf = (path: string): number => statSync(path).mode & 0o777;

interface PragmaRow {
  readonly [name: string]: unknown;
}

/** Reads a database file without the store. */
function inspect<T>(file: string, look: (db: Database) => T): T {
  const db = new Database(file, { readonly: true });
  try {
    return look(db);
  } finally {
    db.close();
  }
}

function integrityOf(file: string): unknown {
  return inspect(file, (db) => db.query<PragmaRow, []>("PRAGMA integrity_check").all());
}

describe("opening a store", () => {
  test("makes a folder and a file that only their owner can read", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "new/deep/chat.db");
    const store = openSqliteStore(file);
    await storeExchange(store);
    expect(modeOf(join(folder, "new"))).toBe(0o700);
    expect(modeOf(join(folder, "new/deep"))).toBe(0o700);
    for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(modeOf(name)).toBe(0o600);
    await store.close();
    expect(modeOf(file)).toBe(0o600);
  });

  test("keeps the mode of an existing folder", async () => {
    const folder = join(temporaryFolder(), "shared");
    mkdirSync(folder, { mode: 0o755 });
    await openSqliteStore(join(folder, "chat.db")).close();
    expect(modeOf(folder)).toBe(0o755);
  });

  test("takes away the rights of others to an existing file", async () => {
    const file = join(temporaryFolder(), "chat.db");
    writeFileSync(file, "", { mode: 0o644 });
    await openSqliteStore(file).close();
    expect(modeOf(file)).toBe(0o600);
  });

  test("takes away the rights of others to the files that a crash left beside a readable database", async () => {
    const file = join(temporaryFolder(), "chat.db");
    const store = openSqliteStore(file);
    await storeExchange(store);
    const left = [file, `${file}-wal`, `${file}-shm`];
    for (const name of left) copyFileSync(name, name.replace("chat.db", "crashed.db"));
    await store.close();
    const crashed = left.map((name) => name.replace("chat.db", "crashed.db"));
    for (const name of crashed) chmodSync(name, 0o644);
    const again = openSqliteStore(file.replace("chat.db", "crashed.db"));
    expect(crashed.map(modeOf)).toEqual([0o600, 0o600, 0o600]);
    await again.close();
  });

  test("keeps the mode of a file that is not a database", () => {
    const file = join(temporaryFolder(), "letter.txt");
    writeFileSync(file, "Dear reader, ".repeat(100), { mode: 0o644 });
    expect(() => openSqliteStore(file)).toThrow();
    expect(modeOf(file)).toBe(0o644);
  });

  test("makes only STRICT tables, in a file in WAL mode", async () => {
    const file = join(temporaryFolder(), "chat.db");
    await openSqliteStore(file).close();
    inspect(file, (db) => {
      const tables = db
        .query<{ name: string; strict: number; type: string }, []>(
          `SELECT name, strict, type FROM pragma_table_list
           WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'messages_fts%'
             AND name NOT LIKE 'knowledge_head%' AND name NOT LIKE 'knowledge_body%'`,
        )
        .all();
      expect(tables.map(({ name }) => name).sort()).toEqual([
        "answer_tests",
        "audit",
        "conversations",
        "daily",
        "daily_first_token",
        "daily_grounding",
        "daily_ratings",
        "dismissed_questions",
        "instructions",
        "knowledge_documents",
        "knowledge_editions",
        "knowledge_index",
        "knowledge_sections",
        "knowledge_sources",
        "knowledge_totals",
        "knowledge_vectors",
        "messages",
        "notice_channels",
        "notices",
        "notices_wanted",
        "owner_claims",
        "owner_password",
        "owner_sessions",
        "refused_origins",
        "requests",
        "secrets",
        "settings",
        "setup_facts",
        "spending",
        "spending_held",
        "takeovers",
        "totals",
        "unindexed",
        "unmarked",
        "unsearchable",
        "widget_keys",
      ]);
      for (const table of tables) expect(table).toMatchObject({ strict: 1, type: "table" });
      expect(db.query("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
      const incremental = 2;
      expect(db.query("PRAGMA auto_vacuum").get()).toEqual({ auto_vacuum: incremental });
      expect(db.query("PRAGMA user_version").get()).toEqual({ user_version: MIGRATIONS.length });
    });
  });

  test("leaves no WAL behind when it is closed", async () => {
    const file = join(temporaryFolder(), "chat.db");
    const store = openSqliteStore(file);
    await storeExchange(store);
    await store.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(existsSync(`${file}-shm`)).toBe(false);
  });

  test("finds the stored messages after a reopen", async () => {
    const file = join(temporaryFolder(), "chat.db");
    const first = openSqliteStore(file);
    await storeExchange(first, { question: "Remember me?", answer: "Always." });
    await first.close();

    const second = openSqliteStore(file);
    const conversation = await second.findConversationBySession("visitor");
    const messages = await second.listMessages(conversation?.id ?? "");
    expect(messages.map(({ content }) => content)).toEqual(["Remember me?", "Always."]);
    await second.close();
  });

  test("finds the stored messages without a close before, as after a crash", async () => {
    const file = join(temporaryFolder(), "chat.db");
    const crashed = openSqliteStore(file);
    await storeExchange(crashed);
    const store = openSqliteStore(file);
    expect(await store.findConversationBySession("visitor")).toMatchObject({ messageCount: 2 });
    await store.close();
    await crashed.close();
  });

  test(":memory: makes no file, and each store has its own data", async () => {
    const [one, other] = [openSqliteStore(":memory:"), openSqliteStore(":memory:")];
    await storeExchange(one);
    expect(existsSync(":memory:")).toBe(false);
    expect((await other.listConversations({ limit: 10 })).total).toBe(0);
    await Promise.all([one.close(), other.close()]);
  });

  test("refuses a file that is not a database, and leaves it as it is", () => {
    const file = join(temporaryFolder(), "notes.txt");
    const text = "These are my notes, and not a database. ".repeat(100);
    writeFileSync(file, text);
    expect(() => openSqliteStore(file)).toThrow(`The database ${file} cannot be `);
    expect(readFileSync(file, "utf8")).toBe(text);
  });
});

describe("a file with a newer schema", () => {
  async function makeNewer(): Promise<string> {
    const file = join(temporaryFolder(), "chat.db");
    const store = openSqliteStore(file);
    await storeExchange(store);
    await store.close();
    const db = new Database(file);
    db.run(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    db.run("CREATE TABLE of_the_future (x TEXT) STRICT");
    db.run("PRAGMA wal_checkpoint(TRUNCATE)");
    db.close();
    return file;
  }

  test("is refused with both versions and advice, and not changed", async () => {
    const file = await makeNewer();
    const before = readFileSync(file);
    expect(() => openSqliteStore(file)).toThrow(NewerSchemaError);
    expect(() => openSqliteStore(file)).toThrow(
      new RegExp(`schema ${MIGRATIONS.length + 1}.*up to ${MIGRATIONS.length}.*newer.*backup`),
    );
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test("is not changed either when it is a backup, which is not in WAL mode", async () => {
    const copy = join(temporaryFolder(), "copy.db");
    backupSqlite(await makeNewer(), copy);
    const before = readFileSync(copy);
    expect(() => openSqliteStore(copy)).toThrow(NewerSchemaError);
    expect(readFileSync(copy).equals(before)).toBe(true);
  });
});

describe("two handles on one file", () => {
  test("write in turns and lose nothing", async () => {
    const file = join(temporaryFolder(), "chat.db");
    const stores = [openSqliteStore(file), openSqliteStore(file)] as const;
    await Promise.all(
      Array.from({ length: 10 }, async (_, visitor) => {
        for (let i = 0; i < 10; i += 1) {
          await storeExchange(stores[(visitor + i) % 2 === 0 ? 0 : 1], {
            sessionId: `visitor-${visitor}`,
          });
        }
      }),
    );
    const page = await stores[0].listConversations({ limit: 100 });
    expect(page.total).toBe(10);
    expect(page.conversations.every(({ messageCount }) => messageCount === 20)).toBe(true);
    await Promise.all(stores.map((store) => store.close()));
    expect(integrityOf(file)).toEqual([{ integrity_check: "ok" }]);
  });

  test("write in turns and lose nothing in two processes, too", async () => {
    const file = join(temporaryFolder(), "chat.db");
    await openSqliteStore(file).close();
    const children = ["one", "two"].map((name) =>
      Bun.spawn([process.execPath, WRITER, file, name], { stderr: "pipe" }),
    );
    const errors = await Promise.all(children.map((child) => child.stderr.text()));
    expect(errors).toEqual(["", ""]);
    const store = openSqliteStore(file);
    const page = await store.listConversations({ limit: 100 });
    expect(page.total).toBe(10);
    expect(page.conversations.every(({ messageCount }) => messageCount === 40)).toBe(true);
    await store.close();
    expect(integrityOf(file)).toEqual([{ integrity_check: "ok" }]);
  });

  test("agree on a secret", async () => {
    const file = join(temporaryFolder(), "chat.db");
    const stores = [openSqliteStore(file), openSqliteStore(file)] as const;
    const one = await stores[0].secret("session", () => "first");
    expect(await stores[1].secret("session", () => "second")).toBe(one);
    await Promise.all(stores.map((store) => store.close()));
  });
});

describe("the store's secret", () => {
  test("is made once for each name, and kept across a reopen", async () => {
    const file = join(temporaryFolder(), "chat.db");
    const first = openSqliteStore(file);
    expect(await first.secret("session", () => "made at first")).toBe("made at first");
    expect(await first.secret("other", () => "another")).toBe("another");
    await first.close();

    const second = openSqliteStore(file);
    const makeAgain = (): string => {
      throw new Error("made again");
    };
    expect(await second.secret("session", makeAgain)).toBe("made at first");
    expect(await second.secret("other", makeAgain)).toBe("another");
    await second.close();
  });
});

describe("backupSqlite", () => {
  test("copies the stored data while another handle writes", async () => {
    const folder = temporaryFolder();
    const [file, copy] = [join(folder, "chat.db"), join(folder, "copy.db")];
    const store = openSqliteStore(file);
    await storeExchange(store, { sessionId: "before" });
    const writer = new Database(file);
    writer.run("BEGIN IMMEDIATE");
    writer.run("UPDATE conversations SET last_message = 'not committed'");
    backupSqlite(file, copy);
    writer.run("ROLLBACK");
    writer.close();
    await storeExchange(store, { sessionId: "after" });
    await store.close();

    expect(modeOf(copy)).toBe(0o600);
    expect(existsSync(`${copy}-wal`)).toBe(false);
    expect(integrityOf(copy)).toEqual([{ integrity_check: "ok" }]);
    const restored = openSqliteStore(copy);
    const { conversations, total } = await restored.listConversations({ limit: 10 });
    expect(total).toBe(1);
    expect(conversations).toMatchObject([
      { sessionId: "before", lastMessage: "At nine.", messageCount: 2 },
    ]);
    // The copy has the search index and the counters, too.
    expect((await restored.listConversations({ limit: 10, search: "nine" })).total).toBe(1);
    await restored.beginTurn(newTurn({ sessionId: "before" }));
    await restored.close();
  });

  test("refuses a target that exists and leaves it as it is", async () => {
    const folder = temporaryFolder();
    const [file, target] = [join(folder, "chat.db"), join(folder, "precious.txt")];
    await openSqliteStore(file).close();
    writeFileSync(target, "do not touch");
    expect(() => backupSqlite(file, target)).toThrow(/exists/);
    expect(readFileSync(target, "utf8")).toBe("do not touch");
  });

  test("refuses an earlier copy as the target", async () => {
    const folder = temporaryFolder();
    const [file, target] = [join(folder, "chat.db"), join(folder, "copy.db")];
    await openSqliteStore(file).close();
    backupSqlite(file, target);
    const before = readFileSync(target);
    expect(() => backupSqlite(file, target)).toThrow(/exists/);
    expect(readFileSync(target).equals(before)).toBe(true);
  });

  test("refuses an empty file as the target", async () => {
    const folder = temporaryFolder();
    const [file, target] = [join(folder, "chat.db"), join(folder, "empty.db")];
    await openSqliteStore(file).close();
    writeFileSync(target, "");
    expect(() => backupSqlite(file, target)).toThrow(/exists/);
    expect(readFileSync(target)).toHaveLength(0);
  });

  test("reports that there is nothing to copy, and makes no file", () => {
    const folder = temporaryFolder();
    const [file, target] = [join(folder, "missing.db"), join(folder, "copy.db")];
    expect(() => backupSqlite(file, target)).toThrow();
    expect(existsSync(file)).toBe(false);
    expect(existsSync(target)).toBe(false);
  });

  test("makes a copy that others can never read, not even while it is written", async () => {
    const folder = temporaryFolder();
    const [file, target] = [join(folder, "chat.db"), join(folder, "copy.db")];
    const store = openSqliteStore(file);
    for (let i = 0; i < 50; i += 1) await storeExchange(store, { answer: "x".repeat(10_000) });
    await store.close();
    const watcher = Bun.spawn(
      ["bash", "-c", `until [ -e "$0" ]; do :; done; stat -c %a "$0"`, target],
      { stdout: "pipe" },
    );
    backupSqlite(file, target);
    expect((await watcher.stdout.text()).trim()).toBe("600");
  });
});
