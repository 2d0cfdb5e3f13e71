import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";

import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import {
  cleanUp,
  type RunningServer,
  SOURCE,
  startChatporch,
  temporaryFolder,
} from "../../harness/process.ts";
import { CONTRACT_VERSION } from "../../src/widget/contract.ts";
import { apiRefusal } from "../support/api-refusal.ts";
import { type BrowserPage, closePages, hasBrowser, openPage } from "../support/browser.ts";
import { type Gate, startGate } from "../support/gate.ts";
import { otherBuild } from "../support/other-build.ts";
import { startWebsite, type Website } from "../support/website.ts";

/** Loaders as they were sent when the version of the contract in their name was new. */
const LOADERS = resolve(import.meta.dir, "widget-loaders");
/** Modules with the element, kept likewise. */
const ELEMENTS = resolve(import.meta.dir, "chat-elements");
const ADMIN_KEY = "admin-key-of-the-shop-27182818284";
const WIDGET_KEY = "key-of-the-shop-31415926535897";

let website: Website;
let model: ModelServer;
let gate: Gate;
let folder: string;
let other: readonly string[];

beforeEach(async () => {
  website = startWebsite();
  model = startModelServer(answer("Hello there"));
  gate = startGate();
  folder = temporaryFolder();
  // Another loader and another panel; the button that sends says which panel it is in. It lacks a text in Dutch.
  other = await otherBuild(join(temporaryFolder(), "other"), {
    "widget/panel/languages/en.ts": ['"Send"', '"Send it"'],
    "widget/panel/languages/nl.ts": ['you: "Eigen bericht",', ""],
    "widget/loader/start.ts": ["is here twice", "is twice here"],
  });
});
afterEach(async () => {
  closePages();
  await gate.stop();
  await cleanUp();
  await model.stop();
  await website.stop();
});

/** Starts a version of the server on the same database, and puts it behind the gate. */
async function serve(
  program: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const settings = {
    NODE_ENV: "production",
    WIDGET_API_KEY: WIDGET_KEY,
    ADMIN_API_KEY: ADMIN_KEY,
    CORS_ORIGIN: website.origin,
    OPENAI_BASE_URL: model.url,
    OPENAI_API_KEY: "sk-upstream",
    ...more,
  };
  const server = await startChatporch(settings, folder, [], program);
  gate.target = server.url;
  return server;
}

/** Ends the server and starts another version in its place. */
async function upgrade(server: RunningServer, program: readonly string[]): Promise<RunningServer> {
  await server.stop();
  return serve(program);
}

/** Opens a page with the tag in a browser that keeps what it may. */
async function visit(attributes = "", path = "/widget/chat-widget.js"): Promise<BrowserPage> {
  website.show(
    `<script src="${gate.url}${path}" data-api-key="${WIDGET_KEY}" ${attributes} defer></script>`,
  );
  const page = await openPage();
  await page.cdp("Network.setCacheDisabled", { cacheDisabled: false });
  await page.goto(website.origin);
  await page.waitFor("window.Chatporch");
  return page;
}

async function askPanel(page: BrowserPage, question: string, answers: number): Promise<void> {
  await page.fill("textarea", question);
  await page.press("Enter");
  await page.waitFor(`$$(".log .assistant:not(.pending) .bubble").length === ${answers}`);
  expect(
    await page.evaluate("$$('.log .assistant:not(.pending) .bubble').at(-1).textContent"),
  ).toBe("Hello there");
}

/** The same, until what is beside the panel has come, too: the server may then be replaced. */
async function ask(page: BrowserPage, question: string, answers: number): Promise<void> {
  await askPanel(page, question, answers);
  await page.waitFor("$('.log .assistant:last-child .rate')");
}

/** Takes over the only conversation. */
async function writeAsOwner({ url }: RunningServer, text: string): Promise<void> {
  const headers = { "x-admin-api-key": ADMIN_KEY, "content-type": "application/json" };
  const path = `${url}/v1/admin/conversations`;
  const { conversations } = Object(await (await fetch(path, { headers })).json());
  const body = JSON.stringify({ text, name: "Anna" });
  const init = { method: "POST", headers, body };
  const response = await fetch(`${path}/${conversations[0].id}/messages`, init);
  expect(response.status).toBe(201);
}

/** What the console says, but for a question that a busy machine's server refused for a moment, and then answered. */
const complaints = ({ console: said }: BrowserPage) =>
  said.filter(({ text }) => !/ status of 503 .*[/]v1[/]chat[/]stream$/.test(text));
const panelOf = (page: BrowserPage) => page.waitFor<string>("$('.send')?.title");
const requestsFor = (path: string) => gate.requests.filter((each) => each.includes(path));

