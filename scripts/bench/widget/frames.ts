import { BROWSER_FLAGS, browserPath } from "../../../harness/browser-path.ts";
import { BenchError } from "../../../harness/server-process.ts";
import { quantile } from "../statistics.ts";

/** How an answer was shown while it was written. */
export interface Frames {
  /** The times between two frames, in milliseconds: 16.7 is every one that the screen can show. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  /** How much of a second the page's thread was busy, in milliseconds, with everything and with parts of it. */
  readonly busyMs: number;
  readonly scriptMs: number;
  readonly layoutMs: number;
}

interface Metrics {
  readonly metrics: readonly { readonly name: string; readonly value: number }[];
}

/** What the page has of the widget. */
const SHADOW = "document.querySelector('chatporch-widget')?.shadowRoot";
const SCREEN = { width: 900, height: 760, deviceScaleFactor: 1, mobile: false };
const WAIT_MS = 60_000;
const SETTLING_MS = 1000;

/**
 * Asks for an answer in a browser, waits until its first part is shown, and watches the frames of the rest.
 * @param textLength how much text is shown at least before the watching begins
 * @param slowdown how many times slower than this machine the browser's processor is
 * @throws BenchError without a browser, and when the text does not come
 */
export async function watchFrames(
  url: string,
  question: string,
  textLength: number,
  milliseconds: number,
  slowdown: number,
): Promise<Frames> {
  if (browserPath === undefined) throw new BenchError("There is no Chromium: set BUN_CHROME_PATH.");
  await using view = new Bun.WebView({
    backend: { type: "chrome", url: false, path: browserPath, argv: BROWSER_FLAGS },
  });
  await view.navigate("about:blank");
  await view.cdp("Page.enable");
  await view.cdp("Performance.enable");
  await view.cdp("Emulation.setFocusEmulationEnabled", { enabled: true });
  await view.cdp("Emulation.setDeviceMetricsOverride", SCREEN);
  await view.navigate(url);
  await until(view, `window.Chatporch && ${SHADOW}.querySelector('.panel')`);
  await view.evaluate(`void Chatporch.send(${JSON.stringify(question)})`);
  await until(
    view,
    `${SHADOW}.querySelector('.pending .bubble')?.textContent.length > ${textLength}`,
  );
  await view.cdp("Emulation.setCPUThrottlingRate", { rate: slowdown });
  // What is late because of the first part is shown.
  await view.evaluate(gapsWithin(SETTLING_MS));
  const before = await metricsOf(view);
  const gaps = await view.evaluate<number[]>(gapsWithin(milliseconds));
  const after = await metricsOf(view);
  const perSecond = (name: string) =>
    ((after(name) - before(name)) / (after("Timestamp") - before("Timestamp"))) * 1000;
  return {
    p50Ms: quantile(gaps, 0.5),
    p95Ms: quantile(gaps, 0.95),
    maxMs: quantile(gaps, 1),
    busyMs: perSecond("TaskDuration"),
    scriptMs: perSecond("ScriptDuration"),
    layoutMs: perSecond("LayoutDuration") + perSecond("RecalcStyleDuration"),
  };
}

/** The times between the frames of that long. */
function gapsWithin(milliseconds: number): string {
  return `new Promise((resolve) => {
    const gaps = [];
    let last = 0, end = 0;
    requestAnimationFrame(function look(now) {
      if (last) gaps.push(now - last);
      end ||= now + ${milliseconds};
      last = now;
      if (now < end) requestAnimationFrame(look);
      else resolve(gaps);
    });
  })`;
}

async function until(view: Bun.WebView, expression: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!(await view.evaluate<boolean>(`!!(${expression})`))) {
    if (Date.now() > deadline) throw new BenchError(`Waited in vain for ${expression}`);
    await Bun.sleep(200);
  }
}

async function metricsOf(view: Bun.WebView): Promise<(name: string) => number> {
  const { metrics } = await view.cdp<Metrics>("Performance.getMetrics");
  const values = new Map(metrics.map(({ name, value }) => [name, value]));
  return (name) => values.get(name) ?? 0;
}
