import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { ask, databaseIn, KEYS, readDatabase, readThread } from "../../harness/chat-requests.ts";
import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, runChatporch, startChatporch, temporaryFolder } from "../../harness/process.ts";
import type { ExportedMessage } from "../../src/store/conversation-store.ts";

setDefaultTimeout(60_000);

let model: ModelServer | undefined;

afterEach(async () => {
  await cleanUp();
  await model?.stop();
  model = undefined;
});

const VISITORS = 16;
/** Turns that are acknowledged before the backup begins, and after it is made. */
const TURNS_BEFORE = 300;
const TURNS_AFTER = 100;

/** A turn whose answer a client has received, so that it must be stored. */
interface Acknowledged {
  readonly turnId: string;
  readonly question: string;
  readonly message: string;
}

/** Starts visitors who ask one question after another until they are stopped. */
function startVisitors(url: string) {
  const acknowledged: Acknowledged[] = [];
  const waiting: { readonly count: number; readonly wake: () => void }[] = [];
  let isOver = false;

  async function visit(sessionId: string): Promise<void> {
    for (let number = 1; !isOver; number += 1) {
      const question = `question ${number} of ${sessionId}`;
      const response = await ask(url, question, { path: "/v1/chat", sessionId });
      if (response.status !== 200) throw new Error(`A turn was answered ${response.status}`);
      const { turnId, message } = JSON.parse(await response.text());
      acknowledged.push({ turnId, question, message });
      for (const { count, wake } of waiting) if (acknowledged.length >= count) wake();
    }
  }

  const visits = Array.from({ length: VISITORS }, (_, i) => visit(`visitor-${i}`));
  const done = Promise.all(visits);
  return {
    acknowledged,
    /** Resolves when so many turns are acknowledged; rejects when a visit fails. */
    until: (count: number) =>
      Promise.race([done, new Promise<void>((wake) => waiting.push({ count, wake }))]),
    async stop() {
      isOver = true;
      await done;
    },
  };
}

async function exportOf(url: string): Promise<ExportedMessage[]> {
  const headers = { "x-admin-api-key": KEYS.ADMIN_API_KEY ?? "" };
  const response = await fetch(`${url}/v1/admin/conversations/export`, { headers });
  const lines = (await response.text()).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

test("a backup made under load and restored elsewhere holds every turn that was acknowledged before it began", async () => {
  model = startModelServer(answer("A long answer. ".repeat(40)));
  const settings = { ...KEYS, OPENAI_BASE_URL: model.url, RATE_LIMIT_MAX_REQUESTS: "1000000" };
  const first = await startChatporch(settings);
  const visitors = startVisitors(first.url);
  await visitors.until(TURNS_BEFORE);
  const before = [...visitors.acknowledged];
  const copy = join(temporaryFolder(), "copy.db");
  const backup = await runChatporch(["backup", copy], settings, first.folder);
  expect(backup).toMatchObject({ exitCode: 0, stderr: "" });
  const during = visitors.acknowledged.length - before.length;
  await visitors.until(visitors.acknowledged.length + TURNS_AFTER);
  await visitors.stop();
  // The visitors were not held up.
  expect(during).toBeGreaterThan(0);

  const elsewhere = temporaryFolder();
  const restored = await runChatporch(["restore", copy], settings, elsewhere);
  expect(restored).toMatchObject({ exitCode: 0, stderr: "" });
  const second = await startChatporch(settings, elsewhere);
  const messages = await exportOf(second.url);
  const byTurn = new Map(messages.map((message) => [`${message.role} ${message.turnId}`, message]));
  for (const { turnId, question, message } of before) {
    expect(byTurn.get(`user ${turnId}`)?.content).toBe(question);
    expect(byTurn.get(`assistant ${turnId}`)).toMatchObject({
      content: message,
      status: "complete",
    });
  }
  // A later turn may be missing, but one that is complete has the text that the client received.
  for (const { turnId, message } of visitors.acknowledged) {
    const stored = byTurn.get(`assistant ${turnId}`);
    if (stored?.status === "complete") expect(stored.content).toBe(message);
  }
  expect(readDatabase(databaseIn(elsewhere)).integrity).toBe("ok");
  expect(await (await ask(second.url, "Still there?")).text()).toContain("event: done\n");
});

test("restore does not touch the database of a running server", async () => {
  const server = await startChatporch(KEYS);
  await (await ask(server.url, "Before the backup")).text();
  const copy = join(temporaryFolder(), "copy.db");
  await runChatporch(["backup", copy], KEYS, server.folder);
  await (await ask(server.url, "After the backup")).text();

  const refused = await runChatporch(["restore", copy, "--force"], KEYS, server.folder);
  expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
  expect(refused.stderr).toMatch(/^chatporch: Another chatporch is using data\/chatporch\.db.*\n$/);
  expect(await readThread(server.url)).toHaveLength(4);

  await server.stop();
  const withoutForce = await runChatporch(["restore", copy], KEYS, server.folder);
  expect(withoutForce).toMatchObject({ exitCode: 1, stdout: "" });
  expect(withoutForce.stderr).toMatch(/^chatporch: .*exists already.*--force.*\n$/);

  const forced = await runChatporch(["restore", "--force", copy], KEYS, server.folder);
  expect(forced).toMatchObject({ exitCode: 0, stderr: "" });
  expect(forced.stdout).toContain(`data/chatporch.db holds what ${copy} holds (conversations: 1)`);
  const again = await startChatporch(KEYS, server.folder);
  expect(await readThread(again.url)).toHaveLength(2);
  const [, kept = ""] = /that was there is (\S+)/.exec(forced.stdout) ?? [];
  expect(readDatabase(join(server.folder, kept)).messages).toHaveLength(4);
  expect(
    readdirSync(join(server.folder, "data")).filter((name) => name.includes("restoring")),
  ).toEqual([]);
});