describe.skipIf(!hasBrowser)("when the server is upgraded,", () => {
  test("a page that was open before gets the new panel", async () => {
    const server = await serve(SOURCE);
    const page = await visit();
    await upgrade(server, other);
    await page.click(".launcher");
    expect(await panelOf(page)).toBe("Send it");
    await ask(page, "Hi", 1);
    expect(complaints(page)).toEqual([]);
  });

  test("a page whose loader comes from the browser's cache has a panel that fits, and its conversation", async () => {
    const server = await serve(SOURCE);
    const page = await visit();
    await page.click(".launcher");
    expect(await panelOf(page)).toBe("Send");
    await ask(page, "Hi", 1);
    await page.evaluate("Chatporch.close()");
    await upgrade(server, other);
    await page.goto(`${website.origin}/other`);
    await page.click(".launcher");
    // Loader and panel are those of before: both may be kept.
    expect(await panelOf(page)).toBe("Send");
    expect(requestsFor("/widget/chat-widget.js")).toHaveLength(1);
    await page.waitFor("$$('.log .assistant:not(.pending)').length === 1");
    await ask(page, "And again", 2);
  });

  test("an open panel takes the words of another language from the new version, as far as it has them", async () => {
    const server = await serve(SOURCE);
    const page = await visit("data-open");
    await ask(page, "Hi", 1);
    await upgrade(server, other);
    await page.evaluate("void Chatporch.set({ lang: 'nl' })");
    await page.waitFor("$('.send').title === 'Verzenden'");
    await ask(page, "And again", 2);
    expect(await page.evaluate("[$('.log h3').textContent, $('.root').lang]")).toEqual([
      "You",
      "nl",
    ]);
    expect(complaints(page)).toEqual([]);
  });

  test("an open panel goes on", async () => {
    const server = await serve(SOURCE);
    const page = await visit("data-open");
    await ask(page, "Hi", 1);
    await upgrade(server, other);
    await ask(page, "And again", 2);
    expect(await panelOf(page)).toBe("Send");
  });

  test("a new loader whose panel is answered by a server of the old version works", async () => {
    const server = await serve(other);
    const page = await visit();
    await upgrade(server, SOURCE);
    await page.click(".launcher");
    expect(await panelOf(page)).toBe("Send");
    await ask(page, "Hi", 1);
  });

  test("a page with the file that has a hash goes on with what it has checked", async () => {
    const server = await serve(SOURCE);
    const { widgetFiles } = await import("../../src/assets/widget-files.ts");
    const { path, integrity } = widgetFiles.whole;
    const page = await visit(`integrity="${integrity}" crossorigin`, path);
    await upgrade(server, other);
    await page.click(".launcher");
    expect(await panelOf(page)).toBe("Send");
    await ask(page, "Hi", 1);
    await page.reload();
    await page.click(".launcher");
    await page.waitFor("$$('.log .assistant:not(.pending)').length === 1");
    const files = requestsFor("/widget/").filter((each) => each.endsWith(".js"));
    expect(files).toEqual([`GET ${path}`]);
  });

  test.each(readdirSync(ELEMENTS))("the panel of today works with the element %s", async (file) => {
    await serve(SOURCE);
    website.scripts.set("/copy.js", await Bun.file(join(ELEMENTS, file)).text());
    website.show(
      `<chat-porch lang="pt" api-url="${gate.url}" api-key="${WIDGET_KEY}"></chat-porch><script type="module" src="/copy.js"></script>`,
    );
    const page = await openPage();
    await page.goto(website.origin);
    await page.waitFor("$('.send')?.title === 'Enviar'");
    expect(requestsFor("/widget/panel/")).toHaveLength(1);
    await ask(page, "Hi", 1);
    expect(complaints(page)).toEqual([]);
  });

  test.each(readdirSync(LOADERS))("the panel of today works with the loader %s", async (file) => {
    await serve(SOURCE);
    const loader = await Bun.file(join(LOADERS, file)).text();
    gate.answer = ({ url }) =>
      url.endsWith("/widget/chat-widget.js")
        ? new Response(loader, { headers: { "content-type": "text/javascript" } })
        : undefined;
    const page = await visit("data-suggestions='Hi | Ho' data-lang='pt'");
    await page.evaluate("void (window.seen = [])");
    await page.evaluate(
      "void ['open', 'close', 'message'].map((name) => Chatporch.on(name, () => seen.push(name)))",
    );
    await page.click(".launcher");
    // Every loader that does not ask for a language gets all of them, at once.
    await page.waitFor("$('.send')?.title === 'Enviar'");
    expect(requestsFor("/widget/panel/")).toHaveLength(1);
    await ask(page, "Hi", 1);
    await page.evaluate("Chatporch.close()");
    await page.evaluate("void (Chatporch.send('Again'), Chatporch.close())");
    await page.waitFor("seen.length === 8");
    expect(await page.evaluate("$('.launcher').ariaLabel ?? $('.launcher').title")).toMatch(
      /Chat \((Novas: )?1\)$/,
    );
    await page.reload();
    await page.click(".launcher");
    await page.waitFor("$$('.log .assistant:not(.pending)').length === 2");
    await page.evaluate("Chatporch.reset()");
    await page.waitFor("$$('.suggestion').length === 2 && !$('.suggestions').hidden");
    expect(complaints(page)).toEqual([]);
  });
});

