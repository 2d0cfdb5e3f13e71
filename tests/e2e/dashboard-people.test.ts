import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";

import { KEYS, mintSession } from "../../harness/chat-requests.ts";
import { type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, type RunningServer } from "../../harness/process.ts";
import { closePages, hasBrowser } from "../support/browser.ts";
import {
  axeViolations,
  heading,
  mishaps,
  openAsOwner,
  startFilled,
  tabTo,
  WHOLE,
} from "../support/owner-browser.ts";

/** Ratings and requests for a person in the dashboard, in a real browser, as visitors send them. */

/** A browser and a server take long on a busy machine. */
const TIMEOUT_MS = 60_000;
const LIST = "/dashboard/conversations";
const FITS = "document.documentElement.scrollWidth <= innerWidth";

describe.skipIf(!hasBrowser)("ratings and requests in a browser", () => {
  let model: ModelServer;
  let server: RunningServer;

  beforeAll(async () => {
    model = startModelServer((call) => {
      call.token("We open at nine.");
      call.finish();
    });
    const settings = { OPENAI_BASE_URL: model.url, PERSON: "always" };
    server = await startFilled(async () => {}, settings);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await cleanUp();
    await model.stop();
  });
  afterEach(() => closePages());

  /** A visitor who asks a question, and what he can do after its answer. */
  async function visit(question: string) {
    const { sessionId, headers: token } = await mintSession(server.url);
    const key = { "x-api-key": KEYS.WIDGET_API_KEY ?? "", "content-type": "application/json" };
    const headers = { ...key, ...token };
    const send = async (method: string, path: string, body: object) => {
      const init = { method, headers, body: JSON.stringify(body) };
      const response = await fetch(`${server.url}${path}`, init);
      expect(response.status).toBeLessThan(300);
      return response;
    };
    const asked = await send("POST", "/v1/chat", { sessionId, message: question });
    const { conversationId, turnId } = (await asked.json()) as Record<string, string>;
    return {
      conversationId,
      rate: (body: object) => send("PUT", `/v1/chat/turns/${turnId}/rating`, body),
      wantPerson: (body: object) =>
        send("POST", "/v1/chat/requests", { sessionId, consent: "Write to me.", ...body }),
    };
  }

  test(
    "appear in an open thread by themselves, fit a phone, and a request is closed by keys",
    async () => {
      const ada = await visit("When do you open on Sundays?");
      const page = await openAsOwner(server.url, `${LIST}/${ada.conversationId}`);
      await ada.rate({
        rating: "negative",
        reasons: ["wrong"],
        comment: `You are closed. ${"x".repeat(300)}`,
      });
      await page.waitFor(`$(".rating .comment")?.textContent.startsWith("You are closed.")`);
      expect(await page.evaluate(`$(".thread .badge.negative").textContent.trim()`)).toBe(
        "rated down",
      );
      await ada.wantPerson({
        contact: { kind: "email", value: `${"a".repeat(60)}@example.com` },
        note: "After six.\nPlease.",
      });
      await page.waitFor(`$(".wanted a[href^='mailto:aaa']")`);
      for (const width of [360, 1280]) {
        for (const colorScheme of ["light", "dark"] as const) {
          await page.prefer({ colorScheme });
          await page.resize({ width, height: 800 });
          expect(await axeViolations(page)).toEqual([]);
          expect([width, await page.evaluate(FITS)]).toEqual([width, true]);
        }
      }
      await tabTo(page, ".wanted button");
      await page.press("Enter");
      await page.waitFor(`!$(".wanted") && $(".closed-requests")`);
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "lead from the overview to who waits, and from the list to who is not content",
    async () => {
      const bob = await visit("Can I speak to somebody?");
      await bob.wantPerson({ contact: { kind: "phone", value: "+49 30 123456" } });
      await bob.rate({ rating: "negative" });
      const page = await openAsOwner(server.url, "/dashboard?figure=ratings");
      await page.waitFor(`$("#ratings .headline")`);
      for (const width of [360, 1280]) {
        await page.resize({ width, height: 800 });
        expect(await axeViolations(page)).toEqual([]);
        expect([width, await page.evaluate(FITS)]).toEqual([width, true]);
        // Who waits is seen on a phone without scrolling.
        const ends = `["h1", ".need.bad", ".figures"].map((part) => $(part).getBoundingClientRect().bottom)`;
        const [title = 0, need = 0, figures = 0] = await page.evaluate<number[]>(ends);
        expect([width, title < need, need < figures]).toEqual([width, true, width === 360]);
      }
      await page.click(".need.bad a");
      await page.waitFor(heading("Can I speak to somebody?"));
      const ways = await page.evaluate(`$$(".wanted a.button").map((way) => way.href)`);
      expect(ways).toEqual([
        `${server.url}${LIST}/${bob.conversationId}#takeover`,
        "tel:+4930123456",
      ]);

      await page.goto(`${server.url}${LIST}?mark=wanted`);
      await page.waitFor(`$$(".list li").length === 1 && $(".list .badge.wanted")`);
      const chip = `$$(".chips a").find((each) => each.textContent.trim() === "Rated down").click()`;
      await page.evaluate(chip);
      await page.waitFor(
        `${WHOLE} && location.search === "?mark=rated_down" && $$(".list .badge.negative").length > 0`,
      );
      expect(await axeViolations(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "are set up on a page of their own, which says what is wrong with the hours",
    async () => {
      const page = await openAsOwner(server.url, "/dashboard/settings/people");
      for (const width of [360, 1280]) {
        await page.resize({ width, height: 800 });
        expect(await axeViolations(page)).toEqual([]);
        expect([width, await page.evaluate(FITS)]).toEqual([width, true]);
      }
      await page.evaluate(`void ($("[name=HOURS]").value = "9 to 5")`);
      await page.click("#person-form .primary");
      await page.waitFor(`$("#problem-HOURS")?.textContent.includes("time zone")`);
      await page.evaluate(`void ($("[name=HOURS]").value = "Mo-Fr 09:00-17:00 Europe/Berlin")`);
      await page.click("#person-form .primary");
      await page.waitFor(`location.search === "?done=saved"`);
      const settings = await (await fetch(`${server.url}/widget/settings.json`)).json();
      expect(settings).toMatchObject({ people: { hours: "Mo-Fr 09:00-17:00 Europe/Berlin" } });
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
