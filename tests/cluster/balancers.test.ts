import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";

import { type Balancer, BALANCER_NAMES } from "../../harness/balancer.ts";
import { KEYS, readThread } from "../../harness/chat-requests.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { parseExposition } from "../../harness/exposition.ts";
import { UNLIMITED } from "../../harness/faults/campaign.ts";
import { cleanUp } from "../../harness/process.ts";
import type { Replica } from "../../harness/replica.ts";
import { answerAsAsked } from "../../harness/scripted-answers.ts";
import { widgetFiles } from "../../src/assets/widget-files.ts";
import { type BrowserPage, closePages, hasBrowser, openPage } from "../support/browser.ts";
import { startWebsite, type Website } from "../support/website.ts";
import { hasServers } from "./servers.ts";
import { expectUnavailable } from "./trio.ts";
import { expectWhole, lastEvent, listen, newQuestion, newVisitor, turnIdIn } from "./visitor.ts";

/**
 * Three replicas behind the balancers, each with its file of deploy/. Both balancers are in front of the same
 * replicas, and most tests wait behind both at once.
 */

setDefaultTimeout(60_000);

let cluster: Cluster;

/** The replica that generates an answer at the moment. */
async function busyReplica(): Promise<Replica> {
  for (;;) {
    for (const replica of cluster.replicas) {
      const { values } = parseExposition(await (await fetch(`${replica.url}/metrics`)).text());
      if ((values.get("chatporch_turns_running") ?? 0) > 0) return replica;
    }
  }
}

/** Does the same behind each balancer, at the same time. An error names its balancer. */
async function behindEach(work: (balancer: Balancer) => Promise<void>): Promise<void> {
  await Promise.all(
    cluster.balancers.map(async (balancer) => {
      try {
        await work(balancer);
      } catch (error) {
        console.error(`behind ${balancer.name}:`);
        throw error;
      }
    }),
  );
}

