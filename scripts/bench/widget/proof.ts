import { BROWSER_FLAGS, browserPath } from "../../../harness/browser-path.ts";
import { BenchError } from "../../../harness/server-process.ts";
import { serveProofPage } from "./proof-page.ts";

/** How a proof of work was made while a visitor looked at the page. */
export interface ProofSeen {
  /** From the refusal of the question until it was sent again. */
  readonly solvedMs: number;
  /** The longest time between two frames meanwhile: 16.7 is every one that the screen can show. */
  readonly longestFrameMs: number;
  /** Tasks of more than 50 ms, by anybody, and the longest of them. */
  readonly longTasks: number;
  readonly longestTaskMs: number;
  /** The processor's time of the page's thread, which other load changes little. */
  readonly pageMs: number;
}

/** Where a proof is made. */
export const PLACES = ["worker", "page"] as const;
export type Place = (typeof PLACES)[number];

const WAIT_MS = 60_000;
const SETTLING_MS = 1000;

/** Notes when questions are sent and refused, frames and long tasks. */
const WATCH = `(() => {
  const seen = (window.seen = { sent: [], refused: 0, frames: [], tasks: [] });
  const { fetch } = window;
  window.fetch = async (url, init) => {
    const isQuestion = init?.method === "POST" && url.endsWith("/stream");
    if (isQuestion) seen.sent.push(performance.now());
    const response = await fetch(url, init);
    if (response.status === 401) seen.refused = performance.now();
    return response;
  };
  new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map(({ startTime, duration }) => [startTime, duration]))).observe({ type: "longtask" });
  requestAnimationFrame(function look(now) { seen.frames.push(now); requestAnimationFrame(look); });
})()`;

interface Metrics {
  readonly metrics: readonly { readonly name: string; readonly value: number }[];
}

interface Seen {
  readonly sent: readonly number[];
  readonly refused: number;
  readonly frames: readonly number[];
  readonly tasks: readonly (readonly [startedAt: number, duration: number])[];
}

/**
 * Asks a question that needs a proof.
 * @param slowdown how many times slower than this machine the browser's processor is; Chromium slows the page, not its Workers
 * @throws BenchError without a browser, and when the proof does not come
 */
export async function watchProof(place: Place, slowdown: number): Promise<ProofSeen> {
  if (browserPath === undefined) throw new BenchError("There is no Chromium: set BUN_CHROME_PATH.");
  const { server, isSolved } = serveProofPage(place === "page" ? "delete window.Worker" : "");
  await using view = new Bun.WebView({
    backend: { type: "chrome", url: false, path: browserPath, argv: BROWSER_FLAGS },
  });
  await view.navigate("about:blank");
  await view.cdp("Emulation.setFocusEmulationEnabled", { enabled: true });
  await view.navigate(server.url.href);
  await view.evaluate(`new Promise((done) => setTimeout(done, ${SETTLING_MS}))`);
  await view.cdp("Emulation.setCPUThrottlingRate", { rate: slowdown });
  await view.evaluate(`void ${WATCH}`);
  await view.cdp("Performance.enable", { timeDomain: "threadTicks" });
  const before = await taskMs(view);
  await view.evaluate(`void Chatporch.send("Hi")`);
  const deadline = Date.now() + WAIT_MS;
  while (!isSolved()) {
    if (Date.now() > deadline) throw new BenchError("The proof did not come.");
    await Bun.sleep(50);
  }
  const pageMs = (await taskMs(view)) - before;
  const seen = await view.evaluate<Seen>("seen");
  await server.stop(true);
  return { ...figuresOf(seen), pageMs };
}

async function taskMs(view: Bun.WebView): Promise<number> {
  const { metrics } = await view.cdp<Metrics>("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1000;
}

function figuresOf({ sent, refused, frames, tasks }: Seen): Omit<ProofSeen, "pageMs"> {
  const end = sent.at(-1) ?? refused;
  const within = frames.filter((at) => at >= refused && at <= end);
  const gaps = [refused, ...within, end].map((at, index, all) => at - (all[index - 1] ?? at));
  const long = tasks.filter(([at, duration]) => at + duration >= refused && at <= end);
  return {
    solvedMs: end - refused,
    longestFrameMs: Math.max(...gaps),
    longTasks: long.length,
    longestTaskMs: Math.max(0, ...long.map(([, duration]) => duration)),
  };
}
