import { AppError } from "../errors.ts";
import { readBody, type RequestWithBody } from "./read-body.ts";

const JSON_MEDIA_TYPE = /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The transform hook after the key check. Reads the body and parses it as JSON. */
export async function readJsonBody(context: RequestWithBody): Promise<void> {
  await readBody(context);
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
 * Valid bodies are flat and have few values. A validator walks and prints everything that it refuses: 20,000
 * levels or a million values kept it busy for seconds. It also throws the wrong error at an object that cannot be
 * printed because a property hides its toString.
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
