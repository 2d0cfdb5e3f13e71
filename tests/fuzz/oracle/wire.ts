import { type Answer, REQUEST_ID } from "../../support/answers.ts";
import { errorProblems } from "./bodies.ts";
import { alwaysProblems } from "./headers.ts";
import { echoProblems, isPage } from "./leaks.ts";

/** Bun's answers to bytes that are not HTTP, which the app never sees. */
const BELOW_THE_APP = [400, 413, 414, 431, 505];

/** Paths that need no key: health, the OpenAPI document, scripts and styles, the login page. */
const OPEN =
  /^(?:\{"status":"ok"\}|\{"openapi":"3\.1\.0"[^]*|<!doctype html>[^]*name="password"[^]*)?$/;

/** Problems of an answer whose request is unknown. No request on the connection had a key. */
export function wireProblems(answer: Answer): string[] {
  const { status, headers, body } = answer;
  if (!headers.has("x-request-id")) {
    const isRefusal = BELOW_THE_APP.includes(status) && body === "" && !headers.has("server");
    return isRefusal ? [] : [`is ${status} from below the app: ${body}`];
  }
  const problems = [...alwaysProblems(headers), ...echoProblems(answer)];
  if (!REQUEST_ID.test(headers.get("x-request-id") ?? "")) problems.push("has an odd request id");
  if (status >= 500) problems.push(`is ${status}`);
  if (status >= 400) return [...problems, ...errorProblems(answer, isPage(answer))];
  const isScript = headers.get("content-type")?.startsWith("text/javascript") === true;
  if (!isScript && !OPEN.test(body)) problems.push(`lets somebody in: ${body}`);
  return problems;
}
