import { Elysia } from "elysia";

import { AppError } from "../errors.ts";
import { withoutRest } from "./body-pool.ts";
import { discard, MAX_BODY_BYTES } from "./read-body.ts";

/** Refuses a body whose Content-Length is too large, before anything reads it. */
export function bodyLimit() {
  return new Elysia({ name: "body-limit" }).onRequest(async ({ request }) => {
    const declaredBytes = Number(request.headers.get("content-length") ?? 0);
    if (declaredBytes <= MAX_BODY_BYTES) return;
    const reader = request.body?.getReader();
    if (reader) await discard(reader);
    throw withoutRest(new AppError("body_too_large"));
  });
}
