const BROWSERS = ["google-chrome-stable", "google-chrome", "chromium-browser", "chromium"];

/** The path of Chromium or Chrome; undefined on a machine without one. BUN_CHROME_PATH names another one. */
export const browserPath: string | undefined =
  process.env.BUN_CHROME_PATH ??
  BROWSERS.map((name) => Bun.which(name)).find((path) => path !== null) ??
  undefined;

/** Without background work that takes the processor from what is measured or tested. */
export const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--disable-component-update",
  "--disable-sync",
  // A computer with a mouse, which a machine without a screen does not have.
  "--blink-settings=primaryPointerType=4,availablePointerTypes=4,primaryHoverType=2,availableHoverTypes=2",
];
