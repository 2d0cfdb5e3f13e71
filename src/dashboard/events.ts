import { emptyResponse, streamHeaders } from "../chat/stream/response.ts";
import { sseEncoder } from "../chat/stream/sse.ts";
import type { Activity, ActivityFeed } from "../conversation/activity.ts";
import { AppError } from "../errors.ts";
import { type Connection, neverTimeOut } from "../http/connection.ts";

const utf8 = new TextEncoder();
const HEARTBEAT = utf8.encode(":\n\n");
/** An owner with a tab on every screen; each is a connection and a timer. */
const MAX_VIEWERS = 64;
/** A reader that takes nothing for so many events is gone; its page asks anew when it comes back. */
const MAX_WAITING_EVENTS = 256;

interface EventStreamOptions {
  readonly feed: ActivityFeed;
  readonly heartbeatIntervalMs: number;
  /** Asked at every heartbeat: a stream ends with the session that opened it. */
  readonly isStillAllowed: () => Promise<boolean>;
  /** Called when the stream is over, however it ended. */
  readonly onEnd: () => void;
}

/**
 * Opens the stream of an owner's page.
 * @throws AppError too_many_viewers when as many pages are open as may be
 */
export function eventResponse(
  options: Omit<EventStreamOptions, "onEnd">,
  connection: Connection,
): Response {
  if (connection.request.method === "HEAD") return emptyResponse(sseEncoder);
  if (options.feed.subscribers >= MAX_VIEWERS) throw new AppError("too_many_viewers");
  return neverTimeOut(connection, (onEnd) => {
    const stream = openEventStream({ ...options, onEnd });
    return new Response(stream, { headers: streamHeaders(sseEncoder) });
  });
}

/**
 * What happens in the conversations, as server-sent events: their ids and no text, so that a page
 * fetches what it shows like any other.
 */
function openEventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { feed, heartbeatIntervalMs, isStillAllowed, onEnd } = options;
  let end = () => {};

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let hasEnded = false;
        function send(bytes: Uint8Array): void {
          if (hasEnded) return;
          controller.enqueue(bytes);
          if ((controller.desiredSize ?? 0) < -MAX_WAITING_EVENTS) close();
        }
        function close(): void {
          if (hasEnded) return;
          end();
          controller.close();
        }
        async function beat(): Promise<void> {
          // A store that does not answer is no reason to trust the session longer.
          const isAllowed = await isStillAllowed().catch(() => false);
          if (isAllowed) send(HEARTBEAT);
          else close();
        }
        const heartbeat = setInterval(() => void beat(), heartbeatIntervalMs);
        let unsubscribe = () => {};
        end = () => {
          hasEnded = true;
          clearInterval(heartbeat);
          unsubscribe();
          onEnd();
        };
        send(utf8.encode(`event: published\ndata: ${feed.published}\n\n`));
        unsubscribe = feed.subscribe({ onActivity: (each) => send(encode(each)), onEnd: close });
        if (hasEnded) unsubscribe();
      },
      cancel: () => end(),
    },
    { highWaterMark: 1 },
  );
}

function encode(activity: Activity): Uint8Array {
  return utf8.encode(`data: ${JSON.stringify(activity)}\n\n`);
}
