import { expect } from "bun:test";

import { type ErrorCode, PUBLIC_ERRORS } from "../../src/errors.ts";
import { type Answer, expectNoLeak, readAnswer, REQUEST_ID, SECURITY_HEADERS } from "./answers.ts";
import { DASHBOARD_PASSWORD, type TestApp } from "./test-app.ts";

/** Requests of the owner's browser to the dashboard. */

export const PAGE_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

export const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": PAGE_CSP,
};

/** A form as a browser posts it. */
export function form(
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
) {
  return {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams(fields).toString(),
  };
}

/** A form with files as a browser posts it. The names of the files are their keys. */
export function filesForm(
  fields: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
) {
  const boundary = "boundary-of-the-test";
  const part = (disposition: string, text: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${text}\r\n`;
  const parts = [
    ...Object.entries(fields).map(([name, text]) => part(`name="${name}"`, text)),
    ...Object.entries(files).map(([name, text]) =>
      part(`name="files"; filename="${name}"\r\nContent-Type: application/octet-stream`, text),
    ),
  ];
  return {
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    text: `${parts.join("")}--${boundary}--\r\n`,
  };
}

export function tryLogin(app: Pick<TestApp, "fetch">, password = DASHBOARD_PASSWORD, headers = {}) {
  return app.fetch("/dashboard/login", form({ password }, headers));
}

/** The cookie of a new session, as the browser sends it back. */
export async function logIn(app: Pick<TestApp, "fetch">): Promise<string> {
  const response = await tryLogin(app);
  const [cookie = ""] = response.headers.get("set-cookie")?.split(";") ?? [];
  if (response.status !== 303 || cookie === "") throw new Error(`No login: ${response.status}`);
  return cookie;
}

/** A browser that is logged in. */
export async function openDashboard(app: Pick<TestApp, "fetch">) {
  const cookie = await logIn(app);
  const get = async (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    readAnswer(await app.fetch(path, { headers: { cookie, ...headers } }));
  const formToken = formTokenIn((await get("/dashboard")).body);
  return {
    cookie,
    formToken,
    get,
    async post(path: string, fields: Record<string, string> = { formToken }, headers = {}) {
      return readAnswer(await app.fetch(path, form(fields, { cookie, ...headers })));
    },
  };
}

export function formTokenIn(page: string): string {
  const [, token = ""] = /name="formToken" value="([^"]+)"/.exec(page) ?? [];
  if (token === "") throw new Error("The page has no form token.");
  return token;
}

/** Expects an error as a page for people: the status, the usual headers, and nothing of the server's inside. */
export function expectErrorPage(
  answer: Answer,
  code: ErrorCode,
  sent: readonly string[] = [],
): void {
  expect(answer.status).toBe(PUBLIC_ERRORS[code].status);
  const headers = Object.fromEntries(answer.headers);
  expect(headers).toMatchObject({ ...SECURITY_HEADERS, ...PAGE_HEADERS });
  expect(headers["x-request-id"]).toMatch(REQUEST_ID);
  expect(answer.body).toStartWith("<!doctype html>");
  expect(answer.body).toContain("<h1>");
  expectNoLeak(answer, sent);
}
