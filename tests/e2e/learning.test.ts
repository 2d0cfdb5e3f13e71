import { Database } from "bun:sqlite";
import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

import { ADMIN_KEY, databaseIn, KEYS } from "../../harness/chat-requests.ts";
import { cleanUp, startChatporch, temporaryFolder } from "../../harness/process.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { CrawledSite, htmlPage } from "../support/crawled-site.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(60_000);

let site: CrawledSite | undefined;

afterEach(async () => {
  await cleanUp();
  await site?.stop();
});

/** A folder with a database in which a website is due. */
async function folderWithSource(address: string): Promise<string> {
  const folder = temporaryFolder();
  mkdirSync(dirname(databaseIn(folder)), { recursive: true });
  const store = openSqliteStore(databaseIn(folder));
  await store.addSource({
    kind: "site",
    uri: address,
    everyHours: 24,
    only: undefined,
    ignoresRobots: false,
    createdAt: Date.now(),
    nextAt: Date.now(),
  });
  await store.close();
  return folder;
}

interface SourceRow {
  readonly ended_at: number | null;
  readonly next_at: number;
  readonly error: string | null;
}

function rowsIn<Row>(folder: string, query: string): readonly Row[] {
  const db = new Database(databaseIn(folder), { readonly: true });
  try {
    return db.query<Row, []>(query).all();
  } finally {
    db.close();
  }
}

const sourceIn = (folder: string) =>
  rowsIn<SourceRow>(folder, "SELECT ended_at, next_at, error FROM knowledge_sources")[0];
const statusesIn = (folder: string) =>
  rowsIn<{ status: string }>(folder, "SELECT status FROM knowledge_documents").map(
    ({ status }) => status,
  );

test("a website that the owner adds is read at once, and its pages are found", async () => {
  site = new CrawledSite();
  site.set({
    "/": htmlPage("Home", "Welcome to all of you.", ["/prices"]),
    "/prices": htmlPage("Prices", "An umbrella costs ten euros."),
  });
  const address = site.origin.replace("site.test", "127.0.0.1");
  const server = await startChatporch({ ...KEYS, KNOWLEDGE_ALLOW_PRIVATE: "127.0.0.1" });
  const knowledge = `${server.url}/v1/admin/knowledge`;
  const headers = { "x-admin-api-key": ADMIN_KEY, "content-type": "application/json" };
  const body = JSON.stringify({ kind: "site", address });
  const added = await fetch(`${knowledge}/sources`, { method: "POST", headers, body });
  expect(added.status).toBe(201);
  await server.stdout.until(/read a source/);
  const found = await fetch(`${knowledge}/search?q=umbrella`, { headers });
  expect(await found.text()).toContain(`${address}/prices`);
  expect(await server.stop()).toBe(0);
});

describe("a server with a website that is due", () => {
  test("reads it in the background, and says so in the log", async () => {
    site = new CrawledSite();
    const address = site.origin.replace("site.test", "127.0.0.1");
    site.set({
      "/": htmlPage("Home", "Welcome to all of you.", ["/prices"]),
      "/prices": htmlPage("Prices", "All about the prices of this shop."),
    });
    const folder = await folderWithSource(address);
    const server = await startChatporch({ KNOWLEDGE_ALLOW_PRIVATE: "127.0.0.1" }, folder);
    await server.stdout.until(/read a source/);
    await until(() => sourceIn(folder)?.ended_at !== null);
    expect(statusesIn(folder)).toEqual(["ok", "ok"]);
    expect(await server.stop()).toBe(0);
  });

  test("reads nothing on its own machine that the owner has not named", async () => {
    site = new CrawledSite({ "/": htmlPage("Home", "Welcome to all of you.") });
    const folder = await folderWithSource(site.origin.replace("site.test", "127.0.0.1"));
    const server = await startChatporch({}, folder);
    await server.stdout.until(/read a source/);
    await until(() => sourceIn(folder)?.ended_at !== null);
    expect(sourceIn(folder)?.error).toContain("127.0.0.1 is not on the internet.");
    expect(site.asked).toEqual([]);
    expect(await server.stop()).toBe(0);
  });

  test("stops in the midst of a reading without waiting for it", async () => {
    site = new CrawledSite();
    const paths = Array.from({ length: 200 }, (_, index) => `/${index}`);
    site.set({ "/": htmlPage("Home", "Welcome to all of you.", paths) });
    for (const path of paths) site.set({ [path]: htmlPage(`Page ${path}`, `This is ${path}.`) });
    const folder = await folderWithSource(site.origin.replace("site.test", "127.0.0.1"));
    const server = await startChatporch({ KNOWLEDGE_ALLOW_PRIVATE: "127.0.0.0/8" }, folder);
    await server.stdout.until(/reading a source/);
    await until(() => (site?.asked.length ?? 0) > 2);
    expect(await server.stop()).toBe(0);
    expect(site.asked.length).toBeLessThan(150);
    expect(sourceIn(folder)?.error).toStartWith("The reading was cut off when the server stopped.");
    expect(sourceIn(folder)?.next_at).toBeLessThanOrEqual(Date.now());
  });
});
