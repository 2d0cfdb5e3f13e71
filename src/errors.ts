/** A public error: its HTTP status and the sentence that people read. */
interface PublicError {
  readonly status: number;
  readonly message: string;
}

/** Every error a client of the API can ever see (contract section 2). The key is the `code`. */
export const API_ERRORS = {
  invalid_request: { status: 400, message: "The request does not have the expected shape." },
  invalid_json: { status: 400, message: "The request body is not valid JSON." },
  unauthorized: { status: 401, message: "An API key is required, and the one sent is not valid." },
  session_token_invalid: {
    status: 401,
    message: "This session needs its own session token, and the one sent is not valid.",
  },
  proof_required: {
    status: 401,
    message: "So many questions come that this one needs a proof of work. The answer says how.",
  },
  origin_not_allowed: { status: 403, message: "This website is not allowed to use this server." },
  ratings_off: { status: 403, message: "Answers are not rated here." },
  person_off: { status: 403, message: "No person can be reached here." },
  not_found: { status: 404, message: "There is nothing at this address." },
  method_not_allowed: { status: 405, message: "This address does not support that method." },
  request_timeout: { status: 408, message: "The request body took too long to arrive." },
  turn_in_progress: { status: 409, message: "This session already has an answer under way." },
  conversation_full: {
    status: 409,
    message: "This conversation is as long as it may be. Please begin a new one.",
  },
  visitor_unreachable: {
    status: 409,
    message:
      "This visitor's client uses a session id of its own, so no message of a person reaches it.",
  },
  knowledge_full: {
    status: 409,
    message: "The bot knows as much as can be searched. Please remove a source first.",
  },
  body_too_large: { status: 413, message: "The request body is larger than 2 MB." },
  unsupported_media_type: { status: 415, message: "The request body must be application/json." },
  idempotency_conflict: {
    status: 422,
    message: "This Idempotency-Key was already used with a different message.",
  },
  rate_limited: { status: 429, message: "Too many requests. Please wait before trying again." },
  share_reached: {
    status: 429,
    message:
      "You have had as many answers as one visitor can have in a day. Please come back tomorrow.",
  },
  internal_error: { status: 500, message: "Something went wrong on the server." },
  model_error: { status: 502, message: "The language model could not answer." },
  interrupted: { status: 502, message: "The answer was interrupted before it was complete." },
  not_set_up: {
    status: 503,
    message: "This chat is not set up yet: no language model answers here.",
  },
  model_off: { status: 503, message: "No questions are answered here at the moment." },
  budget_reached: {
    status: 503,
    message: "No more questions can be answered at the moment. Please try again later.",
  },
  model_busy: { status: 503, message: "The language model is busy. Please try again shortly." },
  admin_disabled: {
    status: 503,
    message: "The admin API is disabled: no ADMIN_API_KEY is configured on this server.",
  },
  overloaded: {
    status: 503,
    message: "The server has no room for this now. Please try again shortly.",
  },
  draining: { status: 503, message: "The server is restarting. Please try again shortly." },
  database_full: {
    status: 503,
    message: "The server takes no more questions: its database is full.",
  },
  store_unavailable: {
    status: 503,
    message: "The database does not answer. Please try again shortly.",
  },
  model_timeout: { status: 504, message: "The language model took too long to answer." },
} as const satisfies Record<string, PublicError>;

/** Errors that only the dashboard has. It shows every error as a page. */
const PAGE_ERRORS = {
  login_required: { status: 401, message: "Please log in." },
  form_refused: {
    status: 403,
    message: "This form is not valid any more. Go back, reload the page and send it again.",
  },
  cross_site: {
    status: 403,
    message: "Another website asked for this page, so nothing was done.",
  },
  dashboard_claimed: { status: 410, message: "This dashboard has an owner." },
  dashboard_unclaimed: { status: 503, message: "This dashboard has no owner yet." },
  too_many_viewers: { status: 503, message: "Too many pages of the dashboard are open at once." },
} as const satisfies Record<string, PublicError>;

/** Every public error, in one table. */
export const PUBLIC_ERRORS = { ...API_ERRORS, ...PAGE_ERRORS };

export type ErrorCode = keyof typeof PUBLIC_ERRORS;

/** One fault of a request. `path` is a JSON pointer into the body, query or headers. */
export interface ErrorDetail {
  readonly path: string;
  readonly message: string;
}

interface AppErrorOptions {
  readonly details?: readonly ErrorDetail[];
  readonly headers?: Readonly<Record<string, string>>;
  /** What people read in place of the table's sentence. */
  readonly sentence?: string | undefined;
  /** More members of the JSON body. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/**
 * The only error that routes, plugins and services throw on purpose. Clients see all of it except the
 * cause, so it must never contain a value that a client sent.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: readonly ErrorDetail[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(options.sentence ?? PUBLIC_ERRORS[code].message, { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.status = PUBLIC_ERRORS[code].status;
    this.details = options.details;
    this.headers = options.headers ?? {};
    const { sentence, body } = options;
    // Said twice: a client that has sentences of its own shows the owner's, and not the table's.
    this.body = sentence === undefined ? { ...body } : { sentence, ...body };
  }
}

/**
 * When a client may try again after the server had no room for it. A refusal takes 65 µs, so 4000 clients
 * that try every two seconds take an eighth of a processor from the answers under way.
 */
const OVERLOADED_RETRY_SECONDS = 2;

/** The server has no room for this request now. */
export function overloaded(): AppError {
  return new AppError("overloaded", {
    headers: { "retry-after": String(OVERLOADED_RETRY_SECONDS) },
  });
}

/** A database that restarts or fails over is back after seconds, and the request has already waited for some. */
const STORE_RETRY_SECONDS = 2;

/** The database does not answer now. */
export function storeUnavailable(cause: unknown): AppError {
  const headers = { "retry-after": String(STORE_RETRY_SECONDS) };
  return new AppError("store_unavailable", { cause, headers });
}

/** The client has reached a limit and may try again after `waitSeconds`. */
export function rateLimited(waitSeconds: number): AppError {
  return new AppError("rate_limited", { headers: { "retry-after": String(waitSeconds) } });
}

/** One thing is wrong with a request. */
export function invalidRequest(path: string, message: string): AppError {
  return new AppError("invalid_request", { details: [{ path, message }] });
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(PUBLIC_ERRORS, code);
}
