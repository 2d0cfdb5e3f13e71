import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";

import { runBinary, startBinary } from "../../harness/binary.ts";
import { ask, databaseIn, KEYS, resume } from "../../harness/chat-requests.ts";
import { UNLIMITED } from "../../harness/faults/campaign.ts";
import { Ledger } from "../../harness/faults/ledger.ts";
import { expectReturned, resourcesOf } from "../../harness/faults/resources.ts";
import { audit } from "../../harness/faults/stored.ts";
import { askAndNote } from "../../harness/faults/visitor.ts";
import { answer as say, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import { startStopwatch } from "../../harness/stopwatch.ts";
import { type ErrorCode, PUBLIC_ERRORS } from "../../src/errors.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { storeExchange } from "../support/stored-turns.ts";

/** The disk returns other bytes than were written to it, while the server is running. */

setDefaultTimeout(60_000);

const PAGE_BYTES = 4096;
/** How long an error answer about a damaged database may take. */
const AT_ONCE_MS = 2000;
const CONVERSATIONS = 60;
const ONE_SENTENCE = /^chatporch: [^\n]+\n$/;

let model: ModelServer;
let settings: Record<string, string>;

beforeEach(() => {
  model = startModelServer(say("Hello there"));
  // With a name for the model, so that nothing asks the model's server and opens files for that.
  settings = { ...KEYS, ...UNLIMITED, OPENAI_BASE_URL: model.url, OPENAI_MODEL: "scripted" };
});

afterEach(async () => {
  await cleanUp();
  await model.stop();
});

/** Makes a folder with a closed database of about 60 pages. */
async function folderWithDatabase(ledger: Ledger): Promise<string> {
  const folder = temporaryFolder();
  const store = openSqliteStore(databaseIn(folder));
  for (let number = 0; number < CONVERSATIONS; number += 1) {
    const [sessionId, question] = [`visitor-${number}`, "Is it kept?"];
    const answer = `${"word ".repeat(300)}${number}`;
    const { turnId } = await storeExchange(store, { sessionId, question, answer });
    ledger.ask(sessionId, question).hearWhole({ turnId, message: answer });
  }
  // No message waits to be indexed: a server that indexes it would overwrite damaged pages.
  await store.listConversations({ limit: 1, search: "word" });
  await store.close();
  return folder;
}

/** Overwrites the pages from the given one, counted from 0, up to another or to the end. */
function overwrite(file: string, from: number, to = statSync(file).size / PAGE_BYTES): void {
  const handle = openSync(file, "r+");
  const junk = Buffer.alloc(PAGE_BYTES, "junk");
  for (let page = from; page < to; page += 1) {
    writeSync(handle, junk, 0, PAGE_BYTES, page * PAGE_BYTES);
  }
  closeSync(handle);
}

async function expectError(asked: Promise<Response>, code: ErrorCode): Promise<void> {
  const stopwatch = startStopwatch();
  const response = await asked;
  const body: unknown = JSON.parse(await response.text());
  expect(response.status).toBe(PUBLIC_ERRORS[code].status);
  expect(body).toEqual({
    error: PUBLIC_ERRORS[code].message,
    code,
    requestId: response.headers.get("x-request-id"),
  });
  expect(stopwatch()).toBeLessThan(AT_ONCE_MS);
}

/** The next start sees some damage when it opens the file, and some when it looks for interrupted answers. */
describe.each([
  ["all but its first page", 1, undefined],
  ["the roots of its tables", 2, 14],
  ["all from the index of its turns on", 13, undefined],
])("a database that loses %s while it is served", (_what, from, to) => {
  test("is reported by every answer and by the next start, and works after a restore", async () => {
    const ledger = new Ledger();
    const folder = await folderWithDatabase(ledger);
    const backup = join(folder, "backup.db");
    const file = databaseIn(folder);
    expect((await runBinary(["backup", backup], settings, folder)).exitCode).toBe(0);
    const server = await startBinary(settings, folder);
    const before = resourcesOf(server.pid);
    overwrite(file, from, to);

    const admin = { headers: { "x-admin-api-key": KEYS.ADMIN_API_KEY ?? "" } };
    const conversations = `${server.url}/v1/admin/conversations`;
    await expectError(ask(server.url, "Hi", { sessionId: "new" }), "internal_error");
    await expectError(ask(server.url, "Hi", { path: "/v1/chat" }), "internal_error");
    await expectError(ask(server.url, "Hi", { path: "/chat" }), "internal_error");
    await expectError(resume(server.url, "t_of-before"), "internal_error");
    await expectError(fetch(conversations, admin), "internal_error");
    await expectError(fetch(`${conversations}?q=word`, admin), "internal_error");
    await expectError(fetch(`${conversations}/export`, admin), "internal_error");
    await expectError(fetch(`${server.url}/ready`), "store_unavailable");
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect(server.stdout.text()).not.toContain("unhandled");
    expect(model.calls).toEqual([]);
    await expectReturned(server, before, "a damaged database", 2);
    expect(await server.stop()).toBe(0);
    expect(server.stdout.text()).toContain("data/chatporch.db is damaged");

    const { exitCode, stderr } = await runBinary([], { ...settings, PORT: "0" }, folder);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(stderr).toContain("data/chatporch.db is damaged");
    expect(stderr).toContain("chatporch restore FILE --force");
    const doctor = await runBinary(["doctor"], settings, folder);
    expect(doctor.stdout).toMatch(/✗ database +data\/chatporch\.db/);

    const restored = await runBinary(["restore", backup, "--force"], settings, folder);
    expect(restored.stderr).toBe("");
    const next = await startBinary(settings, folder);
    expect((await askAndNote(next.url, ledger, "new", "Hi")).done).toBe("Hello there");
    expect(await audit(next, ledger)).toEqual([]);
  });
});
