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
import { startStopwatch } from "../../harness/stopwatch.ts";

setDefaultTimeout(60_000);

/** A refused start prints one sentence. */
const ONE_SENTENCE = /^chatporch: [^\n]+\n$/;
const LOCKED_MS = 2000;
/** For its next question, each keeps a connection of the visitor and one to the model. */
const WAITING = 20;
/** The size to which the server cuts the WAL, and the delay that a reader in another process may add to an answer. */
const WAL_LIMIT_BYTES = 16 * 1024 * 1024;
const MAX_ADDED_MS = 100;
const ROUNDS = 5;
/** A small disk is full soon: it is smaller than SQLite's WAL before a checkpoint empties it. */
const FULL_AT_BYTES = 1024 * 1024;
const WITH_FULL_DISK = [
  "bash",
  "-c",
  // bash counts in blocks of 1024 bytes. Without the trap, a write beyond the limit would end the process;
  // with it, the write fails as on a full disk.
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

/** Makes a folder with a closed database of one conversation. */
async function folderWithDatabase(ledger = new Ledger()): Promise<string> {
  const server = await startBinary(settings);
  await askAndNote(server.url, ledger, "earlier", "From before");
  expect(await server.stop()).toBe(0);
  return server.folder;
}

test("the start is refused with a file that is not a database, and leaves it as it is", async () => {
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

test("the start is refused with a database file that was cut short", async () => {
  const folder = await folderWithDatabase();
  const file = databaseIn(folder);
  truncateSync(file, 3 * 4096);
  const { exitCode, stderr } = await runBinary([], { ...settings, PORT: "0" }, folder);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(ONE_SENTENCE);
  expect(stderr).toContain("data/chatporch.db");
});

test("the start is refused with a database of a newer schema, and leaves it as it is", async () => {
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

test("the start is refused in one sentence with a database that cannot be written", async () => {
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
    const stopwatch = startStopwatch(server.pid);
    expect((await fetch(`${server.url}/ready`)).status).toBe(200);
    expect(stopwatch()).toBeLessThan(LOCKED_MS / 2);
    await Bun.sleep(100);
  }
  expect(ledger.acknowledged).toHaveLength(1);
  other.run("ROLLBACK");
  other.close();
  for (const turn of await Promise.all(waiting)) expect(turn.done).toBe("Hello there");
  expect(await audit(server, ledger)).toEqual([]);
  await expectReturned(server, before, "a locked database", 2 * WAITING);
});

test("the WAL grows beside a long reader, which delays nobody, and shrinks after it has gone", async () => {
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
  // The next checkpoint copies all of the WAL, and the write after it starts the WAL again.
  for (let round = 0; round < 100 && walBytes() > WAL_LIMIT_BYTES; round += 1) {
    await medianAnswerMs(server, ledger, `after-${round}`);
  }
  expect(walBytes()).toBeLessThanOrEqual(WAL_LIMIT_BYTES);
  expect(await audit(server, ledger)).toEqual([]);
  await expectReturned(server, files, "a long reader", WAITING);
});

/** Asks several long questions at once. Resolves with the median time to their answers. */
async function medianAnswerMs(server: RunningServer, ledger: Ledger, name: string) {
  const times = await Promise.all(
    Array.from({ length: WAITING }, async (_, index) => {
      const stopwatch = startStopwatch(server.pid);
      const question = `${name} ${index} ${LONG}`;
      const turn = await askAndNote(server.url, ledger, `${name}-${index}`, question);
      expect(turn.done).toBe("Hello there");
      return stopwatch();
    }),
  );
  return medianOf(times);
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? Infinity;
}

test("questions are refused while the disk is full, nothing is lost, and the server goes on once there is room", async () => {
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
