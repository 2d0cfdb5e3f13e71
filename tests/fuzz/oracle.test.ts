import { beforeAll, describe, expect, test } from "bun:test";

import type { Answer } from "../support/answers.ts";
import { ADMIN_KEY } from "../support/test-app.ts";
import type { Exchange } from "./exchange.ts";
import type { Contract } from "./oracle/contract.ts";
import { CANARY } from "./oracle/leaks.ts";
import { judge } from "./oracle/oracle.ts";
import { wireProblems } from "./oracle/wire.ts";
import type { Recipe } from "./requests/recipe.ts";
import { World } from "./world.ts";

/** An oracle that accepted everything would find nothing, so each test here plants a fault that it has to find. */

const QUESTION: Recipe = {
  method: "POST",
  path: "/v1/chat/stream",
  query: "",
  headers: [
    ["content-type", "application/json"],
    ["x-api-key", "{{widgetKey}}"],
    ["origin", "https://www.example.com"],
  ],
  body: { text: '{"sessionId":"visitor-1","message":"question {{canary}}"}', encoding: "utf8" },
};
const REFUSED: Recipe = { ...QUESTION, headers: QUESTION.headers.slice(0, 1) };

let contract: Contract;
let good: Exchange;
let refused: Exchange;

beforeAll(async () => {
  const world = await World.create({ maxRequests: 100 });
  contract = world.contract;
  good = await world.send(QUESTION);
  refused = await world.send(REFUSED);
  await world.close();
});

function answerOf({ answer }: Exchange, change: Partial<Answer>): Answer {
  return { ...answer, ...change };
}

function withHeader({ answer }: Exchange, name: string, value: string | undefined): Answer {
  const headers = new Headers(answer.headers);
  if (value === undefined) headers.delete(name);
  else headers.set(name, value);
  return { ...answer, headers };
}

function errorBody(change: object): string {
  return JSON.stringify({ ...JSON.parse(refused.answer.body), ...change });
}

test("the oracle accepts what the server answers", () => {
  expect([good.answer.status, refused.answer.status]).toEqual([200, 401]);
  expect(judge(good, contract)).toEqual([]);
  expect(judge(refused, contract)).toEqual([]);
});

describe("the oracle finds", () => {
  const PLANTED: readonly [string, () => Exchange][] = [
    ["a status that is not documented", () => plant(good, { status: 418 })],
    ["a fault of the server", () => plant(refused, { status: 500 })],
    ["a good answer without a key", () => ({ ...good, sent: refused.sent })],
    ["a good answer for another site", () => ({ ...good, sent: from("https://evil.test") })],
    ["a header that is missing", () => replace(good, "x-frame-options", undefined)],
    ["a header that is not known", () => replace(good, "server", "Bun")],
    [
      "an answer that may be stored by caches",
      () => replace(refused, "cache-control", "max-age=60"),
    ],
    ["a malformed request id", () => replace(good, "x-request-id", "1")],
    [
      "a CORS header that allows every site",
      () => replace(good, "access-control-allow-origin", "*"),
    ],
    ["an error of another shape", () => plant(refused, { body: errorBody({ stack: "at x" }) })],
    ["an unknown code", () => plant(refused, { body: errorBody({ code: "oops" }) })],
    ["another code's status", () => plant(refused, { body: errorBody({ code: "not_found" }) })],
    ["an error in plain text", () => plant(refused, { body: "Unauthorized" })],
    [
      "the request's text in an error",
      () => plant(refused, { body: errorBody({ error: `${CANARY}2` }) }),
    ],
    ["the request's text in a header", () => replace(refused, "allow", `${CANARY.toUpperCase()}2`)],
    ["a secret", () => plant(good, { body: `${good.answer.body}: ${ADMIN_KEY}\n\n` })],
    [
      "the request's text in the log",
      () => ({ ...good, lines: [`{"event":"x","message":"${CANARY}1"}`] }),
    ],
    ["a token in the log", () => ({ ...good, tokens: ["tokn"], lines: ['{"event":"tokn"}'] })],
    ["a fault in the log", () => ({ ...good, lines: ['{"event":"request failed"}'] })],
    ["a write for a refused question", () => ({ ...refused, writes: ["beginTurn"] })],
    ["a rating that nobody asked for", () => ({ ...good, writes: ["rateAnswer"] })],
    ["a takeover that nobody asked for", () => ({ ...good, writes: ["takeOver"] })],
    [
      "an owner's message that he has not written",
      () => ({ ...good, writes: ["addOwnerMessage"] }),
    ],
    ["an erasure that nobody asked for", () => ({ ...good, writes: ["deleteConversation"] })],
    ["a deletion that nobody asked for", () => ({ ...good, writes: ["hideConversation"] })],
    [
      "a stream without an end",
      () => plant(good, { body: cutAt(good.answer.body, "event: done") }),
    ],
    [
      "a stream with a gap",
      () => plant(good, { body: good.answer.body.replace("id: 2", "id: 3") }),
    ],
    ["a token that is not in the message", () => plant(good, { body: withWord(good.answer.body) })],
  ];

  test.each(PLANTED)("%s", (_name, make) => {
    expect(judge(make(), contract)).not.toEqual([]);
  });
});

describe("over a socket, the oracle finds", () => {
  test.each<[string, () => Answer]>([
    ["a good answer without a key", () => good.answer],
    ["a missing header", () => withHeader(refused, "referrer-policy", undefined)],
    ["an answer without a request id", () => withHeader(refused, "x-request-id", undefined)],
    ["a fault of the server", () => answerOf(refused, { status: 500 })],
    [
      "the request's text in an error",
      () => answerOf(refused, { body: errorBody({ error: `${CANARY}2` }) }),
    ],
  ])("%s", (_name, make) => {
    expect(wireProblems(refused.answer)).toEqual([]);
    expect(wireProblems(make())).not.toEqual([]);
  });
});

function plant(exchange: Exchange, change: Partial<Answer>): Exchange {
  return { ...exchange, answer: answerOf(exchange, change) };
}

function replace(exchange: Exchange, name: string, value: string | undefined): Exchange {
  return { ...exchange, answer: withHeader(exchange, name, value) };
}

function from(origin: string): Exchange["sent"] {
  const headers = new Headers(good.sent.headers);
  headers.set("origin", origin);
  return { ...good.sent, headers };
}

function cutAt(text: string, part: string): string {
  return text.slice(0, text.lastIndexOf("\n\n", text.indexOf(part)) + 2);
}

function withWord(body: string): string {
  return body.replace('"token":"You said:', '"token":"You never said:');
}
