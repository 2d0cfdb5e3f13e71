import { type Answer, INSIDE, SECRETS } from "../../support/answers.ts";
import { WIDGET_KEY } from "../../support/test-app.ts";
import type { Exchange } from "../exchange.ts";

/** All traceable values in requests begin with this text, in any case or encoding. */
export const CANARY = "canarysinging";
const CANARY_ANYWHERE = new RegExp(CANARY, "i");
/** Markup that a page would run. */
const UNESCAPED_CANARY = new RegExp(`<i>${CANARY}`, "i");

/** Things in an answer that must not be there. */
export function leakProblems({ sent, answer }: Exchange): string[] {
  const isRepeating = answer.status < 400 || isPage(answer);
  const text = `${headerText(answer.headers)}\n${answer.body}`;
  const secrets = isRepeating ? secretsNotSent(sent) : SECRETS;
  return [...echoProblems(answer), ...forbiddenIn(text, secrets)];
}

/** Problems of any error: it repeats the request's text, or shows the inside of the server. */
export function echoProblems(answer: Answer): string[] {
  const { status, headers, body } = answer;
  const problems: string[] = [];
  if (isPage(answer) && UNESCAPED_CANARY.test(body)) problems.push("has what was sent as markup");
  // A good answer may repeat the question, and a page shows a form as it was filled in.
  if (status < 400) return problems;
  const text = `${headerText(headers)}\n${isPage(answer) ? "" : body}`;
  if (CANARY_ANYWHERE.test(text)) problems.push("repeats a value");
  if (INSIDE.test(`${text}\n${body}`)) problems.push("shows the inside of the server");
  return problems;
}

export function isPage({ headers }: Answer): boolean {
  return headers.get("content-type")?.startsWith("text/html") === true;
}

function headerText(headers: Headers): string {
  let text = "";
  for (const [name, value] of headers) {
    if (name !== "access-control-allow-origin") text += `${name}: ${value}\n`;
  }
  return text;
}

/** A path or a query that holds a key comes back in the form that it was put in; nobody else sees it. */
function secretsNotSent({ path, query, headers, body }: Exchange["sent"]): string[] {
  // The setup page shows the widget key, which every visitor can read.
  const isShown = (secret: string) => secret === WIDGET_KEY && path.startsWith("/dashboard/setup");
  const sent = `${path}${query}${[...headers].join()}${body ? Buffer.from(body).toString() : ""}`;
  return SECRETS.filter((secret) => !sent.includes(secret) && !isShown(secret));
}

function forbiddenIn(text: string, values: readonly string[]): string[] {
  return values.filter((value) => text.includes(value)).map((value) => `shows the secret ${value}`);
}

/** Log fields that contain the request's text on purpose, by event. */
const SHOWN: Readonly<Record<string, string>> = { request: "path", "origin refused": "origin" };

/** Things in the log that must not be there. */
export function logProblems({ lines, tokens }: Pick<Exchange, "lines" | "tokens">): string[] {
  return lines.flatMap((line) => {
    const { event, ...fields }: Record<string, unknown> = JSON.parse(line);
    const shown = SHOWN[String(event)];
    const rest = JSON.stringify({ event, ...fields, ...(shown ? { [shown]: "" } : {}) });
    const problems = forbiddenIn(rest, [...SECRETS, ...tokens]).map((problem) => `log ${problem}`);
    if (CANARY_ANYWHERE.test(rest)) problems.push(`log has a value that was sent: ${rest}`);
    // An unexpected error is a fault of the server.
    if (/internal_error|"request failed"/.test(rest)) problems.push(`log reports a fault: ${rest}`);
    return problems;
  });
}
