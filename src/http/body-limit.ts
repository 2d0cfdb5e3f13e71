import { Elysia } from "elysia";

import { AppError } from "../errors.ts";

/** The 2 MB of spec section 2. */
export const MAX_BODY_BYTES = 2 * 1024 * 1024;
/** A body that trickles in longer than this is refused; 2 MB in 20 s is a slow phone's uplink. */
const BODY_TIMEOUT_MS = 20_000;

/** Refuses a body that says itself that it is too large, before anything reads it. */
export function bodyLimit() {
  return new Elysia({ name: "body-limit" }).onRequest(({ request }) => {
    const declaredBytes = Number(request.headers.get("content-length") ?? 0);
    if (declaredBytes > MAX_BODY_BYTES) throw bodyRefused("body_too_large");
  });
}

/**
 * The parse hook: reads a body of at most 2 MB, with or without Content-Length. What the bytes mean
 * is decided after the key check, by decodeJsonBody.
 */
export async function readBody({ request }: { request: Request }): Promise<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let hasTimedOut = false;
  const timer = setTimeout(() => {
    hasTimedOut = true;
    void reader.cancel();
  }, BODY_TIMEOUT_MS);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (hasTimedOut) throw bodyRefused("request_timeout");
      if (done) return Buffer.concat(chunks, bytes);
      bytes += value.byteLength;
      if (bytes > MAX_BODY_BYTES) throw bodyRefused("body_too_large");
      chunks.push(value);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Nothing more of this body will be read, so the connection cannot carry another request. */
function bodyRefused(code: "body_too_large" | "request_timeout"): AppError {
  return new AppError(code, { headers: { connection: "close" } });
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
  context.body = parseJson(context.body);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (cause) {
    throw new AppError("invalid_json", { cause });
  }
}
