import { AppError, invalidRequest } from "../errors.ts";
import { BodyPool } from "../http/body-pool.ts";
import {
  bodiesWithKey,
  type BodyReading,
  MAX_BODY_BYTES,
  readBody,
  type RequestWithBody,
} from "../http/read-body.ts";

/**
 * Enough for a password of 1000 characters and a path, with each character encoded as nine bytes. In 2 MB,
 * somebody without a login could send half a million fields, and refusing them takes a third of a second.
 */
const MAX_FORM_BYTES = 16 * 1024;
/** Instructions may have 100,000 characters, and the owner has a login. */
const MAX_OWNERS_FORM_BYTES = 1024 * 1024;
const FILES_MEDIA_TYPE = /^multipart\/form-data *;/i;
const FORM_MEDIA_TYPE = /^application\/x-www-form-urlencoded *(?:;|$)/i;
const utf8 = new TextDecoder();

/** How a form of a logged-in owner is read. */
const OWNERS_FORM: BodyReading = {
  pool: bodiesWithKey,
  maxBytes: MAX_OWNERS_FORM_BYTES,
  tooLarge: () => invalidRequest("", "is larger than a form may be"),
};

/**
 * The login form is read before the sender is known, so it has memory of its own: 256 forms at once, ten from
 * one address. Whoever fills it takes no memory from requests that have a key.
 */
const LOGIN_FORM: BodyReading = {
  ...OWNERS_FORM,
  maxBytes: MAX_FORM_BYTES,
  pool: new BodyPool({ maxBytes: 256 * MAX_FORM_BYTES, maxBytesPerAddress: 10 * MAX_FORM_BYTES }),
};

/** A form with files. The limit of every body counts before it. */
const FILES_FORM: BodyReading = { ...OWNERS_FORM, maxBytes: MAX_BODY_BYTES };

/** The transform hook after the session is checked. */
export function readOwnersForm(context: RequestWithBody): Promise<void> {
  const type = context.request.headers.get("content-type") ?? "";
  return FILES_MEDIA_TYPE.test(type) ? readFiles(context, type) : readForm(context, OWNERS_FORM);
}

/** Replaces the body with the fields by name, and the files as a list. */
async function readFiles(context: RequestWithBody, type: string): Promise<void> {
  await readBody(context, FILES_FORM);
  if (!(context.body instanceof Uint8Array)) return;
  const { body } = context;
  const headers = { "content-type": type };
  const fields = await new Response(body.slice(), { headers }).formData().catch((cause) => {
    throw new AppError("invalid_request", { cause });
  });
  const texts = [...fields].filter(([, value]) => typeof value === "string");
  const files = [...fields].flatMap(([, value]) => (typeof value === "string" ? [] : [value]));
  context.body = { ...Object.fromEntries(texts), files };
}

/** The transform hook after the login is counted. */
export function readLoginForm(context: RequestWithBody): Promise<void> {
  return readForm(context, LOGIN_FORM);
}

/** Reads the form and replaces the body with the fields by name. */
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
