import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";

import { ask } from "../../harness/chat-requests.ts";
import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, type RunningServer, type Settings } from "../../harness/process.ts";
import type { Store } from "../../src/store/store.ts";
import { type BrowserPage, closePages, hasBrowser, openPage } from "../support/browser.ts";
import {
  axeViolations,
  heading,
  logIn,
  mishaps,
  openAsOwner,
  OWNER_PASSWORD as PASSWORD,
  startFilled,
  tabTo,
  WHOLE,
} from "../support/owner-browser.ts";
import { storeExchange } from "../support/stored-turns.ts";

/** The owner's dashboard on a real server and in a real browser. */

const HOUR_MS = 60 * 60 * 1000;
/** A browser, a server and dozens of pages take long on a busy machine. */
const TIMEOUT_MS = 60_000;

const HOSTILE =
  "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">" +
  ` [x](javascript:alert(1)) \u202e${"A".repeat(2000)}`;

let model: ModelServer;

/** The conversations of a small shop over some weeks. */
async function fill(store: Store): Promise<void> {
  const now = Date.now();
  for (let i = 0; i < 70; i++) {
    const at = now - (70 - i) * 10 * HOUR_MS;
    const status = i % 23 === 7 ? "failed" : "complete";
    await storeExchange(store, {
      sessionId: `visitor-${i}`,
      question: `Do you ship parcel number ${i} to Norway?`,
      answer: status === "failed" ? "" : "Yes, we do. It takes four to six working days.",
      status,
      at,
    });
  }
  await storeExchange(store, { sessionId: "hostile", question: HOSTILE, answer: HOSTILE, at: now });
}

function startServer(settings: Settings = {}): Promise<RunningServer> {
  return startFilled(fill, { OPENAI_BASE_URL: model.url, ...settings });
}

/** Logs in with the form, as a person does. */
async function logInByForm(page: BrowserPage, url: string): Promise<void> {
  await page.goto(`${url}/dashboard`);
  // Password managers store a password under the name of the field before it.
  const names = `$$("[autocomplete]").map((field) => field.autocomplete)`;
  expect(await page.evaluate<string[]>(names)).toEqual(["username", "current-password"]);
  await page.fill("[name=password]", PASSWORD);
  await page.press("Enter");
  await page.waitFor(`$("h1")?.textContent === "Overview"`);
}

