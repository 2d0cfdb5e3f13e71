import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { BROWSER_FLAGS, browserPath } from "../../harness/browser-path.ts";
import { CLICK_HIT, clickable, inPage, polling } from "./in-page.ts";

/** A message that the page wrote to its console, or that the browser wrote about the page. */
interface ConsoleMessage {
  /** The console's method; `exception` for an uncaught error, `browser` for a message of the browser. */
  readonly type: string;
  readonly text: string;
}

interface Viewport {
  readonly width: number;
  readonly height: number;
}

interface MediaPreferences {
  readonly colorScheme?: "light" | "dark";
  readonly reducedMotion?: boolean;
}

export interface PageOptions extends Partial<Viewport>, MediaPreferences {
  /** A script that runs in every document before the page's own, to break things that the page relies on. */
  readonly beforeLoad?: string;
}

/**
 * A tab of a real browser. Expressions run in the page and see `$(selector)` and `$$(selector)`, which
 * also look into open shadow roots.
 */
export interface BrowserPage {
  /** All messages since the page was opened or `forgetConsole` was called. */
  readonly console: readonly ConsoleMessage[];
  forgetConsole(): void;
  /** Requests that failed or were cancelled before their answer was complete: the reason and the address. */
  readonly failedRequests: readonly string[];
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** The value of an expression, through JSON. A promise is awaited. */
  evaluate<T = unknown>(expression: string): Promise<T>;
  /** Resolves with the expression's value once it is truthy; the page evaluates it at every frame. */
  waitFor<T = unknown>(expression: string): Promise<T>;
  /** Resolves with the first message on the console that matches. */
  waitForConsole(pattern: RegExp): Promise<ConsoleMessage>;
  /** Clicks the middle of the element with the mouse, once it exists, stands still and is on top, until it is hit. */
  click(selector: string): Promise<void>;
  /** Replaces the text of a field, as typing does. */
  fill(selector: string, text: string): Promise<void>;
  /** Types into the element that has the focus. */
  type(text: string): Promise<void>;
  press(key: string, ...modifiers: Modifier[]): Promise<void>;
  resize(viewport: Viewport): Promise<void>;
  prefer(preferences: MediaPreferences): Promise<void>;
  setOffline(isOffline: boolean): Promise<void>;
  /**
   * Waits until all animations have ended. With SCREENSHOTS=1, it then writes a PNG of the viewport under
   * tests/e2e/screenshots/, for people to look at.
   */
  screenshot(name: string): Promise<void>;
  /** Sends a command of the DevTools protocol that has no method here. */
  cdp<T = unknown>(method: string, parameters?: Record<string, unknown>): Promise<T>;
  close(): void;
}

type Modifier = "Shift" | "Control" | "Alt" | "Meta";

const WAIT_MS = 10_000;
const SCREENSHOTS = resolve(import.meta.dir, "../e2e/screenshots");

/** False when tests in the browser must be skipped. With REQUIRE_BROWSER=1 that is an error. */
export const hasBrowser = browserPath !== undefined;

if (!hasBrowser) {
  const advice = "no Chromium found (apt-get install chromium, or set BUN_CHROME_PATH)";
  if (process.env.REQUIRE_BROWSER === "1") throw new Error(`REQUIRE_BROWSER=1, but ${advice}`);
  console.warn(`\nTests in the browser are SKIPPED: ${advice}\n`);
}

const open = new Set<BrowserPage>();

/** Closes every tab that a test has opened. Call it in afterEach. */
export function closePages(): void {
  for (const page of open) page.close();
}

/** A click or a key that leaves the page has succeeded, although the browser reports that it was interrupted. */
async function untilNavigated(input: Promise<void>): Promise<void> {
  try {
    await input;
  } catch (error) {
    if (!isNavigated(error)) throw error;
  }
}

function isNavigated(error: unknown): boolean {
  return /target navigated/i.test(String(error));
}

