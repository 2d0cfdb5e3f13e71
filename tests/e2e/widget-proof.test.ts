import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { widgetFiles } from "../../src/assets/widget-files.ts";
import { apiRefusal } from "../support/api-refusal.ts";
import { type BrowserPage, hasBrowser } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import { type Gate, startGate } from "../support/gate.ts";
import { openPanel, type PanelOptions } from "../support/open-panel.ts";
import { ask, finished, LISTEN, newChat, notice, shown } from "../support/panel-page.ts";
import { WIDGET_KEY } from "../support/test-app.ts";
import { until } from "../support/until.ts";
import { widgetTag } from "../support/widget-tag.ts";

/** A server that wants proof of work before it takes a question. */

const chat = chatWebsite({});

const ASK = "/v1/chat/stream";
const LIMITS = widgetFiles.limits.path;
/** Of an address, in a minute. Half of it is used before a page asks. */
const LIMIT = 60;
/** As many attempts as the widget takes on: seconds of them. */
const LONG = { algorithm: "SHA-256", parts: 4, bits: 20, expiresAt: 0 };
const SHORT = { ...LONG, bits: 2 };
/** Counts the Workers that do not throw, and those that are gone, as `workers` and `ended`. */
const COUNT_WORKERS = `window.workers = window.ended = 0;
  window.Worker = class extends Worker {
    constructor(url) { super(url); workers++; }
    terminate() { super.terminate(); ended++; }
  };`;
const WRITES = "$('.log .assistant.pending .dots')?.checkVisibility()";
const IS_BUSY = "$('.send').title === 'Stop'";
const IS_FREE = "$('.send').title === 'Send'";

/** What came to the server with each question. */
interface Asked {
  readonly proof: string | null;
  readonly key: string | null;
  readonly message: string;
}

let gate: Gate;
let asked: Asked[];
/** Answers questions in the place of the server, for as long as it returns something. */
let refuse: (count: number) => Response | undefined;

beforeEach(() => {
  asked = [];
  refuse = () => undefined;
  gate = startGate();
  gate.answer = (request) => {
    const { pathname } = new URL(request.url);
    return request.method === "POST" && pathname === ASK ? answerQuestion(request) : undefined;
  };
});
afterEach(() => gate.stop());

async function answerQuestion(request: Request): Promise<Response> {
  const { headers } = request;
  const { message } = JSON.parse(await request.clone().text()) as { message: string };
  asked.push({ proof: headers.get("x-proof"), key: headers.get("idempotency-key"), message });
  return refuse(asked.length) ?? gate.pass(request);
}

/** A refusal as the server writes it, with a challenge of another length. */
function challenged(challenge: object): Response {
  const token = `v1.dGVzdA.${"A".repeat(42)}${asked.length}`;
  const body = { challenge: { ...challenge, token } };
  return apiRefusal(chat.website.origin, 401, "proof_required", { body });
}

/** A page on a website whose server wants proofs, or that of a test in its place. */
async function visit(isWanted: boolean, options: PanelOptions = {}): Promise<BrowserPage> {
  await chat.restart({
    PROOF_OF_WORK: isWanted ? "on" : "off",
    RATE_LIMIT_MAX_REQUESTS: `${LIMIT}`,
  });
  gate.target = chat.server;
  const page = await openPanel(chat.website, gate.url, { beforeLoad: COUNT_WORKERS, ...options });
  const headers = { "x-api-key": WIDGET_KEY };
  for (let count = 0; isWanted && count <= LIMIT / 2; count++) {
    await fetch(`${chat.server}/v1/sessions`, { method: "POST", headers });
  }
  return page;
}

describe.skipIf(!hasBrowser)("a question for which the server wants proof of work", () => {
  test("is asked again with it, with the same key, while the visitor waits as ever; later ones go with the same proof", async () => {
    const page = await visit(true);
    await page.evaluate(LISTEN);
    expect(gate.requests).not.toContain(`GET ${LIMITS}`);
    await ask(page, "Hi");
    await page.waitFor(finished(1));
    const [first, second] = asked;
    expect(asked.length).toBe(2);
    expect(first?.proof).toBe(null);
    expect(second?.proof).toMatch(/^v1\.[\w-]+\.[\w-]{43}~\d{9}(?:-\d{9}){15}$/);
    expect([second?.key, second?.message]).toEqual([first?.key ?? "", "Hi"]);
    expect(await page.evaluate("[workers, ended]")).toEqual([1, 1]);
    await ask(page, "And now?");
    await page.waitFor(finished(2));
    expect(asked.length).toBe(3);
    expect(asked[2]?.proof).toBe(second?.proof ?? "");
    expect(await page.evaluate("[workers, heard.length]")).toEqual([1, 0]);
    expect(await page.evaluate("$$('.notice:not([hidden])').length")).toBe(0);
  });

  test("is asked with another one in another conversation", async () => {
    const page = await visit(true);
    await ask(page, "Hi");
    await page.waitFor(finished(1));
    await newChat(page);
    await ask(page, "Anew");
    await page.waitFor(finished(1));
    const proofs = asked.map(({ proof }) => proof);
    expect(proofs.length).toBe(4);
    expect(proofs[2]).toBe(proofs[1] ?? "");
    expect(proofs[3]).not.toBe(proofs[1] ?? "");
  });

  test("is asked by the widget in one file as well", async () => {
    const page = await visit(true);
    chat.website.show(
      `<script src="${gate.url}${widgetFiles.whole.path}" data-api-key="${WIDGET_KEY}" data-open></script>`,
    );
    await page.goto(chat.website.origin);
    await ask(page, "Hi");
    await page.waitFor(finished(1));
    expect(asked.length).toBe(2);
    expect(await page.evaluate("workers")).toBe(1);
    expect(gate.requests).not.toContain(`GET ${LIMITS}`);
  });

  test.each([
    ["allows no Worker", "", ""],
    [
      "requires Trusted Types",
      "; worker-src blob:; require-trusted-types-for 'script'; trusted-types 'none'",
      "",
    ],
    ["knows no Worker", "; worker-src blob:", "delete window.Worker"],
    [
      "has Workers that never run",
      "; worker-src blob:",
      "window.Worker = class { terminate() {} }",
    ],
  ])("is solved on a page that %s, and a Worker is tried once", async (_what, more, beforeLoad) => {
    const page = await visit(true, { beforeLoad: COUNT_WORKERS + beforeLoad });
    const policy = `default-src 'self'; script-src ${gate.url}; connect-src ${gate.url}${more}`;
    chat.website.show(widgetTag(gate.url), { "content-security-policy": policy });
    await page.goto(chat.website.origin);
    await page.waitFor("window.Chatporch");
    await page.evaluate("Chatporch.open()");
    page.forgetConsole();
    await ask(page, "Hi");
    await page.waitFor(finished(1));
    await newChat(page);
    await ask(page, "Anew");
    await page.waitFor(finished(1));
    expect(asked.length).toBe(4);
    const reports = page.console.filter(({ text }) => /Worker|blob:/i.test(text));
    expect(new Set(reports.map(({ text }) => text)).size).toBeLessThanOrEqual(1);
  });
});

