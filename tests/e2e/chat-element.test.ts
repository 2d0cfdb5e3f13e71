import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { answer, type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { panelFile, widgetFiles } from "../../src/assets/widget-files.ts";
import { type BrowserPage, closePages, hasBrowser, openPage } from "../support/browser.ts";
import { type Gate, startGate } from "../support/gate.ts";
import { createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";
import { startWebsite, type Website } from "../support/website.ts";

/** The element <chat-porch> on a page that loads its module from the server. */

const { element } = widgetFiles;
const panel = panelFile("en");

let website: Website;
let model: ModelServer;
let app: TestApp;
let gate: Gate;

beforeEach(() => start());
afterEach(async () => {
  closePages();
  await stop();
});

function start(
  env: Record<string, string> = {},
  reply: Parameters<typeof startModelServer>[0] = answer("Hello there"),
) {
  website = startWebsite();
  model = startModelServer(reply);
  app = createTestApp({ modelUrl: model.url, env: { CORS_ORIGIN: website.origin, ...env } });
  gate = startGate(app.listen());
}

async function stop(): Promise<void> {
  await gate.stop();
  await app.close();
  await model.stop();
  await website.stop();
}

/** Ends what beforeEach has started, and starts it otherwise. */
async function startAgain(...how: Parameters<typeof start>): Promise<void> {
  await stop();
  start(...how);
}

const moduleTag = (attributes = "") =>
  `<script type="module" src="${gate.url}${element.path}" ${attributes}></script>`;
const chat = (attributes = "") => `<chat-porch api-key="${WIDGET_KEY}" ${attributes}></chat-porch>`;

/** Opens a page, on which `seen` collects what its elements say. */
async function visit(body: string, headers: Record<string, string> = {}): Promise<BrowserPage> {
  website.show(body, headers);
  const page = await openPage({
    beforeLoad: `
      window.seen = [];
      for (const name of ["chat-message", "chat-error"])
        addEventListener(name, ({ target, detail }) => seen.push([target.id, detail.text ?? detail.code].filter(Boolean).join(" ")), true);`,
  });
  await page.goto(website.origin);
  return page;
}

const isThere = (selector = "chat-porch") =>
  `document.querySelector("${selector}")?.shadowRoot?.querySelector("textarea")`;
const inside = (selector: string, part: string) =>
  `document.querySelector("${selector}").shadowRoot.querySelectorAll("${part}")`;
const answersIn = (selector = "chat-porch") =>
  `[...${inside(selector, ".log .assistant:not(.pending) .bubble")}].map((each) => each.textContent).join("|")`;

async function ask(page: BrowserPage, question: string, selector = "chat-porch"): Promise<void> {
  await page.evaluate(`document.querySelector("${selector}").focus()`);
  await page.type(question);
  await page.press("Enter");
}

describe.skipIf(!hasBrowser)("<chat-porch>", () => {
  test("is a chat in the page: it loads its panel, answers, and stores nothing before a question", async () => {
    const page = await visit(moduleTag() + chat("heading='Ask the shop'"));
    await page.waitFor(isThere());
    expect(gate.requests.toSorted()).toEqual(
      [`GET ${element.path}`, `GET ${panel.path}`, "GET /widget/settings.json"].toSorted(),
    );
    expect(await page.evaluate("localStorage.length + sessionStorage.length")).toBe(0);
    expect(await page.evaluate("document.activeElement.localName")).toBe("body");
    await ask(page, "Do you ship?");
    await page.waitFor(`${answersIn()} === "Hello there"`);
    expect(await page.evaluate("seen")).toEqual(["Do you ship?", "Hello there"]);
    const { nodes } = await page.cdp<{
      nodes: { role?: { value: string }; name?: { value: string } }[];
    }>("Accessibility.getFullAXTree");
    const named = nodes.map(({ role, name }) => `${role?.value} ${name?.value}`);
    expect(named).toContain("region Ask the shop");
    expect(named).not.toContain("button Close");
    await page.press("Escape");
    expect(await page.evaluate(`${isThere()}.checkVisibility()`)).toBe(true);
    expect(page.console).toEqual([]);
  });

  test("is as large as the page makes it, and 560 pixels high where the page says nothing", async () => {
    const style =
      "<style>#box { width: 300px; height: 400px } .fill { height: 100% } #box.wide { width: 700px; height: 250px }</style>";
    const page = await visit(
      `${style}${moduleTag()}<div id="box">${chat("class=fill")}</div>${chat("id=plain conversation=other")}`,
    );
    await page.waitFor(isThere("#plain"));
    await page.waitFor(isThere(".fill"));
    const size = (selector: string) =>
      page.evaluate(
        `(({ width, height }) => [width, height])(${inside(selector, ".panel")}[0].getBoundingClientRect())`,
      );
    expect(await size(".fill")).toEqual([300, 400]);
    await page.evaluate("void (document.querySelector('#box').className = 'wide')");
    expect(await size(".fill")).toEqual([700, 250]);
    expect(await size("#plain")).toEqual([expect.any(Number), 560]);
    // On a phone, too, it stays in its place.
    await page.resize({ width: 360, height: 640 });
    expect(await size("#plain")).toEqual([expect.any(Number), 560]);
  });

  test("in page mode, fills the window", async () => {
    const page = await visit(moduleTag() + chat("mode=page"));
    await page.waitFor(isThere());
    for (const [width, height] of [
      [1200, 700],
      [360, 640],
    ] as const) {
      await page.resize({ width, height });
      // The window's size comes with an event.
      await page.waitFor(
        `(({ x, y, width, height }) => [x, y, width, height].join())(${inside("chat-porch", ".panel")}[0].getBoundingClientRect()) === "0,0,${width},${height}"`,
      );
    }
  });

  test.each(["light", "dark"] as const)("passes axe in %s colours", async (theme) => {
    const page = await visit(
      moduleTag() + chat(`theme=${theme} heading=Help suggestions='Prices'`),
    );
    // What comes with a movement has less contrast meanwhile.
    await page.prefer({ reducedMotion: true });
    await page.waitFor(isThere());
    const axe = await Bun.file(require.resolve("axe-core/axe.min.js")).text();
    const violations = () =>
      page.evaluate(
        "axe.run('chat-porch', { rules: { 'target-size': { enabled: true } } }).then(({ violations }) => violations.map(({ id }) => id))",
      );
    await page.cdp("Runtime.evaluate", { expression: axe });
    expect(await violations()).toEqual([]);
    await ask(page, "Do you ship?");
    await page.waitFor(`${answersIn()} === "Hello there"`);
    expect(await violations()).toEqual([]);
  });

  test("keeps everything while the page moves it, and the conversation when it comes back later", async () => {
    await startAgain({}, silence);
    const page = await visit(`${moduleTag()}<div id="one">${chat()}</div><div id="two"></div>`);
    await page.waitFor(isThere());
    await ask(page, "Count");
    const call = await model.call(0);
    call.token("one ");
    await page.waitFor(
      `${inside("chat-porch", ".log .pending .bubble")}[0]?.textContent === "one"`,
    );
    await page.type("A draft");
    await page.evaluate(
      "document.querySelector('#two').append(document.querySelector('chat-porch'))",
    );
    call.token("two ");
    await page.waitFor(
      `${inside("chat-porch", ".log .pending .bubble")}[0]?.textContent === "one two"`,
    );
    expect(await page.evaluate(`${isThere()}.value`)).toBe("A draft");
    await page.evaluate("void (window.removed = document.querySelector('chat-porch')).remove()");
    await page.waitFor("!removed.shadowRoot.childNodes.length");
    call.token("three");
    await page.evaluate("document.querySelector('#one').append(removed)");
    await page.waitFor(
      `${inside("chat-porch", ".log .pending .bubble")}[0]?.textContent === "one two three"`,
    );
    call.finish();
    await page.waitFor(`${answersIn()} === "one two three"`);
    expect(model.calls).toHaveLength(1);
  });

  test("shows what its attributes say at any time, while an answer is written and a draft stands in the input", async () => {
    await startAgain({}, silence);
    const page = await visit(
      moduleTag() + chat("heading=One accent-color='rgb(200, 0, 0)' theme=light"),
    );
    await page.waitFor(isThere());
    await ask(page, "Count");
    const call = await model.call(0);
    call.token("one ");
    await page.waitFor(
      `${inside("chat-porch", ".log .pending .bubble")}[0]?.textContent === "one"`,
    );
    await page.type("A draft");
    const looks = () =>
      page.evaluate(
        `[${inside("chat-porch", ".title")}[0].textContent, getComputedStyle(${inside("chat-porch", ".user .bubble")}[0]).backgroundColor, ${inside("chat-porch", ".root")}[0].classList.contains("dark")].join("|")`,
      );
    expect(await looks()).toBe("One|rgb(200, 0, 0)|false");
    const requests = gate.requests.length;
    await page.evaluate(`void (() => {
      const chat = document.querySelector("chat-porch");
      chat.setAttribute("heading", "Two");
      chat.setAttribute("accent-color", "rgb(0, 90, 0)");
      chat.setAttribute("theme", "dark");
    })()`);
    await page.waitFor(`${inside("chat-porch", ".title")}[0].textContent === "Two"`);
    expect(await looks()).toBe("Two|rgb(0, 90, 0)|true");
    await page.type(" goes on");
    expect(await page.evaluate(`${isThere()}.value`)).toBe("A draft goes on");
    call.token("two");
    call.finish();
    await page.waitFor(`${answersIn()} === "one two"`);
    await page.evaluate("document.querySelector('chat-porch').setAttribute('text-send', 'Ask')");
    await page.waitFor(`${inside("chat-porch", ".send")}[0].title === "Ask"`);
    await page.evaluate("document.querySelector('chat-porch').setAttribute('lang', 'de')");
    await page.waitFor(`${isThere()}?.placeholder === "Nachricht schreiben…"`);
    // The words of the other language, and nothing of the chat's; what is beside the panel comes when an answer has ended.
    const asked = gate.requests.slice(requests);
    const isBeside = (each: string) =>
      /[.](?:extras|people[.]\w+)[.]js$|settings[.]json$/.test(each);
    expect(asked.filter((each) => !isBeside(each))).toEqual([`GET ${panelFile("de").path}`]);
    expect(asked.filter((each) => each.endsWith("settings.json")).length).toBeLessThanOrEqual(1);
    expect(await page.evaluate("seen")).toEqual(["Count", "one two"]);
    expect(page.console).toEqual([]);
  });

  test("begins another chat when its key or its conversation changes, and loses no question that waits for the panel", async () => {
    const held = Promise.withResolvers<void>();
    gate.answer = ({ url }) =>
      url.endsWith(panel.path) ? held.promise.then(() => app.fetch(panel.path)) : undefined;
    const page = await visit(moduleTag() + chat("conversation=a"));
    await page.waitFor("customElements.get('chat-porch')");
    await page.evaluate(`void (() => {
      const chat = document.querySelector("chat-porch");
      chat.send("In a");
      chat.setAttribute("theme", "dark");
    })()`);
    held.resolve();
    await page.waitFor(`${answersIn()} === "Hello there"`);
    expect(await page.evaluate(`!!${inside("chat-porch", ".dark")}[0]`)).toBe(true);
    await page.evaluate("document.querySelector('chat-porch').setAttribute('conversation', 'b')");
    await page.waitFor(`${isThere()} && ${answersIn()} === ""`);
    await page.evaluate("document.querySelector('chat-porch').setAttribute('conversation', 'a')");
    await page.waitFor(`${answersIn()} === "Hello there"`);
    expect(model.calls).toHaveLength(1);
  });

  test("of several on a page, those with names of their own have conversations of their own, and others share one", async () => {
    const page = await visit(
      `${moduleTag()}${chat("id=a")}${chat("id=b")}${chat("id=c conversation=sales")}`,
    );
    for (const id of ["#a", "#b", "#c"]) await page.waitFor(isThere(id));
    for (const [at, id] of ["#a", "#b", "#c"].entries()) {
      // While it follows the other one's answer, Enter asks nothing.
      if (id === "#b") await page.waitFor(`${answersIn(id)} === "Hello there"`);
      await ask(page, `From ${id}`, id);
      // The second one shows what was asked in the first one.
      const answers = id === "#b" ? "Hello there|Hello there" : "Hello there";
      await page.waitFor(`${answersIn(id)} === "${answers}"`);
      expect(model.calls).toHaveLength(at + 1);
    }
    const asked = model.calls.map(({ body: { messages } }) =>
      JSON.stringify(messages).match(/From #\w/g),
    );
    expect(asked).toEqual([["From #a"], ["From #a", "From #b"], ["From #c"]]);
    expect(await page.evaluate("seen")).toEqual([
      "a From #a",
      "a Hello there",
      "b From #b",
      "b Hello there",
      "c From #c",
      "c Hello there",
    ]);
    await page.evaluate("document.querySelector('#c').reset()");
    expect(await page.evaluate("localStorage.length")).toBe(1);
    await page.reload();
    await page.waitFor(`${answersIn("#a")} === "Hello there|Hello there"`);
    await page.waitFor(isThere("#c"));
    expect(await page.evaluate(answersIn("#c"))).toBe("");
  });

  test("has the owner's texts where its attributes say nothing", async () => {
    await startAgain({
      WIDGET_TITLE: "From the owner",
      WIDGET_SUBTITLE: "Below",
      WIDGET_SUGGESTIONS: "One|Two",
    });
    const page = await visit(moduleTag() + chat("subtitle='From the page'"));
    await page.waitFor(isThere());
    expect(await page.evaluate(`${inside("chat-porch", ".names")}[0].innerText`)).toBe(
      "From the owner\nFrom the page",
    );
    expect(await page.evaluate(`${inside("chat-porch", ".suggestion")}.length`)).toBe(2);
  });

  test("says that the panel cannot be loaded, tries again when asked to, and loses no question", async () => {
    gate.answer = ({ url }) =>
      url.includes("/widget/panel/") ? new Response("down", { status: 503 }) : undefined;
    const page = await visit(moduleTag() + chat());
    await page.waitFor(`${inside("chat-porch", ".failed button")}[0]`);
    await page.evaluate("document.querySelector('chat-porch').send('Do you ship?')");
    gate.answer = () => undefined;
    await page.click(".failed button");
    await page.waitFor(`${answersIn()} === "Hello there"`);
    expect(await page.evaluate("seen")).toEqual(["unreachable", "Do you ship?", "Hello there"]);
  });

  test("refuses what is no text, such as the event of a button", async () => {
    const page = await visit(moduleTag() + chat());
    await page.evaluate("document.querySelector('chat-porch').send(new MouseEvent('click'))");
    await page.waitFor("seen.length");
    expect(await page.evaluate("seen")).toEqual(["not_sent"]);
  });

  test("without a server, says so in the console and refuses questions", async () => {
    const page = await visit(`<script type="module" src="/copy.js"></script>${chat()}`);
    website.scripts.set("/copy.js", element.source);
    await page.reload();
    await page.waitForConsole(/api-url is missing or wrong/);
    await page.evaluate("document.querySelector('chat-porch').send('Hi')");
    expect(await page.evaluate("seen")).toEqual(["not_sent"]);
    await page.evaluate(
      `document.querySelector("chat-porch").setAttribute("api-url", "${gate.url}")`,
    );
    await page.waitFor(isThere());
  });

  test("violates no strict CSP with Trusted Types", async () => {
    const policy = `default-src 'none'; script-src ${gate.url}; connect-src ${gate.url}; require-trusted-types-for 'script'; trusted-types 'none'`;
    const page = await visit(moduleTag() + chat(), { "content-security-policy": policy });
    await page.waitFor(isThere());
    await ask(page, "Hi");
    await page.waitFor(`${answersIn()} === "Hello there"`);
    expect(page.console.filter(({ text }) => !text.includes("favicon"))).toEqual([]);
  });

  test.each(["", 'sandbox="allow-scripts"'])(
    "fills a frame and answers there: <iframe %s>",
    async (sandbox) => {
      await startAgain({ CORS_ORIGIN: "*" });
      const inner = `${moduleTag()}${chat("mode=page")}<script type="module">
        const chat = document.querySelector("chat-porch");
        chat.addEventListener("chat-message", ({ detail }) => {
          const { width, height } = chat.getBoundingClientRect();
          parent.postMessage([detail.text, width, height].join(" "), "*");
        });
        await customElements.whenDefined("chat-porch");
        chat.send("Do you ship?");
      </script>`;
      const page = await visit(`<script>
          window.told = [];
          addEventListener("message", ({ data }) => told.push(data));
        </script>
        <iframe ${sandbox} style="width:400px;height:500px;border:0" srcdoc="${Bun.escapeHTML(inner)}"></iframe>`);
      await page.waitFor("told.length === 2");
      expect(await page.evaluate("told")).toEqual(["Do you ship? 400 500", "Hello there 400 500"]);
    },
  );

  test("is defined once, whoever brings the module a second time", async () => {
    website.scripts.set("/copy.js", element.source);
    const page = await visit(
      `${moduleTag()}<script type="module" src="/copy.js"></script>${chat()}`,
    );
    await page.waitFor(isThere());
    expect(page.console).toEqual([]);
  });
});
