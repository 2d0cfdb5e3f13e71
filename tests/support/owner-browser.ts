import { join } from "node:path";

import { databaseIn, KEYS } from "../../harness/chat-requests.ts";
import {
  type RunningServer,
  type Settings,
  startChatporch,
  temporaryFolder,
} from "../../harness/process.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { type BrowserPage, openPage, type PageOptions } from "./browser.ts";

/** The dashboard in a browser: the login, and what is asked of every page. */

export const OWNER_PASSWORD = "dashboard-password-for-e2e";
const AXE = await Bun.file(join(import.meta.dir, "../../node_modules/axe-core/axe.min.js")).text();

/**
 * A server whose owner opens many pages a minute.
 * @param fill stores what its database has at the start
 */
export async function startFilled(
  fill: (store: Store) => Promise<unknown>,
  settings: Settings = {},
): Promise<RunningServer> {
  const folder = temporaryFolder();
  const store = openSqliteStore(databaseIn(folder));
  await fill(store);
  await store.close();
  const defaults = { ...KEYS, DASHBOARD_PASSWORD: OWNER_PASSWORD, RATE_LIMIT_MAX_REQUESTS: "5000" };
  return startChatporch({ ...defaults, ...settings }, folder);
}

/** Opens a page of the dashboard in a browser that is logged in. */
export async function openAsOwner(
  url: string,
  path: string,
  options: PageOptions = {},
): Promise<BrowserPage> {
  const page = await openPage(options);
  await logIn(page, url);
  await page.goto(`${url}${path}`);
  return page;
}

/** Logs in with a cookie: a minute allows ten logins, so only the tests of the login use its form. */
export async function logIn(page: BrowserPage, url: string): Promise<void> {
  const cookie = cookies.get(url) ?? fetchCookie(url);
  cookies.set(url, cookie);
  const [name = "", value = ""] = (await cookie).split("=");
  await page.cdp("Network.setCookie", { url, name, value });
}

/** By the address of the server. */
const cookies = new Map<string, Promise<string>>();

async function fetchCookie(url: string): Promise<string> {
  const body = new URLSearchParams({ password: OWNER_PASSWORD });
  const response = await fetch(`${url}/dashboard/login`, {
    method: "POST",
    body,
    redirect: "manual",
  });
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

/** An expression: the page is there with all its parts, and its script has run. */
export const WHOLE = 'document.readyState === "complete"';

/** An expression: whether the page with this heading is there. */
export function heading(text: string): string {
  return `${WHOLE} && $("h1")?.textContent.trim() === ${JSON.stringify(text)}`;
}

/** The page's violations of its CSP, and the errors of its script. */
export function mishaps(page: BrowserPage): string[] {
  // Another test checks the widget's bundle; here it may be missing.
  const messages = page.console.filter(({ text }) => !text.includes("/widget/"));
  return messages
    .filter(({ type, text }) => type === "exception" || /violat|refused/i.test(text))
    .map(({ type, text }) => `${type}: ${text}`);
}

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

/** What axe finds on the page as it is: `rule: the elements`. */
export async function axeViolations(page: BrowserPage): Promise<string[]> {
  const violations = await page.evaluate<AxeViolation[]>(
    `(() => { ${AXE}; return axe.run(document).then(({ violations }) =>
      violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ target }) => ({ target })) }))); })()`,
  );
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`,
  );
}

/** Presses Tab until the element has the focus, as somebody without a mouse does. */
export async function tabTo(page: BrowserPage, selector: string): Promise<void> {
  for (let i = 0; i < 80; i++) {
    await page.press("Tab");
    const matches = `document.activeElement.matches(${JSON.stringify(selector)})`;
    if (await page.evaluate<boolean>(matches)) return;
  }
  throw new Error(`Tab does not lead to ${selector}.`);
}
