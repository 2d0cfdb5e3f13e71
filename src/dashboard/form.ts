import { AppError } from "../errors.ts";

/**
 * A password of 1000 characters and a path, each character as nine, fit. Of 2 MB an address that is
 * not logged in could make half a million fields, which take a third of a second to refuse.
 */
const MAX_FORM_BYTES = 16 * 1024;
const FORM_MEDIA_TYPE = /^application\/x-www-form-urlencoded *(?:;|$)/i;
const utf8 = new TextDecoder();

/** The transform hook of the forms: the bytes that readBody took become the fields by name. */
export function decodeForm(context: { request: Request; body: unknown }): void {
  if (!(context.body instanceof Uint8Array)) return;
  if (context.body.byteLength === 0) {
    context.body = {};
    return;
  }
  if (context.body.byteLength > MAX_FORM_BYTES) {
    throw new AppError("invalid_request", {
      details: [{ path: "", message: "is larger than a form is" }],
    });
  }
  if (!FORM_MEDIA_TYPE.test(context.request.headers.get("content-type") ?? "")) {
    throw new AppError("unsupported_media_type");
  }
  context.body = Object.fromEntries(new URLSearchParams(utf8.decode(context.body)));
}
