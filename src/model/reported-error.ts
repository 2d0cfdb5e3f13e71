import { isName, SEE_SERVER } from "./endings.ts";
import { type Json, object } from "./json.ts";
import { ModelError } from "./model.ts";
import { readRefusal, type Refusal } from "./refusal.ts";

/** A quick test whether the chunk may report an error, which saves most chunks the closer one. */
function mayReport(text: string): boolean {
  return text.includes("err") || text.includes("base_resp");
}

/**
 * The error that a server reports inside its answer, or instead of one, with a successful status. Each
 * server has its own form. Data in none of these forms are not an error.
 *
 * @param text the JSON that the data were read from
 */
export function reportedError(data: Json, text: string): ReportedError | undefined {
  const choice = Array.isArray(data.choices) ? object(data.choices[0]) : undefined;
  const isChunk = choice !== undefined || object(data.usage) !== undefined;
  if (isChunk && !mayReport(text)) return undefined;
  const parts = [
    data,
    choice,
    object(choice?.delta),
    object(choice?.message),
    object(data.x_groq),
    // An event of the Responses API, which gateways let through.
    object(data.response),
  ];
  const isReported =
    parts.some(hasError) ||
    isFailureCode(object(data.base_resp)?.status_code) ||
    (choice === undefined && isBareError(data));
  if (!isReported) return undefined;
  const about = object(data.error) ?? object(choice?.error) ?? data;
  const kind = errorKind(object(about.error) ?? about);
  const says = `the model's server reported an error in its answer${kind}`;
  return new ReportedError(says, readRefusal(statusOf(about), data));
}

/** An error with a successful status. Its refusal is private, because it may quote a visitor. */
export class ReportedError extends ModelError {
  readonly #refusal: Refusal;

  constructor(says: string, refusal: Refusal) {
    super("model_error", says, undefined, {
      says,
      mend: SEE_SERVER,
      sentence: refusal.sentence,
      isFree: true,
    });
    this.#refusal = refusal;
  }

  refusal(): Refusal {
    return this.#refusal;
  }
}

/** Some servers put the status that they should have sent into the body. */
function statusOf({ code, status }: Json): number {
  const said = [code, status].map(Number).find((each) => each >= 400 && each < 600);
  return said ?? 400;
}

function hasError(part: Json | undefined): boolean {
  if (part === undefined) return false;
  const { error, errors } = part;
  if (saysSomething(error) || saysSomething(errors)) return true;
  if (part.object === "error" || ERROR_TYPE.test(String(part.type))) return true;
  return ERROR_CODES.some((name) => isFailureCode(part[name]));
}

/** `error`, and `response.failed` of the Responses API. */
const ERROR_TYPE = /^(?:\w+\.)?(?:error|failed)$/;

/** Some servers send an empty error field with every chunk. */
function saysSomething(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return error === true || isFailureCode(error);
  return Object.values(error).some((value) =>
    typeof value === "object" ? value !== null : isFailureCode(value),
  );
}

const ERROR_CODES =
  "error_code errorCode err_code errcode error_msg errorMsg error_message errorMessage errmsg errMsg".split(
    " ",
  );

/** For an object without an answer: here, words that could also be part of a chunk mean an error. */
function isBareError(data: Json): boolean {
  const { detail, message, msg, success, status, code } = data;
  if (isText(detail) || (Array.isArray(detail) && detail.length > 0)) return true;
  if (isText(message) || isText(msg)) return true;
  if (success === false || isFailureCode(code)) return true;
  if (Object.keys(data).some((name) => ERROR_NAME.test(name) && data[name] !== null)) return true;
  return typeof status === "number" ? status >= 400 : /^(?:error|fail)/i.test(String(status));
}

/** Names of fields that only errors have: `error`, `internalServerException`. */
const ERROR_NAME = /^error$|exception$/i;

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

const GOOD_CODES = new Set(["", "0", "200", "ok", "success", "null", "none"]);

function isFailureCode(code: unknown): boolean {
  if (typeof code !== "number" && typeof code !== "string") return false;
  return !GOOD_CODES.has(String(code).toLowerCase());
}

/**
 * The type and code of an error, for the log. Only values that look like names are included, because a
 * server can put a visitor's words into any field.
 */
export function errorKind(
  error:
    { readonly type?: unknown; readonly code?: unknown; readonly error_code?: unknown } | undefined,
): string {
  const names = [error?.type, error?.code, error?.error_code].map(asName).filter(isName);
  return names.length === 0 ? "" : ` (${names.join(" ")})`;
}

/** Some codes are numbers. A longer number could be anything, such as a telephone number. */
function asName(value: unknown): unknown {
  const isCode =
    typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 1_000_000;
  return isCode ? String(Math.abs(value)) : value;
}
