import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { compiledBinary, runBinary, startBinary } from "../../harness/binary.ts";
import { databaseIn, KEYS } from "../../harness/chat-requests.ts";
import { UNLIMITED } from "../../harness/faults/campaign.ts";
import { Ledger } from "../../harness/faults/ledger.ts";
import { expectReturned, resourcesOf } from "../../harness/faults/resources.ts";
import { audit } from "../../harness/faults/stored.ts";
import { askAndNote } from "../../harness/faults/visitor.ts";
import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, type RunningServer, temporaryFolder } from "../../harness/process.ts";

setDefaultTimeout(60_000);

/** A start that is refused is told in one sentence. */
const ONE_SENTENCE = /^chatporch: [^\n]+\n$/;
const LOCKED_MS = 2000;
/** Each keeps, for its next question, a connection of the visitor's and one to the model. */
const WAITING = 20;
/** What the server cuts its log back to, and what a reader in another process may add to an answer. */
const WAL_LIMIT_BYTES = 16 * 1024 * 1024;
const MAX_ADDED_MS = 100;
const ROUNDS = 5;
/** Small, so that it is full soon: less than what SQLite's log grows to before it is emptied. */
const FULL_AT_BYTES = 1024 * 1024;
const WITH_FULL_DISK = [
  "bash",
  "-c",
  // bash counts in blocks of 1024 bytes. A write beyond the limit then fails, as on a full disk; otherwise it would end the process.
  `trap '' XFSZ; ulimit -S -f ${FULL_AT_BYTES / 1024}; exec "$@"`,
  "bash",
];
const MAX_QUESTIONS = 2000;
const LONG = "x".repeat(3500);

let model: ModelServer;
let settings: Record<string, string>;

beforeEach(() => {
  model = startModelServer(answer("Hello there"));
  settings = { ...KEYS, ...UNLIMITED, OPENAI_BASE_URL: model.url };
});

afterEach(async () => {
  await cleanUp();
  await model.stop();
});

/** A folder with a database of one conversation in it, closed. */
async function folderWithDatabase(ledger = new Ledger()): Promise<string> {
  const server = await startBinary(settings);
  await askAndNote(server.url, ledger, "earlier", "From before");
  expect(await server.stop()).toBe(0);
  return server.folder;
}

test("a file that is no database is refused, and left as it is", async () => {
  const folder = temporaryFolder();
  const file = databaseIn(folder);
  mkdirSync(dirname(file));
  writeFileSync(file, "This is a letter and no database.\n".repeat(100));
  const { exitCode, stderr } = await runBinary([], settings, folder);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(ONE_SENTENCE);
  expect(stderr).toContain("data/chatporch.db");
  expect(readFileSync(file, "utf8")).toStartWith("This is a letter");
});

test("a database that has lost its end is refused", async () => {
  const folder = await folderWithDatabase();
  const file = databaseIn(folder);
  truncateSync(file, 3 * 4096);
  const { exitCode, stderr } = await runBinary([], { ...settings, PORT: "0" }, folder);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(ONE_SENTENCE);
  expect(stderr).toContain("data/chatporch.db");
});

test("a database of a newer schema is refused, and left as it is", async () => {
  const folder = await folderWithDatabase();
  const db = new Database(databaseIn(folder));
  db.run("PRAGMA user_version = 999");
  db.close();
  const before = readFileSync(databaseIn(folder));
  const { exitCode, stderr } = await runBinary([], settings, folder);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(ONE_SENTENCE);
  expect(stderr).toContain("999");
  expect(readFileSync(databaseIn(folder)).equals(before)).toBe(true);
});

test("a database that cannot be written is refused in a sentence", async () => {
  const isRoot = process.getuid?.() === 0;
  if (isRoot && !Bun.which("setpriv")) {
    console.log(
      "faults: skipped, a read-only file: root may write to all, and there is no setpriv",
    );
    return;
  }
  const folder = await folderWithDatabase();
  chmodSync(databaseIn(folder), 0o444);
  chmodSync(dirname(databaseIn(folder)), 0o555);
  chmodSync(folder, 0o755);
  const reading = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];
  const asNobody = isRoot ? [...reading, "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
  const canRun = Bun.spawnSync([...asNobody, "test", "-x", await compiledBinary()]);
  if (canRun.exitCode !== 0) {
    console.log("faults: skipped, a read-only file: another user cannot run this program");
    return;
  }
  const { exitCode, stderr } = await runBinary([], settings, folder, asNobody);
  // EX_CONFIG: starting again does not help.
  expect(exitCode).toBe(78);
  expect(stderr).toMatch(ONE_SENTENCE);
  expect(stderr).toContain("data/chatporch.db");
});

