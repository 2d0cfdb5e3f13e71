import { AppError } from "../errors.ts";

const FORM_MEDIA_TYPE = /^application\/x-www-form-urlencoded *(?:;|$)/i;
const utf8 = new TextDecoder();

/** The transform hook of the forms: the bytes that readBody took become the fields by name. */
export function decodeForm(context: { request: Request; body: unknown }): void {
  if (!(context.body instanceof Uint8Array)) return;
  if (context.body.byteLength === 0) {
    context.body = {};
    return;
  }
  if (!FORM_MEDIA_TYPE.test(context.request.headers.get("content-type") ?? "")) {
    throw new AppError("unsupported_media_type");
  }
  context.body = Object.fromEntries(new URLSearchParams(utf8.decode(context.body)));
}
