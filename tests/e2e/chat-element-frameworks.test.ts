import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

import { type BunPlugin } from "bun";
import { compile } from "svelte/compiler";
import { compileScript, parse } from "vue/compiler-sfc";

import { type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import { type BrowserPage, closePages, hasBrowser, openPage } from "../support/browser.ts";
import { createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";
import { startWebsite, type Website } from "../support/website.ts";

/** The examples of docs/embedding.md, built as a project builds them, with copies of the module and its types. */

const ROOT = resolve(import.meta.dir, "../..");

let website: Website;
let model: ModelServer;
let app: TestApp;
let base: string;
let project: string;

beforeEach(async () => {
  website = startWebsite();
  model = startModelServer();
  app = createTestApp({ modelUrl: model.url, env: { CORS_ORIGIN: website.origin } });
  base = app.listen();
  project = temporaryFolder();
  symlinkSync(join(ROOT, "node_modules"), join(project, "node_modules"));
  for (const name of ["chat-porch.js", "chat-porch.d.ts"]) {
    await Bun.write(join(project, name), await fetch(`${base}/widget/${name}`));
  }
});
afterEach(async () => {
  closePages();
  await app.close();
  await model.stop();
  await website.stop();
  await cleanUp();
});

/** The first example in this language, with this server's address and key. */
async function example(language: string): Promise<string> {
  const paper = await Bun.file(join(ROOT, "docs/embedding.md")).text();
  const [, code = ""] = new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``).exec(paper) ?? [];
  return code.replace("https://chat.example.com", base).replace("…", WIDGET_KEY);
}

const write = (name: string, text: string) => Bun.write(join(project, name), text);

const SVELTE: BunPlugin = {
  name: "svelte",
  setup(build) {
    build.onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const source = await Bun.file(path).text();
      return { contents: compile(source, { generate: "client" }).js.code, loader: "js" };
    });
  },
};

const VUE: BunPlugin = {
  name: "vue",
  setup(build) {
    build.onLoad({ filter: /\.vue$/ }, async ({ path }) => {
      const { descriptor } = parse(await Bun.file(path).text());
      const { content } = compileScript(descriptor, {
        id: "help",
        inlineTemplate: true,
        templateOptions: {
          compilerOptions: { isCustomElement: (tag) => tag === "chat-porch" },
        },
      });
      return { contents: content, loader: "ts" };
    });
  },
};

/** Bundles the project as one for production and opens a page with it. */
async function open(entry: string): Promise<BrowserPage> {
  const build = await Bun.build({
    entrypoints: [join(project, entry)],
    target: "browser",
    minify: true,
    conditions: ["browser"],
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [SVELTE, VUE],
  });
  const [bundle] = build.outputs;
  website.scripts.set("/app.js", (await bundle?.text()) ?? "");
  website.show('<div id="app"></div><script type="module" src="/app.js"></script>');
  const page = await openPage();
  await page.goto(website.origin);
  await page.waitFor("$('textarea')");
  return page;
}

describe.skipIf(!hasBrowser)("<chat-porch> in a real build", () => {
  test("of React: asks, tells the component, and leaves and comes back with it", async () => {
    await write("help.tsx", await example("tsx"));
    await write(
      "main.tsx",
      `import { StrictMode, useState } from "react";
       import { createRoot } from "react-dom/client";
       import { Help } from "./help.tsx";
       function App() {
         const [isShown, setShown] = useState(true);
         return <><button id="toggle" onClick={() => setShown(!isShown)}>Help</button>{isShown && <Help />}</>;
       }
       createRoot(document.getElementById("app")!).render(<StrictMode><App /></StrictMode>);`,
    );
    const page = await open("main.tsx");
    await page.click("#app section button");
    await page.waitFor("$('#app p').textContent === 'Hello there'");
    await page.waitFor("$('.log .assistant .bubble')?.textContent === 'Hello there'");
    await page.click("#toggle");
    await page.waitFor("!$('chat-porch')");
    await page.click("#toggle");
    await page.waitFor("$('.log .assistant .bubble')?.textContent === 'Hello there'");
    expect(model.calls).toHaveLength(1);
    expect(page.console).toEqual([]);
  });

  test("of Svelte: asks, tells the component, and follows its state", async () => {
    await write("help.svelte", await example("svelte"));
    await write(
      "main.ts",
      `import { mount } from "svelte";
       import Help from "./help.svelte";
       const props = { theme: "dark" };
       mount(Help, { target: document.getElementById("app"), props });`,
    );
    const page = await open("main.ts");
    expect(await page.evaluate("$('.root').classList.contains('dark')")).toBe(true);
    await page.fill("textarea", "Do you ship?");
    await page.press("Enter");
    await page.waitFor("$('#app p').textContent === 'Hello there'");
    expect(page.console).toEqual([]);
  });

  test("of Vue: asks, tells the component, and follows its state", async () => {
    await write("help.vue", await example("vue"));
    await write(
      "main.ts",
      `import { createApp } from "vue";
       import Help from "./help.vue";
       createApp(Help, { theme: "dark" }).mount("#app");`,
    );
    const page = await open("main.ts");
    expect(await page.evaluate("$('.root').classList.contains('dark')")).toBe(true);
    await page.fill("textarea", "Do you ship?");
    await page.press("Enter");
    await page.waitFor("$('#app p').textContent === 'Hello there'");
    expect(page.console).toEqual([]);
  });
});