/** Opens an empty tab without cookies. */
export async function openPage(options: PageOptions = {}): Promise<BrowserPage> {
  if (browserPath === undefined) throw new Error("There is no browser.");
  const messages: ConsoleMessage[] = [];
  const view = new Bun.WebView({
    backend: { type: "chrome", url: false, path: browserPath, argv: BROWSER_FLAGS },
    console: (type: string, ...args: unknown[]) => {
      messages.push({ type, text: args.map(describe).join(" ") });
    },
  });
  await view.navigate("about:blank");
  await view.cdp("Log.enable");
  await view.cdp("Runtime.enable");
  await view.cdp("Page.enable");
  await view.cdp("Network.enable");
  await view.cdp("Network.clearBrowserCookies");
  await view.cdp("Network.setCacheDisabled", { cacheDisabled: true });
  await view.cdp("Emulation.setFocusEmulationEnabled", { enabled: true });
  view.addEventListener<LogEntry>("Log.entryAdded", ({ data: { entry } }) => {
    messages.push({ type: "browser", text: `${entry.source} ${entry.text} ${entry.url ?? ""}` });
  });
  view.addEventListener<Thrown>("Runtime.exceptionThrown", ({ data: { exceptionDetails } }) => {
    const { exception, text } = exceptionDetails;
    messages.push({ type: "exception", text: exception?.description ?? text });
  });
  const addresses = new Map<string, string>();
  const failedRequests: string[] = [];
  view.addEventListener<Sent>("Network.requestWillBeSent", ({ data: { requestId, request } }) => {
    addresses.set(requestId, request.url);
  });
  view.addEventListener<Failed>("Network.loadingFailed", ({ data: { requestId, errorText } }) => {
    failedRequests.push(`${errorText} ${addresses.get(requestId)}`);
  });
  if (options.beforeLoad !== undefined) {
    await view.cdp("Page.addScriptToEvaluateOnNewDocument", { source: options.beforeLoad });
  }

  const evaluate = <T>(expression: string) => view.evaluate<T>(inPage(expression));

  /** A navigation ends an evaluation, which then begins again in the new document. */
  async function waitFor<T>(expression: string): Promise<T> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const leftMs = deadline - Date.now();
      try {
        const found = await view.evaluate<{ value: T } | null>(inPage(polling(expression, leftMs)));
        if (found) return found.value;
      } catch (error) {
        if (!/context|navigat|destroyed|Cannot find/i.test(String(error))) throw error;
        await Bun.sleep(20);
      }
      if (Date.now() >= deadline) {
        const said = messages.map(({ type, text }) => `  ${type}: ${text}`).join("\n");
        throw new Error(`Waited ${WAIT_MS} ms in vain for ${expression}\nConsole:\n${said}`);
      }
    }
  }

  /** Leaving a page that is still loading can end the first try, so the navigation is tried again. */
  async function goto(url: string): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      try {
        // An address with a fragment of the page that is shown loads nothing, and would be waited for in vain.
        if (url.includes("#") && withoutFragment(view.url) === withoutFragment(url)) {
          await view.evaluate(`void location.replace(${JSON.stringify(url)})`);
          await view.reload();
        } else await view.navigate(url);
        return;
      } catch (error) {
        if (!isNavigated(error) || Date.now() >= deadline) throw error;
      }
    }
  }

  const page: BrowserPage = {
    console: messages,
    failedRequests,
    evaluate,
    waitFor,
    forgetConsole: () => void messages.splice(0),
    goto,
    reload: () => view.reload(),
    async waitForConsole(pattern) {
      const deadline = Date.now() + WAIT_MS;
      for (;;) {
        const found = messages.find(({ text }) => pattern.test(text));
        if (found) return found;
        if (Date.now() > deadline) {
          throw new Error(`Nothing like ${pattern} among ${JSON.stringify(messages)}`);
        }
        await Bun.sleep(10);
      }
    },
    async click(selector) {
      for (;;) {
        const { x, y } = await waitFor<{ x: number; y: number }>(clickable(selector));
        await untilNavigated(view.click(x, y));
        // It may have moved after it stood still. In a new document, nothing is known, and it was hit.
        if ((await waitFor<{ hit?: boolean }>(`({ hit: ${CLICK_HIT} })`)).hit !== false) return;
      }
    },
    async fill(selector, text) {
      await waitFor(`$(${JSON.stringify(selector)})`);
      await evaluate(`(field => (field.focus(), field.select()))($(${JSON.stringify(selector)}))`);
      if (text === "") await view.press("Backspace");
      else await view.type(text);
    },
    type: (text) => view.type(text),
    press: (key, ...modifiers) => untilNavigated(view.press(key, { modifiers })),
    async resize({ width, height }) {
      await view.cdp("Emulation.setDeviceMetricsOverride", {
        width,
        height,
        deviceScaleFactor: 1,
        mobile: false,
      });
    },
    async prefer({ colorScheme = "light", reducedMotion = false }) {
      const features = [
        { name: "prefers-color-scheme", value: colorScheme },
        { name: "prefers-reduced-motion", value: reducedMotion ? "reduce" : "no-preference" },
      ];
      await view.cdp("Emulation.setEmulatedMedia", { features });
    },
    async setOffline(offline) {
      await view.cdp("Network.emulateNetworkConditions", {
        offline,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      });
    },
    async screenshot(name) {
      await evaluate(ANIMATIONS_ENDED);
      if (process.env.SCREENSHOTS !== "1") return;
      const path = resolve(SCREENSHOTS, `${name}.png`);
      mkdirSync(dirname(path), { recursive: true });
      await Bun.write(path, await view.screenshot({ encoding: "buffer" }));
    },
    cdp: (method, parameters) => view.cdp(method, parameters ?? {}),
    close() {
      open.delete(page);
      view.close();
    },
  };
  open.add(page);
  await page.resize({ width: options.width ?? 1280, height: options.height ?? 800 });
  await page.prefer(options);
  return page;
}

interface LogEntry {
  readonly entry: { readonly source: string; readonly text: string; readonly url?: string };
}

interface Thrown {
  readonly exceptionDetails: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
}

interface Sent {
  readonly requestId: string;
  readonly request: { readonly url: string };
}

interface Failed {
  readonly requestId: string;
  readonly errorText: string;
}

/** An argument of a console call: a primitive as it is, an object as DevTools describes it. */
function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return "description" in value ? String(value.description) : JSON.stringify(value);
}

/** Waits for all animations but endless ones. */
const ANIMATIONS_ENDED = `Promise.all(
  [document, ...$$("*").flatMap((element) => element.shadowRoot ?? [])]
    .flatMap((root) => root.getAnimations())
    .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity)
    .map((animation) => animation.finished.catch(() => undefined)),
).then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
 .then(() => true)`;

function withoutFragment(url: string): string {
  return url.split("#", 1).join();
}
