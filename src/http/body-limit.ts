import { Elysia } from "elysia";

import { AppError } from "../errors.ts";
import { ArrivingBody, withoutRest } from "./arriving-body.ts";
import { contextOf } from "./request-context.ts";

/** The 2 MB of spec section 2. */
export const MAX_BODY_BYTES = 2 * 1024 * 1024;
/** A body that trickles in longer than this is refused; 2 MB in 20 s is a slow phone's uplink. */
const BODY_TIMEOUT_MS = 20_000;
/**
 * How much of a refused body is still taken, and for how long: a connection that is closed while the
 * client sends loses the answer on its way.
 */
const MAX_DISCARDED_BYTES = 8 * 1024 * 1024;
const DISCARD_TIMEOUT_MS = 1000;

/** Refuses a body that says itself that it is too large, before anything else reads it. */
export function bodyLimit() {
  return new Elysia({ name: "body-limit" }).onRequest(async ({ request }) => {
    const declaredBytes = Number(request.headers.get("content-length") ?? 0);
    if (declaredBytes <= MAX_BODY_BYTES) return;
    const reader = request.body?.getReader();
    if (reader) await discard(reader);
    throw withoutRest(new AppError("body_too_large"));
  });
}

/**
 * The parse hook: reads a body of at most 2 MB, with or without Content-Length. What the bytes mean
 * is decided after the key check, by decodeJsonBody.
 */
export async function readBody({ request }: { request: Request }): Promise<Uint8Array> {
  const place = new ArrivingBody(contextOf(request).client);
  try {
    return isShort(request) ? await readWhole(request, place) : await readParts(request, place);
  } finally {
    place.leave();
  }
}

async function readParts(request: Request, place: ArrivingBody): Promise<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  const outcome = await read(reader, MAX_BODY_BYTES, BODY_TIMEOUT_MS, (chunk, bytes) => {
    place.grow(bytes);
    chunks.push(chunk);
  });
  if (outcome === "whole") return Buffer.concat(chunks);
  if (outcome === "timeout") throw withoutRest(new AppError("request_timeout"));
  await discard(reader);
  throw withoutRest(new AppError("body_too_large"));
}

/** Read in one go, which is faster. What a longer one takes is counted as it comes, not as it is declared. */
const SHORT_BODY_BYTES = 64 * 1024;

/** HTTP holds to the length that is declared, unless the body comes in chunks. */
function isShort({ headers }: Request): boolean {
  const declared = headers.get("content-length");
  const isDeclared = declared !== null && !headers.has("transfer-encoding");
  return isDeclared && Number(declared) <= SHORT_BODY_BYTES;
}

async function readWhole(request: Request, place: ArrivingBody): Promise<Uint8Array> {
  place.grow(Number(request.headers.get("content-length")));
  const deadline = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => deadline.resolve(undefined), BODY_TIMEOUT_MS);
  try {
    const body = await Promise.race([request.bytes(), deadline.promise]);
    if (body === undefined) throw withoutRest(new AppError("request_timeout"));
    return body;
  } finally {
    clearTimeout(timer);
  }
}

type BodyReader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read">;

async function discard(reader: BodyReader): Promise<void> {
  try {
    await read(reader, MAX_DISCARDED_BYTES, DISCARD_TIMEOUT_MS, () => {});
  } catch {
    // The client has left, or broke its own framing: its answer, ready already, is a refusal all the same.
  }
}

/** Reads to the end of the body, to the limit or to the deadline, whichever comes first. */
async function read(
  reader: BodyReader,
  maxBytes: number,
  timeoutMs: number,
  take: (chunk: Uint8Array, bytesSoFar: number) => void,
): Promise<"whole" | "too_large" | "timeout"> {
  const deadline = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => deadline.resolve(undefined), timeoutMs);
  let bytes = 0;
  try {
    for (;;) {
      const result = await Promise.race([reader.read(), deadline.promise]);
      if (result === undefined) return "timeout";
      if (result.done) return "whole";
      bytes += result.value.byteLength;
      if (bytes > maxBytes) return "too_large";
      take(result.value, bytes);
    }
  } finally {
    clearTimeout(timer);
  }
}

const JSON_MEDIA_TYPE = /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The transform hook after the key check: bytes of a JSON body become its value. */
export function decodeJsonBody(context: { request: Request; body: unknown }): void {
  if (!(context.body instanceof Uint8Array)) return;
  if (context.body.byteLength === 0) {
    context.body = undefined;
    return;
  }
  if (!JSON_MEDIA_TYPE.test(context.request.headers.get("content-type") ?? "")) {
    throw new AppError("unsupported_media_type");
  }
  const value = parseJson(context.body);
  if (!isTame(value, { left: MAX_JSON_VALUES }, MAX_JSON_DEPTH)) {
    const message = "holds too many values, is nested too deeply, or has a property toString";
    const details = [{ path: "", message }];
    throw new AppError("invalid_request", { details });
  }
  context.body = value;
}

/**
 * What the endpoints take is flat and has a handful of values. Validators walk and print all of what
 * they refuse: 20,000 levels, or a million values, kept one busy for seconds. And they throw what is no
 * refusal at an object that cannot be printed, because a property hides its toString.
 */
const MAX_JSON_DEPTH = 8;
const MAX_JSON_VALUES = 64;

function isTame(value: unknown, values: { left: number }, levels: number): boolean {
  if (values.left-- === 0 || levels === 0) return false;
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) {
    return value.length <= values.left && value.every((item) => isTame(item, values, levels - 1));
  }
  for (const name in value) {
    if (name === "toString") return false;
    const inner: unknown = Reflect.get(value, name);
    if (!isTame(inner, values, levels - 1)) return false;
  }
  return true;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (cause) {
    throw new AppError("invalid_json", { cause });
  }
}
