import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { SQL } from "bun";

import { ask, databaseIn, KEYS, readThread } from "../../harness/chat-requests.ts";
import { hasPostgres, sharedPostgres } from "../../harness/postgres.ts";
import {
  cleanUp,
  runChatporch,
  spawnChatporch,
  startChatporch,
  temporaryFolder,
} from "../../harness/process.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";

setDefaultTimeout(60_000);

afterEach(cleanUp);

describe.skipIf(!hasPostgres)("chatporch migrate", () => {
  let url: string;

  beforeEach(async () => {
    url = await (await sharedPostgres()).createDatabase();
  });

  test("moves what a server has stored, and the next server goes on with it in PostgreSQL", async () => {
    const first = await startChatporch(KEYS);
    await (await ask(first.url, "Kept by the move?")).text();
    const settings = { ...KEYS, DATABASE_URL: url };
    const tooEarly = await runChatporch(["migrate"], settings, first.folder);
    expect(tooEarly).toMatchObject({ exitCode: 1, stdout: "" });
    expect(tooEarly.stderr).toContain("Another chatporch is using data/chatporch.db");
    const thread = await readThread(first.url);
    await first.stop();

    const before = readFileSync(databaseIn(first.folder));
    const moved = await runChatporch(["migrate"], settings, first.folder);
    expect(moved).toMatchObject({ exitCode: 0, stderr: "" });
    expect(moved.stdout).toContain("data/chatporch.db holds (conversations: 1, messages: 2)");
    expect(moved.stdout + moved.stderr).not.toContain("chatporch:chatporch");
    expect(readFileSync(databaseIn(first.folder)).equals(before)).toBe(true);

    const second = await startChatporch(settings, first.folder);
    expect(await readThread(second.url)).toEqual(thread);
    await (await ask(second.url, "And after it?")).text();
    expect(await readThread(second.url)).toHaveLength(4);
    await second.stop();
  });

  test("leaves PostgreSQL empty when Ctrl-C stops it, and says so", async () => {
    const folder = temporaryFolder();
    storeManyMessages(join(folder, "many.db"));
    const settings = { ...KEYS, DATABASE_URL: url, DATABASE_PATH: "many.db" };
    const child = spawnChatporch(["migrate"], settings, folder);
    const sql = new SQL(url, { max: 1 });
    for (let isCopying = false; !isCopying;) {
      const copies = await sql`
        SELECT 1 FROM pg_stat_progress_copy WHERE relid = to_regclass('messages') AND tuples_processed > 0`;
      isCopying = copies.length > 0;
    }
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
    // On a slow machine, its progress comes before that.
    expect(child.stderr.text()).toMatch(
      /^(?:copying messages: .*\n)*chatporch: stopped\. Nothing was moved to 127\.0\.0\.1:\d+\/\w+\.\n$/,
    );
    expect(child.stdout.text()).toBe("");
    const [found] = await sql`
      SELECT (SELECT count(*)::integer FROM conversations) AS rows, pg_relation_size('messages')::integer AS bytes`;
    expect(found).toEqual({ rows: 0, bytes: 0 });
    await sql.close();
  });

  test.each([
    ["DATABASE_URL is not set", { DATABASE_URL: undefined }, 78, "DATABASE_URL is not set."],
    ["the password is wrong", { password: "wrong" }, 78, "refuses the user or the password"],
    ["there is no file", { DATABASE_PATH: "nowhere.db" }, 1, "There is no database at nowhere.db."],
  ])("says what is wrong in one line when %s", async (_what, change, code, reason) => {
    const { password = "chatporch", ...changed } = { password: undefined, ...change };
    const settings = {
      ...KEYS,
      DATABASE_URL: url.replace(":chatporch@", `:${password}@`),
      ...changed,
    };
    const folder = temporaryFolder();
    openSqliteStore(databaseIn(folder)).close();
    const refused = await runChatporch(["migrate"], settings, folder);
    expect(refused).toMatchObject({ exitCode: code, stdout: "" });
    expect(refused.stderr).toStartWith("chatporch: ");
    expect(refused.stderr).toContain(reason);
    expect(refused.stderr.trimEnd()).not.toContain("\n");
  });
});

describe.skipIf(!hasPostgres)("the command for PostgreSQL's own tool that", () => {
  test("chatporch backup prints makes a copy, from which the one that restore prints brings all back", async () => {
    const url = await (await sharedPostgres()).createDatabase();
    const settings = { ...KEYS, DATABASE_URL: url };
    const first = await startChatporch(settings);
    await (await ask(first.url, "Before the copy")).text();
    const thread = await readThread(first.url);
    await run(await printedBy("backup", settings, first.folder), first.folder);
    await (await ask(first.url, "After the copy")).text();
    await first.stop();
    await run(await printedBy("restore", settings, first.folder), first.folder);
    const second = await startChatporch(settings);
    expect(await readThread(second.url)).toEqual(thread);
    await second.stop();
  });

  async function printedBy(name: string, settings: typeof KEYS, folder: string): Promise<string> {
    const refused = await runChatporch([name, "copy.dump"], settings, folder);
    expect(refused).toMatchObject({ exitCode: 64, stdout: "" });
    expect(refused.stderr).not.toContain("chatporch:chatporch@");
    return /pg_\w+ --.*/.exec(refused.stderr)?.[0] ?? "";
  }

  async function run(command: string, folder: string): Promise<void> {
    const env = { PATH: process.env.PATH ?? "", PGPASSWORD: "chatporch" };
    const tool = Bun.spawn(["sh", "-c", command], { cwd: folder, env, stderr: "pipe" });
    expect([await tool.exited, await new Response(tool.stderr).text()]).toEqual([0, ""]);
  }
});

/** Takes some seconds to move. */
function storeManyMessages(file: string): void {
  void openSqliteStore(file).close();
  const db = new Database(file);
  db.run(`INSERT INTO conversations (seq, id, session_id, created_at, updated_at, last_message, message_count)
     VALUES (1, 'c_1', 'visitor', 0, 0, '', 0)`);
  db.run(`WITH RECURSIVE numbers (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM numbers LIMIT 100000)
     INSERT INTO messages (conversation_seq, turn_id, role, content, status, created_at)
     SELECT 1, 't_' || value, 'user', 'Question ' || value || ' of a visitor who asks on and on.', 'complete', 0
     FROM numbers`);
  db.close();
}