test.skipIf(!hasBrowser)(
  "a page from the server has the element before its module, and its chat goes on when the body is replaced",
  async () => {
    const island = `<chat-porch api-url="${base}" api-key="${WIDGET_KEY}" theme="dark"></chat-porch>`;
    website.show(
      `${island}<script>addEventListener("load", () => import("${base}/widget/chat-porch.js"))</script>`,
    );
    const page = await openPage();
    await page.goto(website.origin);
    await page.waitFor("$('.root.dark textarea')");
    await page.fill("textarea", "Do you ship?");
    await page.press("Enter");
    await page.waitFor("$('.log .assistant:not(.pending) .bubble')");
    // As Astro does on the way to another page.
    await page.evaluate(`void document.body.replaceWith(
      new DOMParser().parseFromString('<main>${island}</main>', "text/html").body)`);
    await page.waitFor(
      "$('main') && $('.log .assistant:not(.pending) .bubble')?.textContent === 'Hello there'",
    );
    expect(model.calls).toHaveLength(1);
    expect(page.console).toEqual([]);
  },
);

test("a server that renders a component of React renders the element, and its module does not throw there", async () => {
  await write("help.tsx", await example("tsx"));
  await write(
    "server.tsx",
    `import { renderToString } from "react-dom/server";
     import { Help } from "./help.tsx";
     console.log(renderToString(<Help />));`,
  );
  const run = Bun.spawnSync([process.execPath, "server.tsx"], { cwd: project });
  expect(run.stderr.toString()).toBe("");
  expect(run.stdout.toString()).toContain(`<chat-porch api-url="${base}" api-key="${WIDGET_KEY}">`);
});

describe("the types of the module, with TypeScript's strictest settings,", () => {
  const STRICT = {
    compilerOptions: {
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      skipLibCheck: false,
      noEmit: true,
      jsx: "react-jsx",
      target: "es2022",
      module: "esnext",
      moduleResolution: "bundler",
      lib: ["es2022", "dom", "dom.iterable"],
      types: [],
    },
  };

  async function check(name: string, code: string): Promise<string> {
    await write(name, code);
    await write("tsconfig.json", JSON.stringify({ ...STRICT, files: [name] }));
    const tsc = Bun.which("tsc", { PATH: join(ROOT, "node_modules/.bin") }) ?? "tsc";
    const run = Bun.spawnSync([tsc, "-p", "."], { cwd: project });
    return run.stdout.toString() + run.stderr.toString();
  }

  test("accept the example for React, and refuse a wrong attribute in it", async () => {
    const code = await example("tsx");
    expect(await check("help.tsx", code)).toBe("");
    const wrong = code.replace("ref={chat}", 'ref={chat} mode="popup"');
    expect(await check("help.tsx", wrong)).toContain(`'"popup"' is not assignable`);
  });

  test("know the element, its methods and its events", async () => {
    const code = `
      import { ChatPorch } from "./chat-porch.js";
      const chat = document.createElement("chat-porch");
      const found: ChatPorch | null = document.querySelector("chat-porch");
      chat.send("Hi");
      chat.reset();
      chat.focus();
      chat.addEventListener("chat-message", ({ detail }) => {
        const role: "user" | "assistant" = detail.role;
        const text: string = detail.text;
        console.log(role, text, found instanceof ChatPorch);
      });
      chat.addEventListener("chat-error", (event) => console.log(event.detail.code.length));
      chat.addEventListener("focusin", (event) => console.log(event.type));
      // @ts-expect-error: a text
      chat.send(1);
      // @ts-expect-error: no such member
      chat.addEventListener("chat-error", (event) => console.log(event.detail.text));`;
    expect(await check("page.ts", code)).toBe("");
  });

  test("name what the module exports", async () => {
    const types = await Bun.file(join(project, "chat-porch.d.ts")).text();
    const declared = Array.from(types.matchAll(/export declare \w+ (\w+)/g), ([, name]) => name);
    const module: object = await import(join(project, "chat-porch.js"));
    expect(Object.keys(module)).toEqual(declared as string[]);
  });
});
