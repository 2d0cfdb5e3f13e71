import { resolve } from "node:path";

import type { Browser, BrowserKind, Tab } from "./browser.ts";

/** The part of puppeteer-core that is used here. It is in a package of its own, which may not be installed. */
interface Puppeteer {
  launch(options: Readonly<Record<string, unknown>>): Promise<{
    newPage(): Promise<PuppeteerPage>;
    close(): Promise<void>;
  }>;
}

interface PuppeteerPage {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
  setViewport(size: { width: number; height: number }): Promise<void>;
  bringToFront(): Promise<void>;
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
  readonly mouse: { click(x: number, y: number): Promise<void> };
}

const MODULE = resolve(
  import.meta.dir,
  "node_modules/puppeteer-core/lib/puppeteer/puppeteer-core.js",
);
const isInstalled = await Bun.file(MODULE).exists();

/** A browser that puppeteer-core can drive: Chromium over its own protocol, Firefox over WebDriver BiDi. */
export function puppeteerKind(
  name: string,
  programs: readonly string[],
  options: Readonly<Record<string, unknown>>,
  advice: string,
): BrowserKind {
  const program = programs.map((each) => Bun.which(each)).find((path) => path !== null);
  const missing = isInstalled ? (program ? "" : advice) : "bun install --cwd tests/browsers";
  return {
    name,
    missing,
    async start() {
      const module: { default: Puppeteer } = await import(MODULE);
      const browser = await module.default.launch({ executablePath: program, ...options });
      return toBrowser(browser);
    },
  };
}

function toBrowser(browser: Awaited<ReturnType<Puppeteer["launch"]>>): Browser {
  return {
    openTab: async () => toTab(await browser.newPage()),
    close: () => browser.close(),
  };
}

function toTab(page: PuppeteerPage): Tab {
  return {
    goto: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    evaluate: async <T>(expression: string) => (await page.evaluate(expression)) as T,
    press: (key) => page.keyboard.press(key),
    type: (text) => page.keyboard.type(text),
    clickAt: (x, y) => page.mouse.click(x, y),
    toFront: () => page.bringToFront(),
    resize: (width, height) => page.setViewport({ width, height }),
  };
}
