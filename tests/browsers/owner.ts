import { DASHBOARD_PASSWORD } from "../support/test-app.ts";
import type { Browser } from "./browser.ts";
import { type Visitor as Person, visitorIn } from "./visitor.ts";

/** The owner in a browser. */

const WAIT_MS = 20_000;

/** An expression: the page has this title. */
export const isHeading = (text: string) => `$("h1")?.textContent === ${JSON.stringify(text)}`;

/** Waits for what another page shows. While the browser leaves the old one, nothing can be evaluated. */
export async function arrives(owner: Person, expression: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  const isThere = `document.readyState === "complete" && !!(${expression})`;
  for (let problem: unknown; ;) {
    const found = await owner.evaluate<boolean>(isThere).catch((error) => {
      problem = error;
      return false;
    });
    if (found) return;
    if (Date.now() > deadline) throw new Error(`No page with ${expression}`, { cause: problem });
    await Bun.sleep(20);
  }
}

/** Opens a tab, logs in with the keyboard, and waits for the overview. */
export async function logIn(browser: Browser, url: string): Promise<Person> {
  const owner = visitorIn(await browser.openTab());
  await owner.goto(`${url}/dashboard/login`);
  await owner.sees("document.activeElement?.name === 'password'");
  await owner.type(DASHBOARD_PASSWORD);
  await owner.press("Enter");
  await arrives(owner, isHeading("Overview"));
  return owner;
}
