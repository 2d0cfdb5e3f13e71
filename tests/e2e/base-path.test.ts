import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";

import { ask, KEYS } from "../../harness/chat-requests.ts";
import { freePort } from "../../harness/free-port.ts";
import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import {
  cleanUp,
  runChatporch,
  type RunningServer,
  startChatporch,
} from "../../harness/process.ts";
import { type BrowserPage, closePages, hasBrowser, openPage } from "../support/browser.ts";
import { hasNginx, startNginx } from "../support/nginx.ts";
import type { RunningProxy } from "../support/proxies.ts";

/** PUBLIC_URL with a path, behind a real proxy and in a real browser. */

const PASSWORD = "dashboard-password-for-e2e";
const TIMEOUT_MS = 60_000;
const HEADERS =
  'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; ' +
  "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_buffering off;";

let model: ModelServer;
let server: RunningServer;
let nginx: RunningProxy;

beforeAll(() => {
  model = startModelServer(answer("Tomorrow at nine."));
});
afterEach(async () => {
  closePages();
  await nginx.stop();
  await cleanUp();
});
afterAll(() => model.stop());

interface Layout {
  /** What `proxy_pass` adds to the server's address: with `/`, nginx takes the path off. */
  readonly rest: "" | "/";
  readonly settings?: Record<string, string>;
}

/** Starts nginx with the website of somebody else, and chatporch under its path /help/chat/. */
async function start({ rest, settings = {} }: Layout) {
  // The proxy's port is known only when it listens, and the server has to know it.
  const port = freePort();
  const env = {
    ...KEYS,
    NODE_ENV: "development",
    TRUST_PROXY: "1",
    OPENAI_BASE_URL: model.url,
    DASHBOARD_PASSWORD: PASSWORD,
    RATE_LIMIT_MAX_REQUESTS: "5000",
    PUBLIC_URL: `http://127.0.0.1:${port}/help/chat`,
    ...settings,
  };
  server = await startChatporch(env);
  nginx = await startNginx({
    port,
    server: `location /help/chat/ { proxy_pass ${server.url}${rest}; ${HEADERS} }`,
    location: "return 404 'somebody else';",
  });
  return { env, url: `${nginx.url}/help/chat` };
}

function mishaps(page: BrowserPage): string[] {
  return page.console
    .filter(({ type, text }) => type === "exception" || /violat|refused|404/i.test(text))
    .map(({ type, text }) => `${type}: ${text}`);
}

describe.skipIf(!hasNginx)("under a path, behind nginx", () => {
  describe.each([
    ["takes the path off", "/"],
    ["passes the path on", ""],
  ] as const)("that %s", (_, rest) => {
    test.skipIf(!hasBrowser)(
      "a visitor chats on the demo page, and the owner logs in, reads along live, deletes and logs out",
      async () => {
        const { url } = await start({ rest });
        const visitor = await openPage();
        await visitor.goto(`${url}/`);
        await visitor.waitFor("window.Chatporch !== undefined");
        await visitor.evaluate("Chatporch.send('When do you open?')");
        await visitor.waitFor(`$("[role=log]")?.textContent.includes("Tomorrow at nine.")`);
        expect(mishaps(visitor)).toEqual([]);
        visitor.close();

        const owner = await openPage();
        await owner.goto(`${url}/dashboard/conversations`);
        await owner.fill("[name=password]", PASSWORD);
        await owner.press("Enter");
        await owner.waitFor(`$("h1")?.textContent === "Conversations"`);
        expect(await owner.evaluate<string>("location.pathname")).toBe(
          "/help/chat/dashboard/conversations",
        );
        const padding = "getComputedStyle(document.querySelector('header.top')).display";
        expect(await owner.evaluate<string>(padding)).toBe("block");
        await owner.waitFor("document.styleSheets.length === 1");

        const asked = await ask(url, "And on Sunday?", { path: "/chat", sessionId: "second" });
        expect(await asked.text()).toContain("Tomorrow at nine.");
        await owner.waitFor(`$$(".list li").length === 2`);

        await owner.click(".list li:last-child a");
        await owner.waitFor(`$(".thread")?.textContent.includes("When do you open?")`);
        await owner.click("details.danger summary");
        await owner.click("details.danger button");
        await owner.waitFor(`$$(".list li").length === 1`);
        await owner.click("nav a[href$='/setup']");
        await owner.waitFor(
          `$("h1")?.textContent === "Setup" && $("chat-porch")?.shadowRoot?.querySelector("textarea")`,
        );
        expect(await owner.evaluate<string>(`$("#tag-html").textContent`)).toContain(
          `src="${url}/widget/chat-widget.js"`,
        );
        await owner.click("header form button");
        await owner.waitFor(`$("h1")?.textContent === "Log in"`);
        expect(await owner.evaluate<string>("location.pathname")).toBe(
          "/help/chat/dashboard/login",
        );
        expect(mishaps(owner)).toEqual([]);
      },
      TIMEOUT_MS,
    );

    test(
      "the doctor finds that the widget and the dashboard load",
      async () => {
        const { env } = await start({ rest });
        const { stdout } = await runChatporch(["doctor", "--idle", "0"], env, server.folder);
        expect(stdout).toMatch(/^✓ pages +the widget loads$/m);
        expect(stdout).toMatch(/^✓ pages +the dashboard loads, and its links are right$/m);
        expect(stdout).not.toMatch(/^✗/m);
      },
      TIMEOUT_MS,
    );
  });

  test(
    "the doctor names the right PUBLIC_URL when the server does not know its path",
    async () => {
      const { env, url } = await start({ rest: "/", settings: { PUBLIC_URL: "" } });
      const args = ["doctor", "--idle", "0", "--url", url];
      const { stdout, exitCode } = await runChatporch(args, env, server.folder);
      expect(stdout).toMatch(/^✓ pages +the widget loads$/m);
      expect(stdout).toMatch(/^✗ pages +the dashboard's styles and forms lead to \/dashboard/m);
      expect(stdout).toContain(`Set PUBLIC_URL=${url} and restart the server.`);
      expect(exitCode).toBe(1);
    },
    TIMEOUT_MS,
  );

  test(
    "the doctor notices a proxy that does not pass on static files or the dashboard",
    async () => {
      const { env } = await start({ rest: "/" });
      await nginx.stop();
      const port = Number(new URL(env.PUBLIC_URL).port);
      const pass = (inner: string) =>
        `location /help/chat/ { proxy_pass ${server.url}/; ${HEADERS} } ${inner}`;
      const location = "return 404;";
      const examine = () => runChatporch(["doctor", "--idle", "0"], env, server.folder);

      // Many sites serve every path that looks like a file from a folder.
      const files = "location ~ \\.(css|js|svg)$ { return 404; }";
      nginx = await startNginx({ port, server: pass(files), location });
      const withoutFiles = await examine();
      expect(withoutFiles.stdout).toMatch(/^✗ pages +the widget does not load: .* answers 404/m);
      expect(withoutFiles.stdout).toMatch(/^✗ pages +the dashboard has no style: .* answers 404/m);
      await nginx.stop();

      const closed = "location /help/chat/dashboard { return 403; }";
      nginx = await startNginx({ port, server: pass(closed), location });
      const withoutDashboard = await examine();
      expect(withoutDashboard.stdout).toMatch(
        /^! pages +the dashboard is not at this address: .*\/dashboard\/login answers 403$/m,
      );
    },
    TIMEOUT_MS,
  );
});
