import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";

import { ADMIN_KEY } from "../../harness/chat-requests.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { UNLIMITED } from "../../harness/faults/campaign.ts";
import { cleanUp } from "../../harness/process.ts";
import type { Replica } from "../../harness/replica.ts";
import { startStopwatch } from "../../harness/stopwatch.ts";
import { CrawledSite, htmlPage } from "../support/crawled-site.ts";
import { hasServers } from "./servers.ts";

/** What three replicas know of a website that one of them reads, whatever breaks meanwhile. */

setDefaultTimeout(90_000);

/** Enough that a reading takes some seconds. */
const PAGES = 24;
/** Replicas hear of each other's changes within a second, and fetch them then. */
const KNOWN_MS = 2000;

let cluster: Cluster;
let site: CrawledSite;
let one: Replica;
let two: Replica;
let three: Replica;

interface Source {
  readonly id: number;
  readonly endedAt: number | null;
  readonly error: string | null;
  readonly documents: { readonly ok: number };
}

interface Found {
  readonly documentId: number;
  readonly uri: string;
  readonly text: string;
}

async function send<T>({ url }: Replica, method: string, path: string, body?: object): Promise<T> {
  const headers = { "x-admin-api-key": ADMIN_KEY, "content-type": "application/json" };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const response = await fetch(`${url}/v1/admin/knowledge${path}`, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return text === "" ? ({} as T) : JSON.parse(text);
}

async function find(replica: Replica, question: string): Promise<readonly Found[]> {
  const path = `/search?q=${encodeURIComponent(question)}`;
  return (await send<{ sections: Found[] }>(replica, "GET", path)).sections;
}

async function sourceAt(replica: Replica): Promise<Source | undefined> {
  return (await send<{ sources: Source[] }>(replica, "GET", "/sources")).sources[0];
}

function read(replica: Replica): Promise<Source> {
  const address = site.origin.replace("site.test", "127.0.0.1");
  return send(replica, "POST", "/sources", { kind: "site", address });
}

/** The source, as soon as it is so. */
async function once(replica: Replica, isSo: (source: Source) => boolean): Promise<Source> {
  for (;;) {
    const source = await sourceAt(replica);
    if (source !== undefined && isSo(source)) return source;
    await Bun.sleep(20);
  }
}

const hasBegun = ({ documents }: Source) => documents.ok >= 5;
const hasEnded = ({ endedAt }: Source) => endedAt !== null;

/** How often its log says that a reading has ended. */
function linesOf(replica: Replica): number {
  return replica.log().split("read a source").length;
}

/** The same sections in the same order for questions about every page, in the time in which replicas hear of changes. */
async function expectAlike(replicas: readonly Replica[]): Promise<void> {
  const questions = Array.from(
    { length: PAGES - 1 },
    (_, page) => `What does item${page + 1} cost?`,
  );
  const findAll = (replica: Replica) =>
    Promise.all(questions.map((question) => find(replica, question)));
  const sinceEnd = startStopwatch(...replicas.map(({ pid }) => pid));
  for (;;) {
    const [first = [], ...others] = await Promise.all(replicas.map(findAll));
    if (others.every((each) => Bun.deepEquals(each, first))) {
      const best = first.map((found) => found[0]?.uri.split("/").at(-1));
      expect(best).toEqual(questions.map((_, page) => `${page + 1}`));
      return;
    }
    expect(sinceEnd()).toBeLessThan(KNOWN_MS);
  }
}

describe.skipIf(!hasServers)("what three replicas know of a website", () => {
  beforeAll(async () => {
    site = new CrawledSite();
    const paths = Array.from({ length: PAGES - 1 }, (_, index) => `/${index + 1}`);
    site.set({ "/": htmlPage("The shop", "We sell items of many kinds, made by hand.", paths) });
    for (const [index, path] of paths.entries()) {
      const text = `Our item${index + 1} costs ${index + 5} euros. It is made of wood, and lasts for years.`;
      site.set({ [path]: htmlPage(`Item ${index + 1}`, text) });
    }
    cluster = await startCluster({
      settings: { ...UNLIMITED, KNOWLEDGE_ALLOW_PRIVATE: "127.0.0.1" },
    });
    const [first, second, third] = cluster.replicas;
    if (!first || !second || !third) throw new Error("There are not three replicas.");
    [one, two, three] = [first, second, third];
  });
  beforeEach(async () => {
    await cluster.heal();
    const source = await sourceAt(one);
    if (source !== undefined) await send(one, "DELETE", `/sources/${source.id}`, {});
    site.asked.length = 0;
  });
  afterAll(async () => {
    await cluster?.stop();
    await site?.stop();
    await cleanUp();
  });

  test("is read once, and the same at all of them", async () => {
    await Promise.all([read(one), read(two), read(three)]);
    await once(two, hasEnded);
    expect(site.asked.toSorted()).toEqual([...site.pages.keys()].toSorted());
    await expectAlike([one, two, three]);
  });

  test("stays when its reader is killed, and another one reads on", async () => {
    await read(one);
    await once(two, hasBegun);
    await one.kill();
    expect((await find(two, "What does item1 cost?"))[0]?.text).toContain("item1 costs");
    // As if the two minutes had passed after which a reader that says nothing is dead.
    await cluster.asDatabaseOwner("UPDATE knowledge_sources SET claimed_until = 0");
    const { id = 0 } = (await sourceAt(two)) ?? {};
    await send(two, "POST", `/sources/${id}/refresh`, {});
    expect(await once(three, hasEnded)).toMatchObject({ error: null, documents: { ok: PAGES } });
    await expectAlike([two, three]);
  });

  test.each(["immediate", "fast"] as const)(
    "is read to its end though PostgreSQL restarts meanwhile (%s)",
    async (mode) => {
      await read(one);
      await once(two, hasBegun);
      await cluster.postgres.restart(mode);
      expect(await once(two, hasEnded)).toMatchObject({ error: null, documents: { ok: PAGES } });
      await expectAlike([one, two, three]);
    },
  );

  test("that another one removes in the middle of the reading is read no further, and stays gone", async () => {
    const linesBefore = linesOf(one);
    const { id } = await read(one);
    await once(two, hasBegun);
    await send(two, "DELETE", `/sources/${id}`, {});
    while (linesOf(one) === linesBefore) await Bun.sleep(20);
    expect(site.asked.length).toBeLessThan(PAGES);
    for (const each of [one, two, three]) {
      expect(await find(each, "items made of wood")).toEqual([]);
      expect(await sourceAt(each)).toBeUndefined();
    }
  });

  test("is gone from all of them as soon as one has removed it", async () => {
    const { id } = await read(one);
    await once(two, hasEnded);
    await expectAlike([one, two, three]);
    for (const [index, replica] of [one, two, three].entries()) {
      const question = `What does item${index + 1} cost?`;
      const [best] = await find(replica, question);
      const path = `/documents/${best?.documentId}`;
      if (index === 0) await send(replica, "PATCH", path, { isOff: true });
      else await send(replica, "DELETE", path, {});
      for (const each of [one, two, three]) {
        expect((await find(each, question)).map(({ uri }) => uri)).not.toContain(best?.uri ?? "");
      }
    }
    await send(two, "DELETE", `/sources/${id}`, {});
    for (const each of [one, two, three]) expect(await find(each, "item5 costs")).toEqual([]);
  });
});
