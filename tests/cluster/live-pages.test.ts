import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";

import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { UNLIMITED } from "../../harness/faults/campaign.ts";
import { cleanUp } from "../../harness/process.ts";
import { answerAsAsked } from "../../harness/scripted-answers.ts";
import { closePages, hasBrowser } from "../support/browser.ts";
import { mishaps, openAsOwner, OWNER_PASSWORD } from "../support/owner-browser.ts";
import { hasServers } from "./servers.ts";
import { expectWhole, listen, newQuestion, newVisitor, type Visitor } from "./visitor.ts";

/** Live pages of the dashboard in a browser, at one of three replicas, while visitors are answered by the others. */

setDefaultTimeout(60_000);

const LIST = "/dashboard/conversations";

describe.skipIf(!hasServers || !hasBrowser)("a page at one of three replicas", () => {
  let cluster: Cluster;
  /** The page's, and those that answer. */
  let own: string;
  let second: string;
  let third: string;

  beforeAll(async () => {
    const settings = { ...UNLIMITED, DASHBOARD_PASSWORD: OWNER_PASSWORD, TRUST_PROXY: "1" };
    cluster = await startCluster({ script: answerAsAsked, settings });
    [own = "", second = "", third = ""] = cluster.replicas.map(({ url }) => url);
    for (const url of [own, second, third]) await askToTheEnd(await newVisitor(url), url);
  });
  afterAll(async () => {
    await cluster?.stop();
    await cleanUp();
  });
  afterEach(() => closePages());

  async function askToTheEnd(visitor: Visitor, url: string): Promise<void> {
    const question = newQuestion(3, 0);
    expectWhole(await listen(await visitor.ask(url, question)).end, question);
  }

  test("keeps the rows under the mouse where they are, says what is new, and shows it once the mouse has left", async () => {
    const page = await openAsOwner(own, LIST, { width: 1000, height: 600 });
    const mouse = (x: number, y: number) =>
      page.cdp("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
    const row = `$(".list li:nth-child(2) a")`;
    const place = `[${row}.id, ${row}.getBoundingClientRect().top]`;
    const before = await page.evaluate<[string, number]>(place);
    await mouse(400, before[1] + 20);
    await page.waitFor(`$("[data-live]").matches(":hover")`);
    const visitors = [await newVisitor(second), await newVisitor(third)] as const;
    await askToTheEnd(visitors[0], second);
    await askToTheEnd(visitors[1], third);
    const news = `($("[data-news]:not([hidden])")?.textContent ?? "")`;
    await page.waitFor(
      `/^(?:New messages in 2 conversations|There are new messages) ↑$/.test(${news})`,
    );
    expect(await page.evaluate<[string, number]>(place)).toEqual(before);
    await mouse(400, 10);
    const names = `$$(".list .who").slice(0, 2).map((each) => each.textContent).join()`;
    const newest = visitors.map(({ sessionId }) => sessionId).toReversed();
    await page.waitFor(`${names} === "${newest.join()}" && ${news} === ""`);
    expect(mishaps(page)).toEqual([]);
  });

  test("shows an answer while another replica writes it, in place, and then how it ended", async () => {
    const visitor = await newVisitor(second);
    await askToTheEnd(visitor, second);
    const { conversationId } = await visitor.history(second);
    const page = await openAsOwner(own, `${LIST}/${conversationId}`);
    await page.evaluate("void (window.isSamePage = true)");
    const question = newQuestion(80, 50);
    const asker = listen(await visitor.ask(third, question));
    const written = `$$(".written")[1]?.textContent`;
    const words = question.answer.split(" ");
    const [begun, last] = [words.slice(0, 5), words.slice(-3)].map((some) =>
      JSON.stringify(some.join(" ")),
    );
    await page.waitFor(
      `${written}?.startsWith(${begun}) && !${written}.includes(${last}) &&
        $(".badge.streaming").textContent === "being written"`,
    );
    await page.waitFor(`${written} === ${JSON.stringify(question.answer)}`);
    await page.waitFor(`$$(".facts").length === 2 && $$(".badge").length === 0`);
    expect(await page.evaluate("window.isSamePage")).toBe(true);
    expectWhole(await asker.end, question);
    expect(mishaps(page)).toEqual([]);
  });
});
