import { parseNdjson, parseSse } from "../../../harness/streams.ts";
import { API_ERRORS, isErrorCode, PUBLIC_ERRORS } from "../../../src/errors.ts";
import type { Answer } from "../../support/answers.ts";
import { isObject, problemsOf } from "../../support/json-schema.ts";
import type { Exchange, Sent } from "../exchange.ts";
import { type Contract, isDashboard, responsesOf, routeFor } from "./contract.ts";

const ASKING = /^\/(?:v1\/)?chat(?:\/stream)?\/?$/;
const TURN = /^\/v1\/chat\/stream\/[^/]+\/?$/;

/** Problems of an answer's body, given its status. */
export function bodyProblems(exchange: Exchange, contract: Contract): string[] {
  const { sent, answer } = exchange;
  // In process the errors of a HEAD have their bodies; the socket leaves them out.
  const isEmpty = sent.method === "HEAD" && answer.body === "";
  if (answer.status >= 400 && !isEmpty) return errorProblems(answer, isDashboard(sent.path));
  if (sent.method === "HEAD" || [204, 303, 304].includes(answer.status)) {
    return answer.body === "" ? [] : ["has a body"];
  }
  return [...questionProblems(exchange), ...goodProblems(exchange, contract)];
}

/** Problems of an error: it has the shape of contract section 2, or is a page in the dashboard. */
export function errorProblems(answer: Answer, isForPeople: boolean): string[] {
  const { status, headers, body } = answer;
  const type = headers.get("content-type");
  if (isForPeople) {
    const isPage = type === "text/html; charset=utf-8" && body.startsWith("<!doctype html>");
    return isPage ? [] : [`is an error without a page: ${type}`];
  }
  const problems: string[] = [];
  if (type !== "application/json") problems.push(`is an error of type ${type}`);
  const value = parse(body);
  if (!isObject(value)) return [...problems, `is no JSON object: ${body}`];
  const { error, code, requestId, details, ...others } = value;
  const names = Object.keys(others);
  if (names.length > 0) problems.push(`has more than the shape: ${names.join()}`);
  const known = typeof code === "string" && isErrorCode(code) ? PUBLIC_ERRORS[code] : undefined;
  if (known === undefined || !Object.hasOwn(API_ERRORS, String(code))) {
    problems.push(`has the unknown code ${String(code)}`);
  } else if (known.status !== status || known.message !== error) {
    problems.push(`has the code ${String(code)} with ${status} ${String(error)}`);
  }
  if (requestId !== headers.get("x-request-id")) problems.push("has another request id");
  if (details !== undefined && !areDetails(details)) problems.push(`has odd details: ${body}`);
  if (status === 429 && headers.get("retry-after") === null) problems.push("says not when");
  if (status === 405 && headers.get("allow") === null) problems.push("says not what is allowed");
  return problems;
}

function areDetails(details: unknown): boolean {
  return (
    Array.isArray(details) &&
    details.length > 0 &&
    details.every(
      (detail) =>
        isObject(detail) &&
        Object.keys(detail).sort().join() === "message,path" &&
        /^(?:\/[\w-]+)*$/.test(String(detail.path)) &&
        typeof detail.message === "string",
    )
  );
}

/** Only a complete question may be answered. */
function questionProblems({ sent, answer }: Exchange): string[] {
  if (sent.method !== "POST" || !ASKING.test(sent.path) || answer.status !== 200) return [];
  return isQuestion(sent) ? [] : ["is an answer to what is no question"];
}

function isQuestion({ headers, body }: Sent): boolean {
  const mediaType = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (!/^application\/(?:.+\+)?json$/.test(mediaType)) return false;
  const value = parse(new TextDecoder("utf-8", { fatal: false }).decode(body));
  if (!isObject(value) || Object.keys(value).sort().join() !== "message,sessionId") return false;
  const { sessionId, message } = value;
  if (typeof sessionId !== "string" || typeof message !== "string") return false;
  const length = Array.from(message).length;
  return (
    /^[A-Za-z0-9._:-]+$/.test(sessionId) &&
    sessionId.length <= 128 &&
    length <= 4000 &&
    message.trim() !== "" &&
    message.isWellFormed() &&
    !message.includes("\0")
  );
}

/** A good answer has the type that it declares, and fits the document's schema. */
function goodProblems({ sent, answer }: Exchange, contract: Contract): string[] {
  const type = answer.headers.get("content-type") ?? "";
  const { path, method } = sent;
  const isTurn = ASKING.test(path) || TURN.test(path);
  try {
    if (isTurn && type.startsWith("text/event-stream")) {
      return turnProblems(sent, sseEvents(answer.body));
    }
    if (isTurn && type.startsWith("application/x-ndjson")) {
      return turnProblems(sent, parseNdjson(answer.body));
    }
    if (type.startsWith("application/x-ndjson")) parseNdjson(answer.body);
    if (!type.startsWith("application/json")) return [];
    const value: unknown = JSON.parse(answer.body);
    const route = routeFor(contract, method, path);
    const response = route && responsesOf(contract, route)?.[String(answer.status)];
    const content = isObject(response) ? response.content : undefined;
    const json = isObject(content) ? content["application/json"] : undefined;
    return isObject(json) ? problemsOf(value, json.schema, contract.document) : [];
  } catch (error) {
    return [`is not what its type says: ${String(error)}`];
  }
}

type Event = ReturnType<typeof parseNdjson>[number];

/** The events of an SSE body, whose numbers must be consecutive and whose names must be their types. */
function sseEvents(body: string): Event[] {
  const messages = parseSse(body);
  const first = Number(messages[0]?.id);
  for (const [index, { id, event, data }] of messages.entries()) {
    if (Number(id) !== first + index || event !== data.type) throw new Error(`${id} ${event}`);
  }
  return messages.map(({ data }) => data);
}

/** Who names the last event as the last one that he has. */
const HAS_ALL = "999999999";

/** A stream ends with its one final event; when it begins with the turn, its tokens add up to the message. */
function turnProblems(sent: Exchange["sent"], events: readonly Event[]): string[] {
  if (events.length === 0 && sent.headers.get("last-event-id") === HAS_ALL) return [];
  const last = events.at(-1);
  const finals = events.filter(({ type }) => type === "done" || type === "error");
  const isEnded = finals.length === 1 && (last?.type === "done" || last?.type === "error");
  if (!isEnded) return ["is a stream without one end"];
  if (events[0]?.type !== "start" || last.type !== "done") return [];
  const text = events.map((event) => (event.type === "token" ? event.token : "")).join("");
  const stored = text.trim().toWellFormed().replaceAll("\0", "\u{fffd}");
  return last.message === stored ? [] : ["has another message than its tokens"];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Callers look only for properties of JSON.
    return undefined;
  }
}
