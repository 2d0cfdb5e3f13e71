import type { BrowserKind } from "./browser.ts";
import { puppeteerKind } from "./puppeteer.ts";
import { webkit } from "./webkit.ts";

/** The engines of all browsers. With REQUIRE_BROWSERS=1 none may be missing. */
export const KINDS: readonly BrowserKind[] = [
  puppeteerKind(
    "Chromium",
    ["google-chrome-stable", "google-chrome", "chromium-browser", "chromium"],
    { args: ["--no-sandbox"] },
    "apt-get install chromium",
  ),
  puppeteerKind(
    "Firefox",
    ["firefox-esr", "firefox"],
    { browser: "firefox" },
    "apt-get install firefox-esr",
  ),
  webkit,
];

for (const { name, missing } of KINDS) {
  if (missing && process.env.REQUIRE_BROWSERS === "1") {
    throw new Error(`REQUIRE_BROWSERS=1, but there is no ${name} (${missing})`);
  }
  if (missing) console.warn(`\nTests in ${name} are SKIPPED: ${missing}\n`);
}
