import { Glob } from "bun";

import { freePort } from "../../harness/free-port.ts";
import type { Browser, BrowserKind, Tab } from "./browser.ts";

/** WebKitGTK, Safari's engine, over W3C WebDriver. It needs a display, which Xvfb is. */

const [MINI_BROWSER] = [...new Glob("/usr/lib/*/webkit2gtk-4.*/MiniBrowser").scanSync("/")];
const programs = ["WebKitWebDriver", "Xvfb"].filter((each) => Bun.which(each) === null);

export const webkit: BrowserKind = {
  name: "WebKitGTK",
  missing: MINI_BROWSER && programs.length === 0 ? "" : "apt-get install webkit2gtk-driver xvfb",
  start,
};

/** The key codes of WebDriver, section 17.4.2. */
const KEYS: Readonly<Record<string, string>> = {
  Tab: "\uE004",
  Enter: "\uE007",
  Escape: "\uE00C",
  ArrowUp: "\uE013",
  End: "\uE010",
};

async function start(): Promise<Browser> {
  const display = Bun.spawn(
    ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
    { stdout: "pipe", stderr: "ignore" },
  );
  const { value } = await display.stdout.getReader().read();
  const port = freePort();
  const driver = Bun.spawn(["WebKitWebDriver", `--port=${port}`, "--host=127.0.0.1"], {
    env: {
      ...process.env,
      DISPLAY: `:${new TextDecoder().decode(value).trim()}`,
      GDK_BACKEND: "x11",
    },
    stdout: "ignore",
    stderr: "ignore",
  });
  const send = sender(`http://127.0.0.1:${port}`);
  while (!(await send("GET", "/status").catch(() => undefined))) await Bun.sleep(50);
  const options = { binary: MINI_BROWSER, args: ["--automation"] };
  const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
  const { sessionId } = await send<{ sessionId: string }>("POST", "/session", { capabilities });
  const session = `/session/${sessionId}`;
  return {
    async openTab() {
      const { handle } = await send<{ handle: string }>("POST", `${session}/window/new`, {
        type: "window",
      });
      return toTab(handle, (method, path, body) => send(method, session + path, body));
    },
    async close() {
      await send("DELETE", session);
      driver.kill();
      display.kill();
      await Promise.all([driver.exited, display.exited]);
    },
  };
}

type Send = <T>(method: "GET" | "POST" | "DELETE", path: string, body?: unknown) => Promise<T>;

function sender(base: string): Send {
  return async <T>(method: string, path: string, body: unknown = {}) => {
    const init = method === "POST" ? { body: JSON.stringify(body) } : {};
    const response = await fetch(base + path, { method, ...init });
    const { value } = (await response.json()) as { value: T };
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  };
}

function toTab(handle: string, send: Send): Tab {
  /** Commands go to the tab that was chosen last. */
  async function inTab<T>(method: "GET" | "POST", path: string, body?: unknown): Promise<T> {
    await send("POST", "/window", { handle });
    return send<T>(method, path, body);
  }

  const typeKeys = (keys: readonly string[]) =>
    inTab<void>("POST", "/actions", {
      actions: [
        {
          type: "key",
          id: "keyboard",
          actions: keys.flatMap((value) => [
            { type: "keyDown", value },
            { type: "keyUp", value },
          ]),
        },
      ],
    });

  return {
    goto: (url) => inTab("POST", "/url", { url }),
    reload: () => inTab("POST", "/refresh"),
    evaluate: (expression) =>
      inTab("POST", "/execute/async", {
        script: `const done = arguments[0]; Promise.resolve(${expression}).then(done, (error) => done(String(error)))`,
        args: [],
      }),
    press: (key) => typeKeys([KEYS[key] ?? key]),
    type: (text) => typeKeys([...text]),
    clickAt: (x, y) =>
      inTab("POST", "/actions", {
        actions: [
          {
            type: "pointer",
            id: "mouse",
            parameters: { pointerType: "mouse" },
            actions: [
              { type: "pointerMove", x: Math.round(x), y: Math.round(y) },
              { type: "pointerDown", button: 0 },
              { type: "pointerUp", button: 0 },
            ],
          },
        ],
      }),
    toFront: () => send("POST", "/window", { handle }),
    resize: (width, height) => inTab("POST", "/window/rect", { width, height }),
  };
}
