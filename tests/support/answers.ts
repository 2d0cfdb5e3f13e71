import { expect } from "bun:test";

import { type ErrorCode, PUBLIC_ERRORS } from "../../src/errors.ts";
import {
  ADMIN_KEY,
  DASHBOARD_PASSWORD,
  METRICS_KEY,
  OTHER_ADMIN_KEY,
  OTHER_METRICS_KEY,
  OTHER_WIDGET_KEY,
  SESSION_SECRET,
  WIDGET_KEY,
} from "./test-app.ts";

/** Headers that contract section 3 requires of every answer. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
  "content-security-policy":
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

export const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Secrets that no answer may contain. */
export const SECRETS = [
  WIDGET_KEY,
  OTHER_WIDGET_KEY,
  ADMIN_KEY,
  OTHER_ADMIN_KEY,
  METRICS_KEY,
  OTHER_METRICS_KEY,
  DASHBOARD_PASSWORD,
  SESSION_SECRET,
  "sk-upstream",
];

/** A stack trace, or a path of our own, of a dependency or of the runtime. */
export const INSIDE = /\n\s+at |\.(?:ts|mjs|js):\d|node_modules|\/src\/|\$bunfs|file:\/\//;

/** The parts of an answer that a client can see. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export async function readAnswer(response: Response): Promise<Answer> {
  const { status, headers } = response;
  return { status, headers, body: await response.text() };
}

/** Expects no configured secret except those shown on purpose, nothing of the server's inside, and none of the values. */
export function expectNoLeak(
  { headers, body }: Answer,
  sent: readonly string[] = [],
  shown: readonly string[] = [],
): void {
  const seen = `${JSON.stringify([...headers])}\n${body}`;
  const hidden = [...SECRETS, ...sent].filter((value) => !shown.includes(value));
  expect(hidden.filter((value) => seen.includes(value))).toEqual([]);
  expect(seen).not.toMatch(INSIDE);
}

/** Expects the error shape of contract section 2, and the headers that every error must have. */
export function expectError(answer: Answer, code: ErrorCode, sent: readonly string[] = []): void {
  const requestId = answer.headers.get("x-request-id");
  const { message, status } = PUBLIC_ERRORS[code];
  const { details, ...shape }: Record<string, unknown> = JSON.parse(answer.body);
  expect(answer.status).toBe(status);
  expect(shape).toEqual({ error: message, code, requestId });
  expect(requestId).toMatch(REQUEST_ID);
  if (details !== undefined) expectDetails(details);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(Object.fromEntries(answer.headers)).toMatchObject(SECURITY_HEADERS);
  expectNoLeak(answer, sent);
}

function expectDetails(details: unknown): void {
  const detail = { path: expect.stringMatching(/^(\/[\w-]+)*$/), message: expect.any(String) };
  if (!Array.isArray(details) || details.length === 0) throw new Error("details must not be empty");
  expect(details).toEqual(details.map(() => detail));
}
