import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { join } from "node:path";

import { ADMIN_KEY, ask, KEYS } from "../../harness/chat-requests.ts";
import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, type RunningServer, startChatporch } from "../../harness/process.ts";
import { type BrowserPage, closePages, hasBrowser, openPage } from "../support/browser.ts";
import { CrawledSite, htmlPage } from "../support/crawled-site.ts";
import { logIn as logInTo } from "../support/dashboard-requests.ts";
import { WHOLE } from "../support/owner-browser.ts";
import { addSource } from "../support/stored-knowledge.ts";
import { createTestApp } from "../support/test-app.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(60_000);

const PASSWORD = "dashboard-password-for-e2e";
const AXE = await Bun.file(join(import.meta.dir, "../../node_modules/axe-core/axe.min.js")).text();
const PLACES = ["Norway", "Sweden", "Denmark", "Iceland", "Finland", "Estonia", "Latvia", "Poland"];

/** A shop with a page for each country, of which one is broken. */
function startShop(): CrawledSite {
  const site = new CrawledSite();
  const paths = PLACES.map((place) => `/shipping/${place.toLowerCase()}`);
  site.set({
    "/": htmlPage("The shop", "We sell lamps, tables and chairs made by hand.", [
      ...paths,
      "/returns",
      "/old",
    ]),
    "/returns": htmlPage("Returns", "You can send everything back within thirty days."),
    "/old": { status: 500, body: "The database is down." },
  });
  for (const [index, place] of PLACES.entries()) {
    const text = `Parcels to ${place} take ${index + 2} days and cost ${index + 5} euros. We send them with the post, and they are insured.`;
    site.set({ [paths[index] ?? ""]: htmlPage(`Shipping to ${place}`, text) });
  }
  return site;
}

