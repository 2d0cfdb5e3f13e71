import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";

import { ask as send } from "../../harness/chat-requests.ts";
import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, type RunningServer } from "../../harness/process.ts";
import { closePages, hasBrowser } from "../support/browser.ts";
import {
  axeViolations,
  mishaps,
  openAsOwner,
  startFilled,
  tabTo,
} from "../support/owner-browser.ts";
import { until } from "../support/until.ts";

/** Budgets, prices and the switch of the model in the dashboard, in a real browser, while visitors ask. */

/** A browser and a server take long on a busy machine. */
const TIMEOUT_MS = 60_000;
const PATH = "/dashboard/settings/spending";
const FITS = "document.documentElement.scrollWidth <= innerWidth";
const MESSAGE = "No more answers today.";

describe.skipIf(!hasBrowser)("spending in a browser", () => {
  let model: ModelServer;
  let server: RunningServer;

  beforeAll(async () => {
    model = startModelServer(answer("We open at nine."));
    const settings = { OPENAI_BASE_URL: model.url, OPENAI_MODEL: "gpt-4.1-mini" };
    server = await startFilled(() => Promise.resolve(), settings);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await cleanUp();
    await model.stop();
  });
  afterEach(() => closePages());

  /** Asks as a visitor does. Returns the status and the body. */
  async function ask(sessionId: string) {
    const response = await send(server.url, "When do you open?", { path: "/v1/chat", sessionId });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  test(
    "is set up with the keyboard, follows what visitors ask, and the switch turns the model off and on",
    async () => {
      const page = await openAsOwner(server.url, PATH);
      await page.fill("#BUDGET_PER_DAY", "2,50");
      await page.press("Enter");
      await page.waitFor(`$("#problem-BUDGET_PER_DAY")?.textContent.includes("such as 5.00")`);
      await page.waitFor(`document.activeElement.id === "BUDGET_PER_DAY"`);
      await page.fill("#BUDGET_PER_DAY", "2.50");
      await page.fill("#BUDGET_MESSAGE", MESSAGE);
      await tabTo(page, "#budget-form .primary");
      await page.press("Enter");
      await page.waitFor(`location.search === "?done=saved"`);
      await page.waitFor(`$("#spent .headline")?.textContent.includes("of $2.50")`);

      expect((await ask("ada")).status).toBe(200);
      await page.waitFor(`!$("#spent .headline").textContent.includes("$0.00 ")`);

      const overview = await openAsOwner(server.url, "/dashboard");
      const other = await openAsOwner(server.url, PATH);
      await tabTo(page, "#switch-off");
      await page.press("Enter");
      await page.waitFor(`location.search === "?done=model-off" && $("#switch-on")`);
      expect(await ask("ada")).toMatchObject({
        status: 503,
        body: { code: "model_off", error: MESSAGE },
      });
      // The owner's other tabs follow by themselves.
      await other.waitFor(`$("#switch-on") && !$("#switch-off")`);
      await overview.waitFor(`$(".need.bad")?.textContent.includes("The model is off")`);
      await page.click("#switch-on");
      await page.waitFor(`location.search === "?done=model-on"`);
      await other.waitFor(`$("#switch-off") && !$("#switch-on")`);
      expect((await ask("ada")).status).toBe(200);
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "fits a phone and a desk, in light and dark, also when a budget is used up",
    async () => {
      const page = await openAsOwner(server.url, PATH);
      await page.fill("#BUDGET_PER_DAY", "0.001");
      await page.fill("#BUDGET_PER_MONTH", "1000");
      await page.click("#budget-form .primary");
      await page.waitFor(`location.search === "?done=saved" && $(".budget .problem")`);
      expect(await ask("bob")).toMatchObject({ status: 503, body: { code: "budget_reached" } });
      for (const path of [PATH, "/dashboard?figure=cost", "/dashboard/settings/limits"]) {
        await page.goto(`${server.url}${path}`);
        for (const width of [360, 1280]) {
          for (const colorScheme of ["light", "dark"] as const) {
            await page.prefer({ colorScheme });
            await page.resize({ width, height: 800 });
            expect([path, width, await axeViolations(page)]).toEqual([path, width, []]);
            expect([path, width, await page.evaluate(FITS)]).toEqual([path, width, true]);
          }
        }
      }
      await page.goto(`${server.url}/dashboard`);
      await page.waitFor(`$(".need.bad")?.textContent.includes("today’s budget is used up")`);
      await page.click(".need.bad a");
      await page.waitFor(`location.pathname === "${PATH}"`);
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "works without scripts",
    async () => {
      const page = await openAsOwner(server.url, PATH);
      await page.cdp("Emulation.setScriptExecutionDisabled", { value: true });
      await page.reload();
      await page.evaluate(`void $("#switch-off").click()`);
      await until(async () => (await ask("eve")).body.code === "model_off");
      await page.goto(`${server.url}${PATH}`);
      await page.evaluate(`void $("#switch-on").click()`);
      await until(async () => (await ask("eve")).body.code !== "model_off");
    },
    TIMEOUT_MS,
  );
});
