import { AppError } from "../errors.ts";
import { BodyPool } from "../http/body-pool.ts";
import {
  bodiesWithKey,
  type BodyReading,
  readBody,
  type RequestWithBody,
} from "../http/read-body.ts";

/**
 * A password of 1000 characters and a path, each character as nine, fit. Of 2 MB an address that is
 * not logged in could make half a million fields, which take a third of a second to refuse.
 */
const MAX_FORM_BYTES = 16 * 1024;
const FORM_MEDIA_TYPE = /^application\/x-www-form-urlencoded *(?:;|$)/i;
const utf8 = new TextDecoder();

/** A form of an owner who is logged in. */
const OWNERS_FORM: BodyReading = {
  pool: bodiesWithKey,
  maxBytes: MAX_FORM_BYTES,
  tooLarge: () =>
    new AppError("invalid_request", {
      details: [{ path: "", message: "is larger than a form is" }],
    }),
};

/**
 * The form of the login is read before anybody is known, so it has room of its own: 256 at once, ten of an
 * address. Whoever fills it takes nothing from those who have a key.
 */
const LOGIN_FORM: BodyReading = {
  ...OWNERS_FORM,
  pool: new BodyPool({ maxBytes: 256 * MAX_FORM_BYTES, maxBytesPerAddress: 10 * MAX_FORM_BYTES }),
};

/** The transform hook after the session's check. */
export function readOwnersForm(context: RequestWithBody): Promise<void> {
  return readForm(context, OWNERS_FORM);
}

/** The transform hook after the login was counted. */
export function readLoginForm(context: RequestWithBody): Promise<void> {
  return readForm(context, LOGIN_FORM);
}

/** The form's fields by name take the place of its bytes. */
async function readForm(context: RequestWithBody, reading: BodyReading): Promise<void> {
  await readBody(context, reading);
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
