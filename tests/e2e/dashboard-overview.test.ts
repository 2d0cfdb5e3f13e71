import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";

import { cleanUp, type RunningServer } from "../../harness/process.ts";
import { closePages, hasBrowser, openPage } from "../support/browser.ts";
import { logIn, mishaps, openAsOwner, tabTo } from "../support/owner-browser.ts";
import { startShop } from "../support/shop-server.ts";

/** The dashboard's first page and its setup page in a real browser, with a small shop's conversations. */

const TIMEOUT_MS = 60_000;

describe.skipIf(!hasBrowser)("the dashboard of a small shop", () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await startShop();
  }, TIMEOUT_MS);
  afterAll(() => cleanUp());
  afterEach(() => closePages());

  test(
    "shows times in the reader's time zone with UTC as their title, and UTC without scripts",
    async () => {
      const page = await openPage();
      await logIn(page, server.url);
      await page.cdp("Emulation.setTimezoneOverride", { timezoneId: "Asia/Kathmandu" });
      await page.goto(`${server.url}/dashboard`);
      await page.click(".latest a[dir]");
      await page.waitFor(`$(".thread-head time")?.title`);
      const [shown, title, iso] = await page.evaluate<[string, string, string]>(
        `(({ textContent, title, dateTime }) => [textContent, title, dateTime])($(".thread-head time"))`,
      );
      const timeIn = (timeZone: string) =>
        new Date(iso).toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
      expect(shown).toEndWith(timeIn("Asia/Kathmandu"));
      expect(title).toEndWith(`${timeIn("UTC")} UTC`);
      expect(mishaps(page)).toEqual([]);

      await page.cdp("Emulation.setScriptExecutionDisabled", { value: true });
      await page.reload();
      expect(await page.evaluate(`$(".thread-head time").textContent`)).toBe(title);
    },
    TIMEOUT_MS,
  );

  /** The tips that are seen. */
  const TIPS = `$$(".tip").filter((tip) => getComputedStyle(tip).display !== "none").map((tip) => tip.textContent)`;

  test(
    "says each day's value under the mouse, under the focus that the arrow keys move, and in the table",
    async () => {
      const page = await openAsOwner(server.url, "/dashboard?days=7&figure=messages");
      const names = await page.evaluate<string[]>(
        `$$(".point").map((point) => point.getAttribute("aria-label"))`,
      );
      expect(names).toHaveLength(7);
      expect(names.at(-1)).toMatch(/^Today, so far: \d+$/);
      const rows = await page.evaluate<string[]>(
        `$$("tbody tr").map((row) => row.cells[2].textContent)`,
      );
      expect(rows.toReversed()).toEqual(names.map((name) => name.split(": ")[1] ?? ""));

      const place = await page.evaluate<{ x: number; y: number }>(
        `(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }))($$(".point")[2].getBoundingClientRect())`,
      );
      await page.cdp("Input.dispatchMouseEvent", { type: "mouseMoved", ...place });
      const tipOf = (index: number) => {
        const [name = "", value = ""] = names.at(index)?.split(": ") ?? [];
        return [`${value} ${name}`];
      };
      expect(await page.evaluate<string[]>(TIPS)).toEqual(tipOf(2));
      await page.cdp("Input.dispatchMouseEvent", { type: "mouseMoved", x: 1, y: 1 });
      expect(await page.evaluate<string[]>(TIPS)).toEqual([]);

      await tabTo(page, ".point");
      expect(await page.evaluate<string[]>(TIPS)).toEqual(tipOf(-1));
      await page.press("ArrowLeft");
      expect(await page.evaluate<string[]>(TIPS)).toEqual(tipOf(-2));
      await page.press("Home");
      expect(await page.evaluate<string[]>(TIPS)).toEqual(tipOf(0));
      await page.press("Tab");
      expect(await page.evaluate("document.activeElement.tagName")).toBe("SUMMARY");
      await page.press("Tab", "Shift");
      expect(await page.evaluate<string[]>(TIPS)).toEqual(tipOf(0));
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "shows a day's value under a finger, and that of the next day when the finger moves",
    async () => {
      const page = await openPage({ width: 360, height: 800 });
      await logIn(page, server.url);
      await page.cdp("Emulation.setTouchEmulationEnabled", { enabled: true });
      await page.goto(`${server.url}/dashboard?days=7`);
      const place = (index: number) =>
        page.evaluate<{ x: number; y: number }>(
          `(() => { $(".points").scrollIntoView({ block: "center" });
            const { x, y, width, height } = $$(".point")[${index}].getBoundingClientRect();
            return { x: x + width / 2, y: y + height / 2 }; })()`,
        );
      const shown = `$$(".point").findIndex((point) => getComputedStyle(point.querySelector(".tip")).display !== "none")`;
      const touch = async (type: string, index?: number) =>
        page.cdp("Input.dispatchTouchEvent", {
          type,
          touchPoints: index === undefined ? [] : [await place(index)],
        });
      await touch("touchStart", 1);
      await touch("touchMove", 2);
      await page.waitFor(`${shown} === 2`);
      await touch("touchMove", 4);
      await page.waitFor(`${shown} === 4`);
      await touch("touchEnd");
      expect(await page.evaluate(shown)).toBe(4);
    },
    TIMEOUT_MS,
  );

  test(
    "draws another figure and other days in place, with the focus on what was chosen, and without scripts as a page",
    async () => {
      const page = await openAsOwner(server.url, "/dashboard");
      await page.evaluate("void (window.isSamePage = true)");
      await page.click("#figure-failed");
      await page.waitFor(`$("#drawn").textContent.trim().startsWith("Failed answers a day")`);
      await tabTo(page, "#days-7");
      await page.press("Enter");
      await page.waitFor(`$$(".point").length === 7`);
      expect(await page.evaluate("[window.isSamePage, document.activeElement.id]")).toEqual([
        true,
        "days-7",
      ]);
      expect(await page.evaluate("location.search")).toBe("?days=7&figure=failed");

      await page.cdp("Emulation.setScriptExecutionDisabled", { value: true });
      await page.goto(await page.evaluate<string>(`$("#days-90").href`));
      expect(await page.evaluate(`$$(".point").length`)).toBe(90);
      expect(await page.evaluate(`$("#figure-failed").ariaCurrent`)).toBe("true");
    },
    TIMEOUT_MS,
  );

  test(
    "shows each option of the widget at once in its preview, its tags and the page's address",
    async () => {
      const page = await openAsOwner(server.url, "/dashboard/setup");
      const preview = `$("chat-porch").shadowRoot.textContent`;
      await page.waitFor(`$("chat-porch").shadowRoot?.querySelector("textarea")`);
      await page.click("#title");
      await page.type("Ask <us>");
      await page.waitFor(`${preview}.includes("Ask <us>")`);
      await page.click("#suggestions");
      await page.type("One? | Two?");
      await page.waitFor(`${preview}.includes("Two?")`);
      await page.click("[name=open]");
      await page.evaluate(
        `(() => { const picker = $("[data-picker]"); picker.value = "#123abc"; picker.dispatchEvent(new Event("input", { bubbles: true })); })()`,
      );
      expect(await page.evaluate(`$("#accent").value`)).toBe("#123abc");
      for (const tag of ["#tag-html", "#tag-wordpress", "#pinned"]) {
        const text = await page.evaluate<string>(`$("${tag}").textContent`);
        expect(text).toContain('data-title="Ask &lt;us&gt;"');
        expect(text).toContain('data-accent-color="#123abc"\n  data-open="true"');
      }
      await page.click("#accent");
      await page.press("End");
      await page.type("zz");
      await page.waitFor(`$("#problem-accent")?.textContent.startsWith("Not a colour")`);
      expect(await page.evaluate(`$("#tag-html").textContent`)).not.toContain("accent");
      expect(mishaps(page)).toEqual([]);

      const kept = await page.evaluate<string>(`$("#tag-html").textContent`);
      await page.reload();
      expect(await page.evaluate(`$("#tag-html").textContent`)).toBe(kept);
    },
    TIMEOUT_MS,
  );

  test(
    "has nothing above the button that copies the tag, at 360 px too, and shows the tag of the chosen kind",
    async () => {
      const page = await openAsOwner(server.url, "/dashboard/setup", { width: 360, height: 800 });
      await page.waitFor(`$("chat-porch").shadowRoot?.querySelector("textarea")`);
      expect(await page.evaluate(`$$("chatporch-widget").length`)).toBe(0);
      const shown = `$$(".tags pre").filter((each) => each.checkVisibility()).map(({ id }) => id)`;
      expect(await page.evaluate<string[]>(shown)).toEqual(["tag-html"]);
      await page.click("[data-copy=tag-html]");
      await tabTo(page, "[name=kind]");
      await page.press("ArrowRight");
      expect(await page.evaluate<string[]>(shown)).toEqual(["tag-react"]);
      expect(await page.evaluate(`$("#tag-react").textContent`)).toContain("useEffect(");
    },
    TIMEOUT_MS,
  );
});
