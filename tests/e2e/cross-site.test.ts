import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";

import { type BrowserPage, closePages, hasBrowser, openPage } from "../support/browser.ts";
import { logIn } from "../support/dashboard-requests.ts";
import { ADMIN_KEY, createTestApp, type TestApp } from "../support/test-app.ts";

/**
 * What a page of another site can do in the browser of an owner who is logged in. The server is 127.0.0.1
 * here and the other site is localhost; a browser treats them as two sites.
 */
describe.if(hasBrowser)("another site's page in the owner's browser", () => {
  let app: TestApp;
  let url: string;
  let elsewhere: string;
  let page: BrowserPage;
  const other = Bun.serve({
    port: 0,
    fetch: () => new Response("<!doctype html><h1>Elsewhere</h1>", { headers: HTML }),
  });

  beforeAll(async () => {
    app = createTestApp({ env: { RATE_LIMIT_MAX_REQUESTS: "100" } });
    url = app.listen();
    elsewhere = `http://localhost:${other.port}/`;
  });
  afterEach(closePages);
  afterAll(async () => {
    await app.close();
    await other.stop(true);
  });

  async function open(): Promise<void> {
    page = await openPage();
    const [name = "", value = ""] = (await logIn(app)).split("=");
    await page.cdp("Network.setCookie", { url, name, value });
    await page.goto(elsewhere);
  }

  /** Paths and statuses of the log's lines about the dashboard and the owner's API. */
  function asked(): string[] {
    const lines = app.lines.map((line): Record<string, unknown> => JSON.parse(line));
    const requests = lines.filter(
      ({ event, path }) => event === "request" && OWNERS.test(`${path}`),
    );
    return requests.map(({ path, status }) => `${String(path)} ${String(status)}`);
  }

  async function untilAsked(count: number): Promise<string[]> {
    while (asked().length < count) await Bun.sleep(10);
    return asked();
  }

  async function budgetLeft(): Promise<string | null> {
    const init = { headers: { "x-admin-api-key": ADMIN_KEY } };
    return (await fetch(`${url}/v1/admin/diagnostics/request`, init)).headers.get("ratelimit");
  }

  test("uses up none of the owner's request budget with images, frames, fetches and streams", async () => {
    await open();
    app.lines.length = 0;
    await page.evaluate(`(() => {
      const at = (path) => ${JSON.stringify(url)} + path;
      for (let n = 0; n < 10; n++) new Image().src = at("/dashboard/export?format=csv&n=" + n);
      const frame = document.createElement("iframe");
      frame.src = at("/dashboard/conversations?q=a");
      document.body.append(frame);
      for (const mode of ["no-cors", "cors"]) {
        fetch(at("/dashboard/events"), { mode, credentials: "include" }).catch(() => {});
        fetch(at("/v1/admin/conversations"), { mode }).catch(() => {});
      }
      new EventSource(at("/dashboard/events"), { withCredentials: true });
    })()`);
    const statuses = new Set((await untilAsked(16)).map((line) => line.split(" ")[1]));
    expect([...statuses]).toEqual(["403"]);
    expect(app.chat.activity.subscribers).toBe(0);
    expect(await budgetLeft()).toContain("r=98;");
  });

  test("opens the dashboard with a link, but starts no search and no export with one", async () => {
    await open();
    const follow = (path: string) =>
      page.evaluate(`void (location.href = ${JSON.stringify(url + path)})`);
    await follow("/dashboard/conversations?q=a");
    await page.waitFor(`$("h1")?.textContent.startsWith("Another website asked")`);
    await page.click("a[href='/dashboard']");
    await page.waitFor(`$("h1")?.textContent === "Overview"`);
    await page.goto(elsewhere);
    await follow("/dashboard/export");
    await page.waitFor(`$("h1")?.textContent.startsWith("Another website asked")`);
    await page.goto(elsewhere);
    await follow("/dashboard/conversations");
    await page.waitFor(`$("h1")?.textContent === "Conversations"`);
  });
});

const HTML = { "content-type": "text/html" };
const OWNERS = /^\/(?:dashboard(?!\/assets)|v1\/admin)/;
