import { Database } from "bun:sqlite";
import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";

import { ADMIN_KEY, databaseIn, KEYS } from "../../harness/chat-requests.ts";
import {
  cleanUp,
  type RunningServer,
  startChatporch,
  temporaryFolder,
} from "../../harness/process.ts";
import { startStopwatch } from "../../harness/stopwatch.ts";
import { storeCraftedMessages } from "../support/crafted-messages.ts";

setDefaultTimeout(60_000);
afterEach(cleanUp);

/** The first word is in no message, and a search has to compare every place of every message to find that out. */
const HOSTILE = `${"営".repeat(14)}無無 ${"営".repeat(16)}`;
/** How many messages that are slow to search through. */
const CRAFTED = 4000;

/** Starts a server on a database with messages that are slow to search through. */
async function startOnCraftedMessages(): Promise<RunningServer> {
  const folder = temporaryFolder();
  const first = await startChatporch(KEYS, folder);
  await first.stop();
  const db = new Database(databaseIn(folder));
  storeCraftedMessages(db, CRAFTED);
  db.close();
  return startChatporch(KEYS, folder);
}

interface Answer {
  readonly code?: string;
  readonly searched: { messages: number; complete: boolean; wordsLeftOut: number };
}

async function search(server: RunningServer, q: string) {
  const url = `${server.url}/v1/admin/conversations?${new URLSearchParams({ q })}`;
  const response = await fetch(url, { headers: { "x-admin-api-key": ADMIN_KEY } });
  const body = (await response.json()) as Answer;
  return { status: response.status, body, headers: response.headers };
}

/** Processes that this server has started (Linux). */
function childrenOf(pid: number): number[] {
  if (!existsSync("/proc/self/stat")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid;
      } catch {
        // It has ended meanwhile.
        return false;
      }
    })
    .map(Number);
}

test("a search that would take seconds ends after one, says how much it has searched, and delays nobody", async () => {
  const server = await startOnCraftedMessages();
  expect(childrenOf(server.pid)).toEqual([]);
  // The first search starts the process that searches.
  expect((await search(server, "nothing")).body).toMatchObject({
    total: 0,
    searched: { messages: CRAFTED, complete: true, wordsLeftOut: 0 },
  });

  const stopwatch = startStopwatch(server.pid);
  let isSearching = true;
  const hostile = search(server, HOSTILE).finally(() => {
    isSearching = false;
  });
  let slowest = 0;
  while (isSearching) {
    const at = stopwatch();
    await (await fetch(`${server.url}/health`)).text();
    slowest = Math.max(slowest, stopwatch() - at);
  }
  const { status, body } = await hostile;
  const durationMs = stopwatch();
  expect(status).toBe(200);
  expect(body.searched.messages).toBeLessThanOrEqual(CRAFTED);
  if (!body.searched.complete) expect(body.searched.messages).toBeLessThan(CRAFTED);
  expect(durationMs).toBeLessThan(5000);
  // On the event loop, the same search would stop everybody until it ends.
  expect(slowest).toBeLessThan(500);
  // When the process had to be killed, a new one answers the next search.
  expect((await search(server, "nothing")).body.searched.complete).toBe(true);
  await server.stop();
  expect(childrenOf(server.pid)).toEqual([]);
});

test("of many searches at once some wait, and the others are answered 503 with a Retry-After", async () => {
  const server = await startOnCraftedMessages();
  const answers = await Promise.all(Array.from({ length: 8 }, () => search(server, HOSTILE)));
  const refused = answers.filter(({ status }) => status === 503);
  expect(refused).toHaveLength(4);
  for (const { body, headers } of refused) {
    expect(body.code).toBe("overloaded");
    expect(headers.get("retry-after")).not.toBeNull();
  }
  for (const { status, body } of answers.filter((answer) => !refused.includes(answer))) {
    expect(status).toBe(200);
    expect(body.searched).toBeDefined();
  }
});

test("a search works again after the process that searches was killed", async () => {
  const server = await startOnCraftedMessages();
  expect((await search(server, "nothing")).status).toBe(200);
  const children = childrenOf(server.pid);
  for (const pid of children) process.kill(pid, "SIGKILL");
  while (childrenOf(server.pid).length > 0) await Bun.sleep(5);
  expect((await search(server, "nothing")).body.searched.complete).toBe(true);
});