describe.skipIf(!hasBrowser)("while a question's proof is being worked on", () => {
  test.each([
    ["in a Worker", ""],
    ["on the page", "window.Worker = undefined"],
  ])(
    "%s, the page works on, and Stop ends it at once without asking",
    async (_where, beforeLoad) => {
      refuse = () => challenged(LONG);
      const page = await visit(false, { beforeLoad: COUNT_WORKERS + beforeLoad });
      await page.evaluate(
        "void (function frame() { window.drawn = (window.drawn ?? 0) + 1; requestAnimationFrame(frame); })()",
      );
      await ask(page, "Hi");
      await page.waitFor(`${WRITES} && ${IS_BUSY}`);
      await until(() => gate.requests.includes(`GET ${LIMITS}`));
      await page.waitFor(`workers === ${beforeLoad ? 0 : 1}`);
      const before = await page.evaluate<number>("window.drawn");
      await page.waitFor(`window.drawn > ${before} + 20`);
      expect(asked.length).toBe(1);
      expect(await page.evaluate("$$('.notice:not([hidden])').length")).toBe(0);
      await page.click(".send");
      await page.waitFor(IS_FREE);
      expect(await page.evaluate("[workers, ended]")).toEqual(beforeLoad ? [0, 0] : [1, 1]);
      refuse = () => undefined;
      await ask(page, "And now?");
      await page.waitFor(shown("Hi", "", "And now?", "Hello there"));
      expect(asked.map(({ message }) => message)).toEqual(["Hi", "And now?"]);
    },
  );

  test("a page that goes to another conversation leaves it", async () => {
    refuse = (count) => (count === 1 ? challenged(LONG) : undefined);
    const page = await visit(false);
    await page.evaluate(LISTEN);
    await ask(page, "Hi");
    await page.waitFor("workers === 1");
    await page.evaluate("Chatporch.reset()");
    await page.waitFor(`ended === 1 && ${IS_FREE}`);
    await ask(page, "Anew");
    await page.waitFor(shown("Anew", "Hello there"));
    expect(asked.length).toBe(2);
  });
});

describe.skipIf(!hasBrowser)("a question whose proof is refused", () => {
  test("is asked three times with a new one, and then by the visitor, always with the same key", async () => {
    refuse = (count) => (count <= 5 ? challenged(SHORT) : undefined);
    const page = await visit(false);
    await ask(page, "Hi");
    await page.waitFor(notice("cannot be reached"));
    expect(new Set(asked.map(({ proof }) => proof)).size).toBe(4);
    await page.click(".retry");
    await page.waitFor(shown("Hi", "Hello there"));
    expect(asked.length).toBe(6);
    expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
    expect(await page.evaluate("$$('.log .user').length")).toBe(1);
  });

  test("can be tried again where the file that solves it is gone, and where it asks for too much", async () => {
    refuse = (count) =>
      count <= 2 ? challenged(count === 1 ? SHORT : { ...LONG, bits: 30 }) : undefined;
    const page = await visit(false);
    const { answer } = gate;
    gate.answer = (request) =>
      request.url.endsWith(LIMITS) ? new Response(null, { status: 404 }) : answer(request);
    await ask(page, "Hi");
    await page.waitFor(notice("cannot be reached"));
    gate.answer = answer;
    await page.click(".retry");
    await until(() => asked.length === 2);
    await page.waitFor(notice("cannot be reached"));
    expect(asked.length).toBe(2);
    await page.click(".retry");
    await page.waitFor(shown("Hi", "Hello there"));
  });

  test("is asked without it after a failure: a server before this one lets no page send it", async () => {
    refuse = (count) =>
      count === 1 ? challenged(SHORT) : count === 3 ? new Response() : undefined;
    const page = await visit(false);
    await ask(page, "Hi");
    await page.waitFor(finished(1));
    await ask(page, "And now?");
    await page.waitFor(finished(2));
    expect(asked.map(({ proof }) => proof === null)).toEqual([true, false, false, true]);
  });
});
