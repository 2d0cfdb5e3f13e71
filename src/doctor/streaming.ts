import { CHUNK_INTERVAL_MS } from "../admin/diagnostics.ts";
import type { PublicServer } from "./public-server.ts";
import type { Finding } from "./report.ts";

const CHUNKS = 6;
const SENT_OVER_MS = (CHUNKS - 1) * CHUNK_INTERVAL_MS;

/** Whether chunks that are sent one by one arrive one by one. @throws UnreachableError */
export async function checkBuffering(server: PublicServer): Promise<Finding> {
  const { arrivals, hasEnded } = await follow(await server.stream(CHUNKS, 0));
  const first = arrivals.at(0) ?? 0;
  const spreadMs = (arrivals.at(-1) ?? first) - first;
  if (!hasEnded || arrivals.length < CHUNKS) {
    return wrong(`the stream was cut after ${arrivals.length} of ${CHUNKS} chunks`, SEE_PROXY);
  }
  return judgeSpread(spreadMs);
}

/** Half of the time is enough: a network may gather chunks, a buffer gathers them all. */
export function judgeSpread(spreadMs: number): Finding {
  const arrived = `chunks sent over ${seconds(SENT_OVER_MS)} arrived over ${seconds(spreadMs)}`;
  if (spreadMs >= SENT_OVER_MS / 2) return { mark: "ok", subject: "streaming", says: arrived };
  return wrong(
    `a proxy buffers the stream: ${arrived}`,
    "nginx: proxy_buffering off; proxy_http_version 1.1; and no gzip of text/event-stream. Caddy: flush_interval -1.\n" +
      "Others: switch response buffering and compression off for /v1/chat and /chat.",
  );
}

/**
 * How long a stream lives in which nothing is sent: the server's heartbeat has to come before.
 * @throws UnreachableError
 */
export async function checkIdle(
  server: PublicServer,
  silenceSeconds: number,
  heartbeatSeconds: number,
): Promise<Finding> {
  const startedAt = performance.now();
  const { hasEnded } = await follow(await server.stream(1, silenceSeconds));
  return judgeIdle({
    hasEnded,
    livedSeconds: hasEnded ? silenceSeconds : (performance.now() - startedAt) / 1000,
    heartbeatSeconds,
  });
}

interface IdleFacts {
  readonly hasEnded: boolean;
  readonly livedSeconds: number;
  readonly heartbeatSeconds: number;
}

export function judgeIdle({ hasEnded, livedSeconds, heartbeatSeconds }: IdleFacts): Finding {
  const subject = "idle stream";
  const lived = `${Math.round(livedSeconds)} s`;
  const isPastHeartbeat = livedSeconds > heartbeatSeconds;
  if (hasEnded) {
    const hint = isPastHeartbeat
      ? ""
      : ` (a heartbeat comes every ${heartbeatSeconds} s; see --idle)`;
    return { mark: "ok", subject, says: `lived for the ${lived} it was silent${hint}` };
  }
  return {
    mark: isPastHeartbeat ? "ok" : "wrong",
    subject,
    says: `cut after ${lived}, and a heartbeat comes every ${heartbeatSeconds} s`,
    mend: isPastHeartbeat
      ? undefined
      : `Raise the proxy's time-out for silent connections above ${2 * heartbeatSeconds} s; nginx: proxy_read_timeout 120s;`,
  };
}

const SEE_PROXY = "Look at the logs of the proxy: it ends streams that the server has not ended.";

/** When chunks arrived, and whether the stream came to its own end. */
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
    // Cut: the missing end says so.
  }
  return { arrivals, hasEnded: text.includes("event: end\n") };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function wrong(says: string, mend: string): Finding {
  return { mark: "wrong", subject: "streaming", says, mend };
}
