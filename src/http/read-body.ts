import { AppError, type ErrorCode, overloaded } from "../errors.ts";
import { type ArrivingBody, BodyPool, MIN_BYTES, withoutRest } from "./body-pool.ts";
import { contextOf } from "./request-context.ts";

const MB = 1024 * 1024;
/** The limit of 2 MB in contract section 2. */
export const MAX_BODY_BYTES = 2 * MB;

/** No body may take longer. A slow phone sends 2 MB in 20 s. */
const BODY_TIMEOUT_MS = 20_000;
/** How long a body may take to begin, for a mobile connection that has to wake up. */
const GRACE_MS = 5000;
/** After that, a body slower than 2 KB a second, the speed of 2G, is refused. */
const MIN_BYTES_PER_MS = 2;

/** How long a body may take if so many bytes have arrived. */
export function allowedMs(bytes: number): number {
  return Math.min(BODY_TIMEOUT_MS, GRACE_MS + bytes / MIN_BYTES_PER_MS);
}

/** For requests with a valid key. Enough for 8000 waiting questions or 64 bodies of the largest size. */
export const bodiesWithKey = new BodyPool({ maxBytes: 128 * MB, maxBytesPerAddress: 16 * MB });

/** How the bodies of a route are read. */
export interface BodyReading {
  readonly pool: BodyPool;
  readonly maxBytes: number;
  readonly tooLarge: () => AppError;
}

const ANY_BODY: BodyReading = {
  pool: bodiesWithKey,
  maxBytes: MAX_BODY_BYTES,
  tooLarge: () => new AppError("body_too_large"),
};

/** Stands for a body that is not read yet. */
const UNREAD = Symbol("unread body");

/** The parse hook. It leaves the body unread, because the key is checked later. */
export function leaveBody(): typeof UNREAD {
  return UNREAD;
}

export interface RequestWithBody {
  readonly request: Request;
  body: unknown;
}

/**
 * The transform hook after the key check. Reads the body, with or without Content-Length. No body is read for a
 * client without a key.
 */
export async function readBody(context: RequestWithBody, reading = ANY_BODY): Promise<void> {
  if (context.body !== UNREAD) return;
  const { request } = context;
  const { promise: end, resolve: endWith } = Promise.withResolvers<ErrorCode>();
  const place = reading.pool.enter(contextOf(request).networks, () => endWith("overloaded"));
  const pace = new Pace(() => endWith("request_timeout"));
  try {
    context.body = isShort(request)
      ? await readWhole(request, pace, end)
      : await readParts(request, reading, { place, pace, end });
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    // The client has left or its framing is wrong. Nobody may read this answer, and it is not a server error.
    throw withoutRest(new AppError("invalid_request", { cause }));
  } finally {
    pace.stop();
    place.leave();
  }
}

/** Watches the speed of a body and calls back when it is too slow. */
class Pace {
  readonly #startedAt = performance.now();
  readonly #onTooSlow: () => void;
  #bytes = 0;
  #timer = setTimeout(() => this.#check(), GRACE_MS);

  constructor(onTooSlow: () => void) {
    this.#onTooSlow = onTooSlow;
  }

  /** Sets how many bytes have arrived so far. */
  arrived(bytes: number): void {
    this.#bytes = bytes;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #check(): void {
    const leftMs = this.#startedAt + allowedMs(this.#bytes) - performance.now();
    if (leftMs <= 0) return this.#onTooSlow();
    this.#timer = setTimeout(() => this.#check(), leftMs);
  }
}

/** Whether the declared length is at most MIN_BYTES. HTTP enforces that length, unless the body is in chunks. */
function isShort({ headers }: Request): boolean {
  const declared = headers.get("content-length");
  const isDeclared = declared !== null && !headers.has("transfer-encoding");
  return isDeclared && Number(declared) <= MIN_BYTES;
}

type End = Promise<ErrorCode>;

/** Reads a short body in one go, which is faster. It needs no more room than it already has. */
async function readWhole(request: Request, pace: Pace, end: End): Promise<Uint8Array> {
  // Partial progress is not visible here, so the body gets the time for its whole length at once.
  pace.arrived(Number(request.headers.get("content-length")));
  const result = await Promise.race([request.bytes(), end]);
  if (typeof result === "string") throw ended(result);
  return result;
}

interface Arrival {
  readonly place: ArrivingBody;
  readonly pace: Pace;
  readonly end: End;
}

async function readParts(
  request: Request,
  { maxBytes, tooLarge }: BodyReading,
  { place, pace, end }: Arrival,
): Promise<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const result = await Promise.race([reader.read(), end]);
    if (typeof result === "string") throw ended(result);
    if (result.done) return Buffer.concat(chunks);
    bytes += result.value.byteLength;
    if (bytes > maxBytes) {
      await discard(reader);
      throw withoutRest(tooLarge());
    }
    place.grow(bytes);
    pace.arrived(bytes);
    chunks.push(result.value);
  }
}

function ended(code: ErrorCode): AppError {
  return withoutRest(code === "overloaded" ? overloaded() : new AppError(code));
}

/**
 * How much of a refused body is still read, and for how long. If the connection were closed while the client is
 * sending, the client would lose the answer.
 */
const MAX_DISCARDED_BYTES = 8 * MB;
const DISCARD_TIMEOUT_MS = 1000;

type BodyReader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read">;

export async function discard(reader: BodyReader): Promise<void> {
  const { promise: deadline, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), DISCARD_TIMEOUT_MS);
  try {
    for (let bytes = 0; bytes <= MAX_DISCARDED_BYTES;) {
      const result = await Promise.race([reader.read(), deadline]);
      if (result === undefined || result.done) return;
      bytes += result.value.byteLength;
    }
  } catch {
    // The client has left or its framing is wrong. It was refused anyway.
  } finally {
    clearTimeout(timer);
  }
}
