import { emptyResponse, streamHeaders } from "../chat/stream/response.ts";
import { sseEncoder } from "../chat/stream/sse.ts";
import type { Config } from "../config/config.ts";
import { trustProxyText } from "../config/limits.ts";
import { type Connection, neverTimeOut } from "../http/connection.ts";
import { contextOf } from "../http/request-context.ts";
import { VERSION } from "../runtime/version.ts";
import type { DiagnosticStreamQuery, SeenRequest } from "./schema.ts";

/** What `chatporch doctor` asks through the public address, to learn what stands in between. */

/** Far enough apart to be told from a burst, near enough not to be waited for. */
export const CHUNK_INTERVAL_MS = 200;

/** The one answer that repeats what was sent: to the owner, who cannot see it anywhere else. */
export function seenRequest(
  request: Request,
  { trustProxy, environment }: Pick<Config, "trustProxy" | "environment">,
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

interface Rhythm {
  readonly chunks: number;
  /** How long nothing is sent before the end. */
  readonly silenceMs: number;
}

/** Sent as an answer of the chat is, but without heartbeats, so that an idle time-out shows. */
export function diagnosticStream(
  { chunks = "5", silence = "0" }: typeof DiagnosticStreamQuery.static,
  connection: Connection,
): Response {
  const rhythm = { chunks: Number(chunks), silenceMs: Number(silence) * 1000 };
  if (connection.request.method === "HEAD") return emptyResponse(sseEncoder);
  return neverTimeOut(connection, (onEnd) => {
    const body = rhythmicStream(rhythm, onEnd);
    return new Response(body, { headers: streamHeaders(sseEncoder) });
  });
}

function rhythmicStream(
  { chunks, silenceMs }: Rhythm,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const utf8 = new TextEncoder();
  let sent = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (sent < chunks) {
          if (sent > 0) await pause(CHUNK_INTERVAL_MS);
          sent++;
          controller.enqueue(utf8.encode(`event: chunk\ndata: ${sent}\n\n`));
          return;
        }
        if (silenceMs > 0) await pause(silenceMs);
        controller.enqueue(utf8.encode(`event: end\ndata: ${silenceMs}\n\n`));
        controller.close();
        onEnd();
      },
      cancel() {
        clearTimeout(timer);
        onEnd();
      },
    },
    { highWaterMark: 0 },
  );
}
