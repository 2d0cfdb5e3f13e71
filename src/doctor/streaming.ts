import { CHUNK_INTERVAL_MS } from "../admin/diagnostics.ts";
import { adviceFor, type ProxyKind } from "./proxy-kinds.ts";
import type { PublicServer } from "./public-server.ts";
import type { Finding } from "./report.ts";

const CHUNKS = 6;
const SENT_OVER_MS = (CHUNKS - 1) * CHUNK_INTERVAL_MS;
/** HAProxy delays a stream by 200 ms if it is not set up for streams. */
const LATE_MS = 150;
/** A busy machine may be late a few times, but a proxy delays a stream every time. */
const TRIES = 6;

/** Checks whether chunks that are sent one by one arrive one by one. @throws UnreachableError */
export async function checkBuffering(
  server: PublicServer,
  proxies: readonly ProxyKind[],
): Promise<Finding> {
  const { arrivals, hasEnded } = await follow(await server.stream(CHUNKS, 0));
  const first = arrivals.at(0) ?? 0;
  const spreadMs = (arrivals.at(-1) ?? first) - first;
  if (!hasEnded || arrivals.length < CHUNKS) {
    return wrong(`the stream was cut after ${arrivals.length} of ${CHUNKS} chunks`, SEE_PROXY);
  }
  const spread = judgeSpread(spreadMs, proxies);
  if (spread.mark !== "ok") return spread;
  return judgeFirst(await leastDelay(server), proxies) ?? spread;
}

/** Half of the time is enough: a network may join some chunks, but a buffer joins them all. */
export function judgeSpread(spreadMs: number, proxies: readonly ProxyKind[]): Finding {
  const arrived = `chunks sent over ${seconds(SENT_OVER_MS)} arrived over ${seconds(spreadMs)}`;
  if (spreadMs >= SENT_OVER_MS / 2) return { mark: "ok", subject: "streaming", says: arrived };
  return wrong(`a proxy buffers the stream: ${arrived}`, adviceFor(proxies, "streaming"));
}

/** @param delayMs how much later the first chunk came than an answer without a stream */
export function judgeFirst(delayMs: number, proxies: readonly ProxyKind[]): Finding | undefined {
  if (delayMs < LATE_MS) return undefined;
  return {
    mark: "warning",
    subject: "streaming",
    says: `a proxy delays the beginning of a stream by ${seconds(delayMs)}`,
    mend: adviceFor(proxies, "streaming"),
  };
}

/**
 * How much later a stream's first chunk comes than an ordinary answer. Each is the quickest of several
 * tries: a busy machine makes some of either late.
 */
async function leastDelay(server: PublicServer): Promise<number> {
  let answerMs = Number.POSITIVE_INFINITY;
  let firstMs = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES && firstMs >= LATE_MS; tries++) {
    const askedAt = performance.now();
    await server.seen();
    const answeredAt = performance.now();
    const firstAt = await arrivalOfFirst(await server.stream(CHUNKS, 0));
    answerMs = Math.min(answerMs, answeredAt - askedAt);
    firstMs = Math.min(firstMs, firstAt - answeredAt);
  }
  return firstMs - answerMs;
}

/** When the first bytes arrived. The stream is closed after them. */
async function arrivalOfFirst(response: Response): Promise<number> {
  for await (const _ of response.body ?? []) break;
  return performance.now();
}

/**
 * Checks how long a silent stream stays open. It must stay open until the server's next heartbeat.
 * @throws UnreachableError
 */
export async function checkIdle(
  server: PublicServer,
  silenceSeconds: number,
  heartbeatSeconds: number,
  proxies: readonly ProxyKind[],
): Promise<Finding> {
  const startedAt = performance.now();
  const { hasEnded } = await follow(await server.stream(1, silenceSeconds));
  return judgeIdle({
    hasEnded,
    livedSeconds: hasEnded ? silenceSeconds : (performance.now() - startedAt) / 1000,
    heartbeatSeconds,
    proxies,
  });
}

interface IdleFacts {
  readonly hasEnded: boolean;
  readonly livedSeconds: number;
  readonly heartbeatSeconds: number;
  readonly proxies: readonly ProxyKind[];
}

export function judgeIdle(facts: IdleFacts): Finding {
  const { hasEnded, livedSeconds, heartbeatSeconds, proxies } = facts;
  const subject = "idle stream";
  const lived = `${Math.round(livedSeconds)} s`;
  const isPastHeartbeat = livedSeconds > heartbeatSeconds;
  if (hasEnded) {
    const hint = isPastHeartbeat
      ? ""
      : ` (a heartbeat comes every ${heartbeatSeconds} s; see --idle)`;
    return { mark: "ok", subject, says: `stayed open for ${lived} of silence${hint}` };
  }
  return {
    mark: isPastHeartbeat ? "ok" : "wrong",
    subject,
    says: `cut after ${lived}; a heartbeat comes every ${heartbeatSeconds} s`,
    mend: isPastHeartbeat
      ? undefined
      : `Raise the proxy's time-out for silent connections above ${2 * heartbeatSeconds} s.\n${adviceFor(proxies, "silence")}`,
  };
}

const SEE_PROXY = "Look at the logs of the proxy: it ends streams that the server has not ended.";

/** Reads a stream: when chunks arrived, and whether the server ended it. */
async function follow(response: Response) {
  const arrivals: number[] = [];
  const utf8 = new TextDecoder();
  let text = "";
  try {
    for await (const bytes of response.body ?? []) {
      text += utf8.decode(bytes, { stream: true });
      const count = text.split("event: chunk\n").length - 1;
      while (arrivals.length < count) arrivals.push(performance.now());
    }
  } catch {
    // The stream was cut. The missing end event shows it.
  }
  return { arrivals, hasEnded: text.includes("event: end\n") };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function wrong(says: string, mend: string): Finding {
  return { mark: "wrong", subject: "streaming", says, mend };
}
