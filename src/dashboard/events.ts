import { emptyResponse, streamHeaders } from "../chat/stream/response.ts";
import { sseEncoder } from "../chat/stream/sse.ts";
import type { ActivityFeed } from "../conversation/activity.ts";
import { AppError } from "../errors.ts";
import { type Connection, neverTimeOut } from "../http/connection.ts";
import { frameStream } from "../http/frame-stream.ts";
import { FrameQueue } from "../runtime/frame-queue.ts";
import type { OpenTopic } from "./topics.ts";

const HEARTBEAT = ":\n\n";
/** Enough for an owner with many open tabs. Each one costs a connection and a timer. */
const MAX_VIEWERS = 64;
/**
 * A stream ends after so many events and heartbeats, and its page opens another. A reader that reads nothing
 * cannot be detected, so this bounds what waits in memory for it.
 */
const MAX_FRAMES = 1000;

/** How soon the page opens another stream when this one has ended. */
const RETRY_MS = 1000;

interface EventStreamOptions {
  readonly feed: ActivityFeed;
  readonly openTopic: OpenTopic;
  readonly heartbeatIntervalMs: number;
  /** Called at every heartbeat, so that a stream ends with the session that opened it. Never rejects. */
  readonly isStillAllowed: () => Promise<boolean>;
}

/**
 * Sends what happens with the topic of a page, as server-sent events, for as long as the page is open.
 * @throws AppError too_many_viewers when the maximum number of pages is open
 */
export function eventResponse(options: EventStreamOptions, connection: Connection): Response {
  const { signal, method } = connection.request;
  if (method === "HEAD") return emptyResponse(sseEncoder);
  if (options.feed.subscribers >= MAX_VIEWERS) throw new AppError("too_many_viewers");
  return neverTimeOut(connection, (onEnd) => {
    const frames = followFeed(options, signal, onEnd);
    return new Response(frameStream(frames), { headers: streamHeaders(sseEncoder) });
  });
}

/** @param onEnd called when the stream is over, however it ended */
function followFeed(
  { feed, openTopic, heartbeatIntervalMs, isStillAllowed }: EventStreamOptions,
  signal: AbortSignal,
  onEnd: () => void,
): FrameQueue {
  let unsubscribe = () => {};
  const frames = new FrameQueue({
    maxFrames: MAX_FRAMES,
    onEnd: () => {
      clearInterval(heartbeat);
      unsubscribe();
      signal.removeEventListener("abort", end);
      onEnd();
    },
  });
  const end = () => frames.end();

  async function beat(): Promise<void> {
    if (await isStillAllowed()) frames.push(HEARTBEAT);
    else end();
  }
  const heartbeat = setInterval(() => void beat(), heartbeatIntervalMs);
  signal.addEventListener("abort", end);
  frames.push(`event: published\ndata: ${feed.published}\n\nretry: ${RETRY_MS}\n\n`);
  const topic = openTopic((event) => frames.push(`data: ${JSON.stringify(event)}\n\n`));
  const leaveFeed = feed.subscribe({ onActivity: (each) => topic.onActivity(each), onEnd: end });
  unsubscribe = () => {
    leaveFeed();
    topic.leave();
  };
  if (signal.aborted) end();
  return frames;
}