/** Panels as they were sent before the server knew what their names say. */
const PANELS = resolve(import.meta.dir, "widget-panels");

describe.skipIf(!hasBrowser)("ratings and people", () => {
  test("are not missed by a panel that is older, with a server whose owner takes over", async () => {
    const server = await serve(SOURCE);
    const panel = Bun.gunzipSync(await Bun.file(join(PANELS, "before-people.js.gz")).bytes());
    gate.answer = ({ url }) =>
      url.includes("/widget/panel/") && !/[.](?:extras|people[.]en)[.]js/.test(url)
        ? new Response(panel, {
            headers: { "content-type": "text/javascript", "access-control-allow-origin": "*" },
          })
        : undefined;
    const page = await visit("data-open");
    await askPanel(page, "Hi", 1);
    expect(await page.evaluate("$$('.rate').length")).toBe(0);
    await writeAsOwner(server, "Hello, this is Anna.");
    await page.reload();
    await page.waitFor("$$('.log .bubble').at(-1)?.textContent === 'Hello, this is Anna.'");
    // It is told that there is no answer, and goes on.
    await page.fill("textarea", "Where is it?");
    await page.press("Enter");
    await page.waitFor("!$('.pending') && $('.notice')?.checkVisibility()");
    await page.reload();
    await page.waitFor("$('.log')?.textContent.includes('Where is it?')");
    expect(complaints(page)).toEqual([]);
  });

  test("are missing with a server that is older, and the panel goes on", async () => {
    await serve(SOURCE);
    const headers = { "access-control-allow-origin": "*" };
    gate.answer = ({ url }) =>
      url.endsWith("/widget/settings.json")
        ? Response.json({ title: "Help", suggestions: [] }, { headers })
        : undefined;
    const page = await visit("data-open");
    await askPanel(page, "Hi", 1);
    await askPanel(page, "And again", 2);
    expect(requestsFor(".people.")).toEqual([]);
    expect(await page.evaluate("$$('.rate').length")).toBe(0);
    expect(complaints(page)).toEqual([]);
  });

  test("are missing where the server cannot give their file any more, and the panel goes on", async () => {
    await serve(SOURCE);
    gate.answer = ({ url }) =>
      url.includes(".people.") ? new Response("gone", { status: 404 }) : undefined;
    const page = await visit("data-open");
    await askPanel(page, "Hi", 1);
    await askPanel(page, "And again", 2);
    expect(requestsFor(".people.")).toHaveLength(1);
  });
});

describe.skipIf(!hasBrowser)("the limits of a server that is newer than a panel", () => {
  const BUDGET = { BUDGET_UNIT: "tokens", BUDGET_PER_DAY: "1", BUDGET_MESSAGE: "Back tomorrow." };

  /** Gives pages a panel of before there were people, and the server's answers otherwise. */
  async function givePanel(answerInstead: Gate["answer"] = () => undefined): Promise<void> {
    const panel = Bun.gunzipSync(await Bun.file(join(PANELS, "before-people.js.gz")).bytes());
    gate.answer = (request) =>
      /[/]panel[/][^.]+[.]en[.]js/.test(request.url)
        ? new Response(panel, {
            headers: { "content-type": "text/javascript", "access-control-allow-origin": "*" },
          })
        : answerInstead(request);
  }

  /** Asks a question, and waits until the notice says so: a busy machine's server may refuse it for another reason before. */
  async function expectRefused(sentence: string): Promise<void> {
    const page = await visit("data-open");
    await page.fill("textarea", "Hi");
    await page.press("Enter");
    await page.waitFor(`$('.notice:not([hidden]) span')?.textContent === "${sentence}"`);
  }

  test("are a sentence where no budget is left", async () => {
    await serve(SOURCE, BUDGET);
    await givePanel();
    await expectRefused("The assistant cannot be reached right now.");
  });

  test("are a sentence where a question needs proof of work", async () => {
    await serve(SOURCE);
    await givePanel(({ method, url }) =>
      method === "POST" && url.endsWith("/v1/chat/stream")
        ? apiRefusal(website.origin, 401, "proof_required", { body: { challenge: {} } })
        : undefined,
    );
    await expectRefused("This chat is not available here.");
  });

  test("are the owner's own sentence in a panel of the server's version", async () => {
    await serve(SOURCE, BUDGET);
    await expectRefused("Back tomorrow.");
  });
});

/** The first version that has the element. */
const FIRST_ELEMENT = 2;

test("an element of every version of the contract is kept", () => {
  const versions = readdirSync(ELEMENTS).map((file) => Number.parseInt(file, 10));
  expect(versions.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: CONTRACT_VERSION + 1 - FIRST_ELEMENT }, (_, at) => at + FIRST_ELEMENT),
  );
});

test("a loader of every version of the contract is kept", () => {
  const versions = readdirSync(LOADERS).map((file) => Number.parseInt(file, 10));
  expect(versions.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: CONTRACT_VERSION }, (_, index) => index + 1),
  );
});
