import { headResponse } from "../../http/head-response.ts";
import { IdleTimer } from "../../runtime/idle-timer.ts";
import type { EventReader, ReadOptions } from "../../turns/turn.ts";
import type { StreamEncoder } from "./encoder.ts";

/** What can be streamed: a turn, or something else whose events are read in the same way. */
export interface StreamSource<Batch extends SomeEvents> {
  read(after: number, options: ReadOptions): EventReader<Batch>;
}

interface SomeEvents {
  readonly events: readonly unknown[];
}

interface StreamOptions<Batch extends SomeEvents> {
  readonly source: StreamSource<Batch>;
  /** The number of the last event that the reader has. */
  readonly after: number;
  readonly encoder: StreamEncoder<Batch>;
  readonly heartbeatIntervalMs: number;
  /** Aborts when the reader leaves. */
  readonly signal: AbortSignal;
  /** Called when the stream is over, however it ended. */
  readonly onEnd: () => void;
}

/** The response that carries events to one reader. */
export function streamResponse<Batch extends SomeEvents>(options: StreamOptions<Batch>): Response {
  const stream = new EventStream(options);
  const source: DirectSource = {
    type: "direct",
    pull: (controller) => stream.open(controller),
    cancel: () => stream.close(),
  };
  return new Response(new ReadableStream(source), { headers: streamHeaders(options.encoder) });
}

/** The headers of a stream without a body, for HEAD. */
export function emptyResponse(encoder: Pick<StreamEncoder, "contentType">): Response {
  return headResponse(streamHeaders(encoder));
}

/** The headers of every stream. Some of them stop proxies from buffering it. */
export function streamHeaders(encoder: Pick<StreamEncoder, "contentType">) {
  return {
    "content-type": encoder.contentType,
    // no-transform: a proxy that compresses the stream would delay tokens.
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
  };
}

/** Bun's direct stream: writes go straight to the socket, without a queue. */
interface DirectSource {
  readonly type: "direct";
  readonly pull: (controller: DirectController) => void;
  readonly cancel: () => void;
}

interface DirectController {
  /** Returns a promise when the client reads too slowly. The text is accepted all the same. */
  write(text: string): number | Promise<number>;
  flush(): unknown;
  close(): void;
}

/** A client that reads nothing for so many heartbeats is cut off: after a minute by default. */
const MAX_MISSED_BEATS = 4;

/** Writes events as they are published, and heartbeats while there are none. */
class EventStream<Batch extends SomeEvents> {
  readonly #reader: EventReader<Batch>;
  readonly #encoder: StreamEncoder<Batch>;
  readonly #silence: IdleTimer;
  readonly #onEnd: () => void;
  #controller: DirectController | undefined;
  /** True while the client has not read what was written. New events wait in the turn meanwhile. */
  #isBackedUp = false;
  #missedBeats = 0;
  #hasWritten = false;
  #hasEnded = false;

  constructor(options: StreamOptions<Batch>) {
    const { source, after, signal, encoder, heartbeatIntervalMs, onEnd } = options;
    this.#encoder = encoder;
    this.#onEnd = onEnd;
    this.#silence = new IdleTimer(heartbeatIntervalMs, () => this.#beat());
    this.#reader = source.read(after, { onEvents: () => this.#send(), signal });
    if (signal.aborted) this.close();
  }

  /** Bun calls this once. A program that reads the body in-process calls it again for each read. */
  open(controller: DirectController): void {
    if (this.#controller !== undefined) return;
    this.#controller = controller;
    this.#send();
    // Headers are sent with the first bytes, so a reader that resumes a silent turn gets a heartbeat at once.
    if (!this.#hasWritten && !this.#hasEnded) this.#beat();
  }

  close(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#silence.stop();
    this.#reader.close();
    this.#onEnd();
    this.#controller?.close();
  }

  #send(): void {
    if (this.#controller !== undefined && !this.#isBackedUp && !this.#hasEnded) {
      const batch = this.#reader.take();
      if (batch.events.length > 0) this.#write(this.#encoder.encode(batch));
    }
    if (this.#reader.isDone) this.close();
  }

  #beat(): void {
    if (this.#isBackedUp) {
      // Nothing else would end this stream, because it has no idle time-out.
      this.#missedBeats += 1;
      if (this.#missedBeats === MAX_MISSED_BEATS) this.close();
    } else if (this.#controller !== undefined) {
      this.#write(this.#encoder.heartbeat);
    }
  }

  #write(text: string): void {
    this.#hasWritten = true;
    this.#silence.touch();
    const written = this.#controller?.write(text);
    if (!(written instanceof Promise)) return;
    this.#isBackedUp = true;
    void written.then(() => {
      this.#isBackedUp = false;
      this.#missedBeats = 0;
      this.#send();
    });
  }
}