describe.skipIf(!hasBrowser)("the dashboard in a browser", () => {
  let server: RunningServer;

  beforeAll(async () => {
    model = startModelServer(answer("Tomorrow at nine."));
    server = await startServer();
  }, TIMEOUT_MS);
  afterAll(async () => {
    await cleanUp();
    await model.stop();
  });
  afterEach(() => closePages());

  test(
    "the owner logs in, searches, reads, exports, deletes and logs out",
    async () => {
      const page = await openPage();
      await logInByForm(page, server.url);
      await page.click("nav a[href='/dashboard/conversations']");
      await page.waitFor(heading("Conversations"));
      expect(await page.evaluate(`$$(".list li").length`)).toBe(50);
      await page.click(".pager [rel=next]");
      await page.waitFor(`location.search.includes("cursor") && $$(".list li").length === 21`);

      await page.fill("[name=q]", "parcel 42");
      await page.press("Enter");
      await page.waitFor(`location.search.includes("42") && $$(".list li").length === 1`);
      await page.click(".list a");
      await page.waitFor(heading("Do you ship parcel number 42 to Norway?"));
      expect(await page.evaluate(`$$(".content").map((each) => each.textContent)`)).toEqual([
        "Do you ship parcel number 42 to Norway?",
        "Yes, we do. It takes four to six working days.",
      ]);

      const csv = `fetch("/dashboard/export?format=csv").then((answer) => answer.text())`;
      expect((await page.evaluate<string>(csv)).split("\r\n").length).toBeGreaterThan(140);

      const thread = await page.evaluate<string>("location.href");
      await page.click(".danger summary");
      await page.click(".destructive");
      await page.waitFor(heading("Conversations"));
      await page.goto(thread);
      await page.waitFor(heading("There is nothing at this address."));
      await page.goto(`${server.url}/dashboard/conversations?q=number+42`);
      expect(await page.evaluate(`$$(".list li").length`)).toBe(0);

      const { cookies } = await page.cdp<{ cookies: { name: string; httpOnly: boolean }[] }>(
        "Network.getCookies",
      );
      expect(cookies).toHaveLength(1);
      expect(cookies[0]?.httpOnly).toBe(true);
      await page.click("header button");
      await page.waitFor(heading("Log in"));
      for (const cookie of cookies) await page.cdp("Network.setCookie", { ...cookie });
      await page.goto(`${server.url}/dashboard/conversations`);
      await page.waitFor(heading("Log in"));
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "a new message arrives without a reload, in the list, the thread and the figures",
    async () => {
      const page = await openAsOwner(server.url, "/dashboard/conversations");
      await page.evaluate("void (window.isSamePage = true)");
      const sessionId = "visitor-live";
      await (await ask(server.url, "When do you open?", { sessionId, path: "/v1/chat" })).text();
      await page.waitFor(
        `$(".list li .who").textContent === "visitor-live" && $(".answer").textContent === "Tomorrow at nine."`,
      );
      expect(await page.evaluate("window.isSamePage")).toBe(true);
      await page.waitFor(`$("[role=status]").textContent === "Conversations have changed"`);

      await page.click(".list a");
      await page.waitFor(heading("When do you open?"));
      await page.evaluate("void (window.isSamePage = true)");
      await (await ask(server.url, "And on Sunday?", { sessionId, path: "/v1/chat" })).text();
      await page.waitFor(`$$(".message").length === 4 && $$(".thread .badge").length === 0`);
      expect(await page.evaluate("window.isSamePage")).toBe(true);

      await page.goto(`${server.url}/dashboard`);
      const before = await page.evaluate<string>(`$$(".headline")[1].textContent`);
      await page.evaluate("void (window.isSamePage = true)");
      await (await ask(server.url, "And on Monday?", { sessionId, path: "/v1/chat" })).text();
      await page.waitFor(`$$(".headline")[1].textContent !== ${JSON.stringify(before)}`);
      expect(await page.evaluate("window.isSamePage")).toBe(true);
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "hostile messages stay harmless text",
    async () => {
      const page = await openAsOwner(server.url, "/dashboard/conversations?q=owned", {
        width: 360,
        height: 800,
      });
      await page.click(".list a");
      await page.waitFor(`${WHOLE} && $(".thread")`);
      expect(await page.evaluate(`$(".content").textContent`)).toBe(HOSTILE);
      const elements = `$$(".content *").map((each) => each.localName)`;
      // The words that were sought are marked, in the question and in the answer.
      expect(await page.evaluate(elements)).toEqual(["mark", "mark", "p", "mark", "mark"]);
      expect(await page.evaluate(`new Set($$("mark").map((each) => each.textContent)).size`)).toBe(
        1,
      );
      expect(await page.evaluate(`$(".thread mark").textContent`)).toBe("owned");
      expect(await page.evaluate("document.title")).toStartWith("<script>");
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "a login is refused after ten wrong passwords",
    async () => {
      const other = await startServer();
      const page = await openPage();
      await page.goto(`${other.url}/dashboard/login`);
      for (let i = 1; i <= 10; i++) {
        await page.evaluate("void (window.isOldPage = true)");
        await page.fill("[name=password]", `guess number ${i}`);
        await page.press("Enter");
        await page.waitFor(`!window.isOldPage && $("#problem")`);
        await page.waitFor(`document.activeElement.name === "password"`);
      }
      await page.fill("[name=password]", PASSWORD);
      await page.press("Enter");
      await page.waitFor(heading("Too many requests. Please wait before trying again."));
      await other.stop();
    },
    TIMEOUT_MS,
  );

  test(
    "everything can be done with the keyboard alone",
    async () => {
      const page = await openPage();
      await page.goto(`${server.url}/dashboard`);
      await page.waitFor(`document.activeElement.name === "password"`);
      await page.type(PASSWORD);
      await page.press("Enter");
      await page.waitFor(heading("Overview"));
      await page.press("Tab");
      expect(await page.evaluate("document.activeElement.className")).toBe("skip");
      await page.press("Enter");
      await page.waitFor(`document.activeElement.id === "main"`);
      await tabTo(page, "summary");
      await page.press("Enter");
      await page.waitFor(`$("details").open`);

      await page.goto(`${server.url}/dashboard`);
      await tabTo(page, "a[href='/dashboard/conversations']");
      await page.press("Enter");
      await page.waitFor(heading("Conversations"));
      await tabTo(page, "[name=q]");
      await page.type("number 69");
      await page.press("Enter");
      await page.waitFor(`$$(".list li").length === 1`);
      await tabTo(page, ".list a");
      await page.press("Enter");
      await page.waitFor(heading("Do you ship parcel number 69 to Norway?"));
      await tabTo(page, ".danger summary");
      await page.press("Enter");
      await tabTo(page, ".destructive");
      await page.press("Enter");
      await page.waitFor(heading("Conversations"));
      await tabTo(page, "header button");
      await page.press("Enter");
      await page.waitFor(heading("Log in"));
    },
    TIMEOUT_MS,
  );

  test(
    "the focus stays where it was when the list changes",
    async () => {
      const page = await openAsOwner(server.url, "/dashboard/conversations");
      await tabTo(page, ".list a");
      const focused = await page.evaluate<string>("document.activeElement.id");
      expect(focused).toStartWith("c_");
      const sessionId = "visitor-focus";
      await (await ask(server.url, "Hello?", { sessionId, path: "/v1/chat" })).text();
      await page.waitFor(`$(".list .who").textContent === "visitor-focus"`);
      expect(await page.evaluate<string>("document.activeElement.id")).toBe(focused);
    },
    TIMEOUT_MS,
  );

  test(
    "the setup page's button copies the tag that no update breaks, and the tag of one version is folded away",
    async () => {
      const page = await openPage();
      await logIn(page, server.url);
      await page.cdp("Browser.grantPermissions", {
        permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"],
      });
      await page.goto(`${server.url}/dashboard/setup`);
      await page.click("[data-copy=tag-html]");
      await page.waitFor(`$("[data-copy=tag-html]").textContent === "Copied"`);
      const copied = await page.evaluate<string>("navigator.clipboard.readText()");
      expect(copied).toStartWith(`<script\n  src="${server.url}/widget/chat-widget.js"`);
      expect(copied).not.toContain("integrity");
      expect(await page.evaluate(`$("#pinned").textContent`)).toContain("integrity=");
      expect(await page.evaluate(`$("#pinned").checkVisibility()`)).toBe(false);
    },
    TIMEOUT_MS,
  );

  test(
    "the setup page's preview is the real widget, and it answers",
    async () => {
      const page = await openAsOwner(server.url, "/dashboard/setup?title=Ask+us");
      await page.waitFor(`$("chat-porch").send`);
      await page.evaluate(`$("chat-porch").send("Do you ship to Norway?")`);
      await page.waitFor(
        `$("chat-porch").shadowRoot.textContent.includes("Tomorrow at nine.") && $(".log .copy")`,
      );
      expect(await page.evaluate(`$("chat-porch").shadowRoot.textContent`)).toContain("Ask us");
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "on a phone, the navigation is one line, and shows where the page is in it",
    async () => {
      const page = await openAsOwner(server.url, "/dashboard/settings/changes", {
        width: 360,
        height: 740,
      });
      const current = `$$("nav [aria-current]").map((link) => {
        const { left, right } = link.getBoundingClientRect();
        return [link.textContent, left >= 0 && right <= innerWidth, link.closest("nav").clientHeight < 60];
      })`;
      expect(await page.evaluate(current)).toEqual([
        ["Settings", true, true],
        ["Changes", true, true],
      ]);
      await page.goto(`${server.url}/dashboard`);
      expect(await page.evaluate(`$(".bar nav").scrollLeft`)).toBe(0);
      await tabTo(page, ".bar nav a:last-child");
      expect(await page.evaluate(`$(".bar nav").scrollLeft`)).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  const PAGES: readonly [name: string, path: string][] = [
    ["overview", "/dashboard"],
    ["conversations", "/dashboard/conversations"],
    ["search-with-problems", "/dashboard/conversations?q=parcel&from=soon&to=2020-01-01"],
    ["nothing-found", "/dashboard/conversations?q=zebra"],
    ["thread", ""],
    ["hostile-thread", ""],
    ["setup", "/dashboard/setup?title=Ask+us&accent=red"],
    ["settings-model", "/dashboard/settings/model"],
    ["settings-instructions", "/dashboard/settings/instructions?look=1"],
    ["settings-knowledge", "/dashboard/settings/knowledge"],
    ["settings-notices", "/dashboard/settings/notices"],
    ["settings-websites", "/dashboard/settings/websites?done=allowed"],
    ["settings-widget", "/dashboard/settings/widget"],
    ["settings-keys", "/dashboard/settings/keys"],
    ["settings-limits", "/dashboard/settings/limits"],
    ["settings-password", "/dashboard/settings/password"],
    ["settings-changes", "/dashboard/settings/changes"],
    ["not-found", "/dashboard/nowhere"],
  ];

  async function threadOf(page: BrowserPage, words: string): Promise<string> {
    await page.goto(`${server.url}/dashboard/conversations?q=${words}`);
    return page.evaluate<string>(`$(".list a").getAttribute("href")`);
  }

  /** Expects, in every size and colour scheme, that nothing is wider than the window and that axe finds nothing. */
  async function inspect(page: BrowserPage, name: string, path: string): Promise<void> {
    for (const colorScheme of ["light", "dark"] as const) {
      // A message that is just coming has less contrast.
      await page.prefer({ colorScheme, reducedMotion: true });
      for (const width of [360, 768, 1280]) {
        await page.resize({ width, height: 800 });
        await page.goto(`${server.url}${path}`);
        const isOpen = `$$("details").forEach((each) => { each.open = ${width === 768}; })`;
        await page.evaluate(`void ${isOpen}`);
        const overflow = "document.documentElement.scrollWidth - innerWidth";
        expect([name, width, await page.evaluate<number>(overflow)]).toEqual([
          name,
          width,
          expect.any(Number),
        ]);
        expect(await page.evaluate<number>(overflow)).toBeLessThanOrEqual(0);
        await page.screenshot(`dashboard/${name}-${width}-${colorScheme}`);
        if (width === 1280) continue;
        expect([name, colorScheme, ...(await axeViolations(page))]).toEqual([name, colorScheme]);
      }
    }
  }

  test(
    "axe finds nothing, and nothing overflows, on the pages that need no login",
    async () => {
      const page = await openPage();
      await inspect(page, "login", "/dashboard/login");
      const unclaimed = await startServer({ DASHBOARD_PASSWORD: "" });
      const claimed = server;
      server = unclaimed;
      await inspect(page, "unclaimed", "/dashboard");
      await inspect(page, "claim", "/dashboard/claim");
      server = claimed;
      await inspect(page, "claimed", "/dashboard/claim");
      await unclaimed.stop();
    },
    TIMEOUT_MS,
  );

  for (const [name, path] of PAGES) {
    test(
      `axe finds nothing, and nothing overflows, on ${name}`,
      async () => {
        const page = await openPage();
        await logIn(page, server.url);
        const words = name === "thread" ? "ship" : "owned";
        await inspect(page, name, path || (await threadOf(page, words)));
        expect(mishaps(page)).toEqual([]);
      },
      TIMEOUT_MS,
    );
  }
});
