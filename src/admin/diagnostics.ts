import { emptyResponse, streamHeaders } from "../chat/stream/response.ts";
import { sseEncoder } from "../chat/stream/sse.ts";
import type { Config } from "../config/config.ts";
import { trustProxyText } from "../config/limits.ts";
import { type Connection, neverTimeOut } from "../http/connection.ts";
import { frameStream } from "../http/frame-stream.ts";
import { contextOf } from "../http/request-context.ts";
import type { Peers } from "../peers/peers.ts";
import { pause } from "../runtime/pause.ts";
import { VERSION } from "../runtime/version.ts";
import type { DiagnosticStreamQuery, ReplicaList, SeenRequest } from "./schema.ts";

/** Answers for `chatporch doctor`, which asks through the public address to examine the proxies in between. */

/** Long enough to tell separate chunks from a burst, short enough that nobody waits long. */
export const CHUNK_INTERVAL_MS = 200;

/**
 * Describes a request as the server received it. No other answer repeats what a client sent; this one goes
 * only to the owner, who cannot see it anywhere else.
 */
export function seenRequest(
  request: Request,
  { limits: { trustProxy }, server: { environment } }: Pick<Config, "limits" | "server">,
): SeenRequest {
  const { peer, client } = contextOf(request);
  const { protocol, host } = new URL(request.url);
  const forwardedFor = request.headers.get("x-forwarded-for");
  return {
    version: VERSION,
    scheme: protocol.slice(0, -1),
    host,
    connection: request.headers.get("connection"),
    peer: peer ?? null,
    forwardedFor: forwardedFor === null ? [] : forwardedFor.split(",").map((entry) => entry.trim()),
    client,
    trustProxy: trustProxy === undefined ? null : trustProxyText(trustProxy),
    environment,
  };
}

export async function listReplicas(peers: Pick<Peers, "replicas">): Promise<ReplicaList> {
  const replicas = await peers.replicas();
  return {
    replicas: replicas.map(({ id, host, version, startedAt, isSelf, isReached = null }) => ({
      id,
      host,
      version,
      startedAt,
      isSelf,
      isReached,
    })),
  };
}

interface Rhythm {
  readonly chunks: number;
  /** How long the stream is silent before its end. */
  readonly silenceMs: number;
}

/** A stream without heartbeats, so that a proxy's idle time-out shows. */
export function diagnosticStream(
  { chunks = "5", silence = "0" }: typeof DiagnosticStreamQuery.static,
  connection: Connection,
): Response {
  const { signal, method } = connection.request;
  if (method === "HEAD") return emptyResponse(sseEncoder);
  const rhythm = { chunks: Number(chunks), silenceMs: Number(silence) * 1000 };
  return neverTimeOut(connection, (onEnd) => {
    const frames = rhythmicFrames(rhythm, signal, onEnd);
    return new Response(frameStream(frames), { headers: streamHeaders(sseEncoder) });
  });
}

async function* rhythmicFrames(
  { chunks, silenceMs }: Rhythm,
  signal: AbortSignal,
  onEnd: () => void,
): AsyncGenerator<Uint8Array> {
  const utf8 = new TextEncoder();
  try {
    for (let chunk = 1; chunk <= chunks; chunk++) {
      if (chunk > 1) await pause(CHUNK_INTERVAL_MS, signal);
      if (signal.aborted) return;
      yield utf8.encode(`event: chunk\ndata: ${chunk}\n\n`);
    }
    if (silenceMs > 0) await pause(silenceMs, signal);
    if (signal.aborted) return;
    yield utf8.encode(`event: end\ndata: ${silenceMs}\n\n`);
  } finally {
    onEnd();
  }
}