describe.skipIf(!hasServers)("three replicas behind HAProxy, and behind nginx,", () => {
  beforeAll(async () => {
    cluster = await startCluster({
      balancers: BALANCER_NAMES,
      script: answerAsAsked,
      settings: {
        ...UNLIMITED,
        TRUST_PROXY: "1",
        // Longer than HAProxy takes to see that a replica is not ready.
        DRAIN_DELAY_MS: "1500",
      },
    });
  });
  afterEach(async () => {
    closePages();
    await cluster?.heal();
  });
  afterAll(async () => {
    await cluster?.stop();
    await cleanUp();
  });

  test("serve a visitor as one server does, whichever of them gets each request", async () => {
    await behindEach(async ({ url }) => {
      const visitor = await newVisitor(url);
      const question = newQuestion(200, 10);
      const asked = listen(await visitor.ask(url, question));
      await asked.until(5);
      const turnId = turnIdIn(asked.events);
      const readers = await Promise.all(
        Array.from({ length: 5 }, async (_, after) =>
          listen(await visitor.resume(url, turnId, after)),
        ),
      );
      expect((await visitor.history(url)).activeTurnId).toBe(turnId);
      expectWhole(await asked.end, question);
      for (const [after, { end }] of readers.entries()) expectWhole(await end, question, after);

      const stopped = listen(await visitor.ask(url, newQuestion(3000, 10)));
      await stopped.until(2);
      expect((await visitor.stop(url, turnIdIn(stopped.events))).status).toBe(200);
      expect(lastEvent(await stopped.end)).toMatchObject({ finishReason: "stopped" });
      expect((await visitor.history(url)).messages).toHaveLength(4);
      const query = `?sessionId=${visitor.sessionId}`;
      expect((await visitor.fetch(url, "DELETE", `/v1/chat/history${query}`)).status).toBe(204);
      for (let times = 0; times < 6; times += 1) {
        expect((await visitor.resume(url, turnId)).status).toBe(404);
      }
    });
  });

  test("replaced one after the other under load interrupt no answer and refuse no question", async () => {
    let isOver = false;
    async function visit({ url }: Balancer): Promise<void> {
      const visitor = await newVisitor(url);
      let answered = 0;
      for (; !isOver; answered += 1) {
        const question = newQuestion(30, 10);
        expectWhole(await listen(await visitor.ask(url, question)).end, question);
      }
      expect(answered).toBeGreaterThan(5);
    }
    const visits = behindEach(async (balancer) => {
      await Promise.all(Array.from({ length: 12 }, () => visit(balancer)));
    });
    for (const replica of cluster.replicas) {
      expect(await replica.stop()).toBe(0);
      await replica.start();
      await replica.ready();
    }
    isOver = true;
    await visits;
  });

  test("answer a question elsewhere when the replica that got it dies before it answers", async () => {
    const victim = cluster.replicas[0];
    if (!victim) throw new Error("There are no replicas.");
    victim.pause();
    const other = cluster.replicas[1]?.url ?? "";
    async function ask({ url }: Balancer): Promise<void> {
      const visitor = await newVisitor(other);
      const question = newQuestion(20, 10);
      expectWhole(await listen(await visitor.ask(url, question)).end, question);
      expect(await readThread(other, visitor.sessionId)).toHaveLength(2);
    }
    const asked = behindEach(async (balancer) => {
      await Promise.all(Array.from({ length: 3 }, () => ask(balancer)));
    });
    // Each replica has got one of a balancer's three by then, since the others are the least busy.
    await Bun.sleep(200);
    await victim.kill();
    await asked;
  });

  test("answer every question while one of them has lost its database", async () => {
    const [victim, other] = cluster.replicas;
    victim?.toPostgres.refuse();
    await behindEach(async ({ url }) => {
      for (let times = 0; times < 12; times += 1) {
        const visitor = await newVisitor(other?.url ?? "");
        const question = newQuestion(2, 1);
        expectWhole(await listen(await visitor.ask(url, question)).end, question);
      }
    });
  });

  test("say when to try again while all of them have lost their database, and still serve the widget", async () => {
    const visitor = await newVisitor(cluster.url);
    for (const { toPostgres } of cluster.replicas) toPostgres.refuse();
    // HAProxy asks every second, waits for a second, and believes the second answer. What comes in between is
    // repeated at replicas that are no better.
    await Bun.sleep(4000);
    await behindEach(async ({ url }) => {
      await expectUnavailable(await visitor.ask(url, newQuestion(1, 1)));
      expect((await fetch(`${url}${widgetFiles.loader.path}`)).status).toBe(200);
    });
  });

  describe.skipIf(!hasBrowser)("with the widget", () => {
    const websites: Website[] = [];

    afterEach(async () => {
      for (const website of websites.splice(0)) await website.stop();
    });

    /** Opens a website of its own, so that its visitor is a new one. */
    async function visit(balancer: Balancer): Promise<BrowserPage> {
      const website = startWebsite();
      websites.push(website);
      const key = KEYS.WIDGET_API_KEY ?? "";
      website.show(
        `<script src="${balancer.url}${widgetFiles.loader.path}" data-api-key="${key}" data-open defer></script>`,
      );
      const page = await openPage();
      await page.goto(website.origin);
      await page.waitFor("window.Chatporch");
      return page;
    }

    const finished = (text: string) =>
      `$$(".log .assistant:not(.pending) .bubble").at(-1)?.textContent === "${text}"`;
    const writing = `$(".log .pending .bubble")?.textContent.length > 20`;

    async function ask(page: BrowserPage, { text }: { readonly text: string }): Promise<void> {
      await page.fill("textarea", text);
      await page.press("Enter");
      await page.waitFor(writing);
    }

    test("go on with an answer after a reload, wherever it is generated", async () => {
      await behindEach(async (balancer) => {
        const page = await visit(balancer);
        const question = newQuestion(150, 20);
        await ask(page, question);
        await page.reload();
        await page.waitFor(writing);
        await page.waitFor(finished(question.answer));
        expect(await page.evaluate("$$('.user').length")).toBe(1);
      });
    });

    // One after the other, because only one replica may be busy.
    test.each(BALANCER_NAMES)(
      "say behind %s that an answer broke off when its replica dies, and answer the question when asked again",
      async (name) => {
        const balancer = cluster.balancers.find((started) => started.name === name);
        if (!balancer) throw new Error(`${name} was not started.`);
        const page = await visit(balancer);
        await ask(page, newQuestion(4000, 20));
        await (await busyReplica()).kill();
        await page.waitFor(`$(".notice:not([hidden]) .retry:not([hidden])")`);
        const next = newQuestion(3, 1);
        await page.fill("textarea", next.text);
        await page.press("Enter");
        await page.waitFor(finished(next.answer));
      },
    );
  });
});
