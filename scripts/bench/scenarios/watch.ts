import type { ServerProcess } from "../../../harness/server-process.ts";
import { logIn, PASSWORD } from "../dashboard-requests.ts";
import { takeNumbers } from "../load.ts";
import type { Metric, Sample, Scenario } from "../scenario.ts";
import { binary, type Target } from "../targets.ts";

/** What open pages of the dashboard cost, while visitors are answered. */

const VISITORS = 64;
const VIEWERS = 64;
const TOKENS = 400;
const PAUSE_MS = 50;
/** The answers go on for longer than both together. */
const WARM_MS = 6000;
const MEASURED_MS = 10_000;
const MB = 1024 * 1024;

/**
 * What is open: nothing, lists or overviews, which follow the same events, or a page for each conversation, where its
 * answer is seen as it is written.
 */
const WATCHED = ["nobody watches", `${VIEWERS} lists or overviews`, `${VIEWERS} threads`] as const;

const METRICS: readonly Metric[] = [
  {
    key: "cpuMsPerSecond",
    label: "CPU a second",
    unit: "ms",
    digits: 1,
    bound: { of: "ratio", atMost: 1.5 },
  },
  { key: "memoryMb", label: "memory", unit: "MB", digits: 0 },
];

export const watch: Scenario = {
  name: "watch",
  summary: `${VISITORS} answers under way while ${VIEWERS} pages of the dashboard are open`,
  cases(bench, { binaryPath }) {
    const settings = { DASHBOARD_PASSWORD: PASSWORD };
    const targets = WATCHED.map((name) => ({ ...binary(binaryPath, settings), name }));
    return [
      {
        name: "watch",
        metrics: METRICS,
        targets,
        baseline: WATCHED[0],
        subject: WATCHED[2],
        measure: (target) => bench.withServer(target, (server) => measure(target, server)),
      },
    ];
  },
};

async function measure(target: Target, server: ServerProcess): Promise<Sample> {
  const { url } = server;
  const end = new AbortController();
  const ids = await Promise.all(
    Array.from({ length: VISITORS }, () => beginAnswer(target, url, end.signal)),
  );
  const cookie = await logIn(url);
  for (const [number, id] of (target.name === WATCHED[0] ? [] : ids).entries()) {
    const of = target.name === WATCHED[1] ? "" : `?of=${id}`;
    // Each from an address of its own, because one may not open so many at once.
    const headers = { cookie, "x-forwarded-for": `192.0.2.${number}` };
    read(await fetch(`${url}/dashboard/events${of}`, { headers, signal: end.signal }));
  }
  await Bun.sleep(WARM_MS);
  const before = server.cpuMs();
  await Bun.sleep(MEASURED_MS);
  const cpuMsPerSecond = ((server.cpuMs() - before) / MEASURED_MS) * 1000;
  const memoryMb = server.memoryBytes() / MB;
  end.abort();
  return { cpuMsPerSecond, memoryMb };
}

/** Asks as a new visitor, who reads on. Resolves with the id of the conversation. */
async function beginAnswer(target: Target, url: string, signal: AbortSignal): Promise<string> {
  const question = { number: takeNumbers(1), tokens: TOKENS, pauseMs: PAUSE_MS };
  const response = await fetch(new Request(target.stream(url, question), { signal }));
  const [body, rest] = response.body?.tee() ?? [];
  read(new Response(rest));
  const { value } = (await body?.getReader().read()) ?? {};
  const [, id] = /"conversationId":"([^"]+)"/.exec(new TextDecoder().decode(value)) ?? [];
  if (id === undefined) throw new Error(`No answer began: status ${response.status}.`);
  return id;
}

/** Reads to the end, as an open page does. */
function read(response: Response): void {
  if (!response.ok) throw new Error(`No stream: status ${response.status}.`);
  void response.arrayBuffer().catch(() => undefined);
}