describe.skipIf(!hasBrowser)("what the bot knows, in a browser", () => {
  let model: ModelServer;
  let site: CrawledSite;
  let server: RunningServer;
  let address: string;

  beforeAll(async () => {
    model = startModelServer(answer("Parcels to Norway take two days [1]."));
    site = startShop();
    address = site.origin.replace("site.test", "127.0.0.1");
    server = await startChatporch({
      ...KEYS,
      OPENAI_BASE_URL: model.url,
      DASHBOARD_PASSWORD: PASSWORD,
      KNOWLEDGE_ALLOW_PRIVATE: "127.0.0.1",
      RATE_LIMIT_MAX_REQUESTS: "5000",
    });
  });
  afterAll(async () => {
    await cleanUp();
    await Promise.all([model.stop(), site.stop()]);
  });
  afterEach(() => closePages());

  async function openKnowledge(path = ""): Promise<BrowserPage> {
    const page = await openPage();
    const body = new URLSearchParams({ password: PASSWORD });
    const login = { method: "POST", body, redirect: "manual" } as const;
    const response = await fetch(`${server.url}/dashboard/login`, login);
    const [cookie = ""] = response.headers.get("set-cookie")?.split(";") ?? [];
    const [name = "", value = ""] = cookie.split("=");
    await page.cdp("Network.setCookie", { url: server.url, name, value });
    await page.goto(`${server.url}/dashboard/knowledge${path}`);
    await page.waitFor(`$("h1")?.textContent === "Knowledge"`);
    return page;
  }

  test("an owner pastes an address, watches it being read, and a visitor gets an answer with its source", async () => {
    const owner = await openKnowledge();
    await owner.fill("#address", address);
    await owner.press("Enter");
    await owner.waitFor(`$(".notice.good")?.textContent.includes("It is being read")`);
    // The page learns by itself that the reading has ended.
    await owner.waitFor(`$(".state")?.textContent.includes("10 pages")`);
    expect(await owner.evaluate<string>(`$(".state").textContent`)).toContain("1 failed");

    await owner.click(".tabs a[href$='/try']");
    await owner.fill("#q", "How long does a parcel to Norway take?");
    await owner.press("Enter");
    await owner.waitFor(`${WHOLE} && $("#given mark")`);
    const marked = await owner.evaluate<string[]>(
      `[...document.querySelectorAll("#given article:first-of-type mark")].map((each) => each.textContent)`,
    );
    expect(marked).toContain("Norway");

    const visitor = await openPage();
    await visitor.goto(server.url);
    await visitor.click(".launcher");
    await visitor.waitFor(`$("textarea")`);
    await visitor.fill("textarea", "How long does a parcel to Norway take?");
    await visitor.press("Enter");
    const link = await visitor.waitFor<string>(`$("a[href*='/shipping/norway']")?.href`);
    expect(link).toBe(`${address}/shipping/norway`);
    expect(model.calls.at(-1)?.body.messages.at(-1)?.content).toContain(
      "Parcels to Norway take 2 days",
    );
  });

  test("the progress of a reading moves along by itself, until it has ended", async () => {
    const app = createTestApp();
    const url = app.listen();
    const { id } = await addSource(app.store, { nextAt: undefined });
    const { progress } = app.learner;
    const [name = "", value = ""] = (await logInTo(app)).split("=");
    const page = await openPage();
    await page.cdp("Network.setCookie", { url, name, value });
    const address = "https://shop.example/shipping";
    progress.report({ sourceId: id, read: 1, total: 10, address: "https://shop.example/" });
    await page.goto(`${url}/dashboard/knowledge`);
    await page.waitFor(`$(".reading")?.textContent.includes("1 of 10 pages")`);
    // One that follows too soon, or comes before the page listens, is not passed on.
    const steps = setInterval(
      () => progress.report({ sourceId: id, read: 5, total: 10, address }),
      250,
    );
    await page.waitFor(`$(".reading")?.textContent.includes("5 of 10 pages")`);
    clearInterval(steps);
    expect(await page.evaluate("$('.reading .filled').getAttribute('width')")).toBe("50");
    expect(await page.evaluate("$('.reading').textContent")).toContain(address);
    progress.end(id);
    await page.waitFor(`!$(".reading")`);
    await app.close();
  });

  test("what the owner answers once is tested before new instructions are saved, and the test can be stopped", async () => {
    const page = await openKnowledge("/questions?new");
    await page.fill("#question", "Do you ship to Norway?");
    await page.fill("#answer", "Yes, in two days.");
    await page.click("button[value=answer]");
    await page.waitFor(`$(".notice.good")?.textContent.startsWith("Saved.")`);
    await page.goto(`${server.url}/dashboard/settings/instructions`);
    await page.click("button[value=test]");
    await page.waitFor(`$("[data-tests-status]")?.textContent === "1 asked, 0 lost."`);
    const results = `$$("[data-tests] p").map((each) => each.textContent)`;
    expect(await page.evaluate<string[]>(results)).toEqual(["ok    Do you ship to Norway?"]);
    const usual = model.script;
    model.script = answer("[0] I do not know.");
    await page.click("button[value=test]");
    await page.waitFor(`$("[data-tests] .failed")?.textContent.startsWith("LOST")`);
    expect(await axeViolations(page)).toEqual([]);
    await page.screenshot("instructions-tested");
    let left: Promise<void> | undefined;
    model.script = (call) => {
      left = call.left;
    };
    await page.click("button[value=test]");
    await page.waitFor(`$("[data-tests-stop]") && !$("[data-tests-stop]").hidden`);
    await until(() => left !== undefined);
    await page.click("[data-tests-stop]");
    await page.waitFor(`$("[data-tests-status]").textContent === "Stopped."`);
    await left;
    model.script = usual;
    expect(page.console.filter(({ type }) => type === "exception")).toEqual([]);
  });

  test("every page fits from 360 to 1920 pixels, in light and dark, and axe finds nothing wrong", async () => {
    const page = await openKnowledge("/notes");
    await page.fill("#title", "Do you have a shop in Oslo?");
    await page.fill("#text", "Not yet. We open one in spring.");
    await page.click("button[value=save]");
    await page.waitFor(`$(".notice.good")`);
    const [source, document] = await Promise.all(
      ["sources", "documents"].map((kind) => idOf(kind)),
    );
    const usual = model.script;
    model.script = answer("[0] I do not know.");
    for (const [index, question] of [
      "Do you repair broken lamps, and what does that cost?",
      "How much does it cost to repair a broken lamp?",
      "Kann ich in Raten zahlen?",
    ].entries()) {
      const asked = await ask(server.url, question, { sessionId: `visitor-${index}` });
      expect(await asked.text()).toContain("I do not know.");
    }
    model.script = usual;
    for (const path of [
      "",
      `/sources/${source}`,
      `/documents/${document}`,
      "/notes",
      "/files",
      "/try?q=parcel+to+Norway",
      "/questions",
      "/questions?new",
    ]) {
      await page.goto(`${server.url}/dashboard/knowledge${path}`);
      await page.waitFor(WHOLE);
      const name = path.replaceAll(/\W+/g, "-");
      for (const [width, colorScheme] of [
        [1920, "light"],
        [1280, "dark"],
        [360, "light"],
      ] as const) {
        await page.resize({ width, height: 900 });
        await page.prefer({ colorScheme, reducedMotion: true });
        const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
        expect([path, wide <= width]).toEqual([path, true]);
        expect([path, colorScheme, ...(await axeViolations(page))]).toEqual([path, colorScheme]);
        await page.screenshot(`knowledge${name}-${width}`);
      }
    }
    expect(page.console.filter(({ type }) => type === "exception")).toEqual([]);
  });

  /** The first source or document that the admin API lists. */
  async function idOf(kind: string): Promise<number> {
    const response = await fetch(
      `${server.url}/v1/admin/knowledge/${kind}?${kind === "documents" ? "status=ok" : ""}`,
      {
        headers: { "x-admin-api-key": ADMIN_KEY },
      },
    );
    const body = (await response.json()) as Record<string, { id: number }[]>;
    return body[kind]?.[0]?.id ?? 0;
  }
});

async function axeViolations(page: BrowserPage): Promise<string[]> {
  return page.evaluate<string[]>(
    `(() => { ${AXE}; return axe.run(document).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ": " + nodes.map(({ target }) => target).join(", "))); })()`,
  );
}