test("questions wait while another process holds the lock, and nothing is lost", async () => {
  const ledger = new Ledger();
  const server = await startBinary(settings);
  await askAndNote(server.url, ledger, "first", "Hi");
  const before = resourcesOf(server.pid);
  const other = new Database(databaseIn(server.folder));
  other.run("BEGIN IMMEDIATE");
  const waiting = Array.from({ length: WAITING }, (_, index) =>
    askAndNote(server.url, ledger, `waiting-${index}`, `Is it ${index}?`),
  );
  const lockedAt = performance.now();
  while (performance.now() - lockedAt < LOCKED_MS) {
    const askedAt = performance.now();
    expect((await fetch(`${server.url}/ready`)).status).toBe(200);
    expect(performance.now() - askedAt).toBeLessThan(LOCKED_MS / 2);
    await Bun.sleep(100);
  }
  expect(ledger.acknowledged).toHaveLength(1);
  other.run("ROLLBACK");
  other.close();
  for (const turn of await Promise.all(waiting)) expect(turn.done).toBe("Hello there");
  expect(await audit(server, ledger)).toEqual([]);
  await expectReturned(server, before, "a locked database", 2 * WAITING);
});

test("a long reader lets the WAL grow, delays nobody, and it shrinks when that has gone", async () => {
  const ledger = new Ledger();
  const server = await startBinary(settings);
  const alone: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    alone.push(await medianAnswerMs(server, ledger, `alone-${round}`));
  }
  const files = resourcesOf(server.pid);
  const reader = new Database(databaseIn(server.folder), { readonly: true });
  reader.run("BEGIN");
  reader.query("SELECT count(*) FROM messages").get();
  const walBytes = () => statSync(`${databaseIn(server.folder)}-wal`).size;

  const beside: number[] = [];
  while (walBytes() <= WAL_LIMIT_BYTES) {
    beside.push(await medianAnswerMs(server, ledger, `beside-${beside.length}`));
  }
  expect(medianOf(beside) - medianOf(alone)).toBeLessThan(MAX_ADDED_MS);

  reader.close();
  // The next checkpoint copies all of it, and the write after that begins it anew.
  for (let round = 0; round < 100 && walBytes() > WAL_LIMIT_BYTES; round += 1) {
    await medianAnswerMs(server, ledger, `after-${round}`);
  }
  expect(walBytes()).toBeLessThanOrEqual(WAL_LIMIT_BYTES);
  expect(await audit(server, ledger)).toEqual([]);
  await expectReturned(server, files, "a long reader", WAITING);
});

/** Asks long questions, some at once, and is answered. */
async function medianAnswerMs(server: RunningServer, ledger: Ledger, name: string) {
  const times = await Promise.all(
    Array.from({ length: WAITING }, async (_, index) => {
      const startedAt = performance.now();
      const question = `${name} ${index} ${LONG}`;
      const turn = await askAndNote(server.url, ledger, `${name}-${index}`, question);
      expect(turn.done).toBe("Hello there");
      return performance.now() - startedAt;
    }),
  );
  return medianOf(times);
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? Infinity;
}

test("a disk that is full refuses questions, and loses nothing; with room again it goes on", async () => {
  if (!Bun.which("prlimit") || !Bun.which("bash")) {
    console.log("faults: skipped, a full disk: there is no prlimit or no bash here");
    return;
  }
  const ledger = new Ledger();
  const server = await startBinary(settings, temporaryFolder(), WITH_FULL_DISK);
  await askAndNote(server.url, ledger, "first", "Hi");
  const before = resourcesOf(server.pid);
  let failures = 0;
  for (let number = 0; failures < 5 && number < MAX_QUESTIONS; number += 1) {
    const turn = await askAndNote(server.url, ledger, `s-${number % 7}`, `${number} ${LONG}`);
    if (turn.done !== undefined) continue;
    failures += 1;
    expect(turn.errorCode).toBe("internal_error");
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  }
  expect(failures).toBe(5);
  expect(statSync(`${databaseIn(server.folder)}-wal`).size).toBeLessThanOrEqual(FULL_AT_BYTES);

  const more = Bun.spawnSync(["prlimit", `--pid=${server.pid}`, "--fsize=unlimited:"]);
  expect(more.stderr.toString()).toBe("");
  for (let visitor = 0; visitor < 7; visitor += 1) {
    const turn = await askAndNote(server.url, ledger, `s-${visitor}`, `And now, ${visitor}?`);
    expect(turn.done).toBe("Hello there");
  }
  await expectReturned(server, before, "a full disk", 2);
  expect(await server.stop()).toBe(0);
  const next = await startBinary(settings, server.folder);
  expect(await audit(next, ledger)).toEqual([]);
});
