import { type Answer, REQUEST_ID } from "../../support/answers.ts";
import { errorProblems } from "./bodies.ts";
import { alwaysProblems } from "./headers.ts";
import { echoProblems, isPage } from "./leaks.ts";

/** What Bun answers to bytes that are no HTTP, before there is a request that the app could see. */
const BELOW_THE_APP = [400, 413, 414, 431, 505];

/** What anybody may have: health, an OpenAPI document, scripts and styles, the page to log in. */
const OPEN =
  /^(?:\{"status":"ok"\}|\{"openapi":"3\.1\.0"[^]*|<!doctype html>[^]*name="password"[^]*)?$/;

/** What is wrong with an answer of which nobody can say for sure what it answers: no key was sent. */
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
