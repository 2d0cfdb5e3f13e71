import { afterEach, describe, expect, test } from "bun:test";

import {
  completion,
  event,
  finishChunk,
  type ModelServer,
  startModelServer,
  tokenChunk,
} from "../../harness/model-server.ts";
import { followBody, parseSse } from "../../harness/streams.ts";
import type { ChatEvent } from "../../src/conversation/events.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

/** How the end of an answer, as a model server reports it, is shown, stored, logged and counted. */

const DONE = "data: [DONE]\n\n";
const HALF = "The price is";

let server: ModelServer;
let app: TestApp;

function start(options: Parameters<typeof createTestApp>[0] = {}) {
  server = startModelServer();
  app = createTestApp({ modelUrl: server.url, ...options });
}

afterEach(async () => {
  await app.close();
  await server.stop();
});

/** Answers a streamed question with these bytes, and ends the body. */
function say(...parts: readonly string[]): void {
  server.script = (call) => {
    for (const part of parts) call.raw(part);
    call.end();
  };
}

function askStreamed(sessionId = "visitor-1"): Promise<Response> {
  const init = chatRequest({ sessionId, message: "What does it cost?" });
  return app.fetch("/v1/chat/stream", init);
}

interface Outcome {
  readonly tokens: string;
  readonly last: ChatEvent | undefined;
  readonly stored: { content: string; status: string; finishReason?: string | undefined };
}

async function outcome(response?: Promise<Response>): Promise<Outcome> {
  const events = parseSse(await (await (response ?? askStreamed())).text()).map(({ data }) => data);
  const conversation = await app.store.findConversationBySession("visitor-1");
  const messages = conversation ? await app.store.listMessages(conversation.id) : [];
  const stored = messages.at(-1);
  if (stored === undefined) throw new Error("Nothing was stored.");
  return {
    tokens: events.map((each) => (each.type === "token" ? each.token : "")).join(""),
    last: events.at(-1),
    stored,
  };
}

function chunk(choice: object, rest: object = {}): string {
  return event({ choices: [{ index: 0, delta: {}, finish_reason: null, ...choice }], ...rest });
}

const UPSTREAM_WORDS = "my name is Ada Lovelace";

/** What servers send when they give up in the middle. Each follows the beginning of an answer. */
const BREAKS: Readonly<Record<string, string>> = {
  "an error_code beside a text": `data: {"text":"NETWORK ERROR","error_code":50002}\n\n`,
  "the finish reason error": finishChunk("error"),
  "the finish reason network_error": finishChunk("network_error"),
  "the finish reason insufficient_system_resource": finishChunk("insufficient_system_resource"),
  "the finish reason abort": finishChunk("abort"),
  "the finish reason ERROR": finishChunk("ERROR"),
  "the finish reason cancelled": finishChunk("cancelled"),
  "the finish reason MALFORMED_FUNCTION_CALL": finishChunk("MALFORMED_FUNCTION_CALL"),
  "a finish reason that is not known": finishChunk("out_of_cheese"),
  "a finish reason that is a sentence": finishChunk(UPSTREAM_WORDS),
  "a finish reason that is a number": chunk({ finish_reason: 7 }),
  "an error behind stop": chunk({ finish_reason: "stop", native_finish_reason: "network_error" }),
  "an error object inside the choice": chunk({
    finish_reason: "error",
    error: { code: 502, message: UPSTREAM_WORDS },
  }),
  "an error object inside a choice that says stop": chunk({
    finish_reason: "stop",
    error: { code: 502, message: UPSTREAM_WORDS },
  }),
  "an error object inside the delta": chunk({ delta: { error: { message: UPSTREAM_WORDS } } }),
  "an error beside choices": chunk({ finish_reason: "stop" }, { error: UPSTREAM_WORDS }),
  "an error as a string": event({ error: UPSTREAM_WORDS }),
  "an error as an object": event({ error: { message: UPSTREAM_WORDS, type: "server_error" } }),
  "an error as true": event({ error: true }),
  "an event named error": `event: error\ndata: {"message":"${UPSTREAM_WORDS}","choices":[]}\n\n`,
  "an event named error with a text": `event: error\ndata: ${UPSTREAM_WORDS}\n\n`,
  "an event named error without data": "event: error\n\n",
  "an object of the kind error": event({ object: "error", message: UPSTREAM_WORDS, code: 50000 }),
  "an object of the type error": event({ type: "error", text: UPSTREAM_WORDS }),
  "a failure of the Responses API": event({
    type: "response.failed",
    response: { status: "failed", error: { code: "server_error", message: UPSTREAM_WORDS } },
  }),
  "an error inside a response": event({ response: { error: { message: UPSTREAM_WORDS } } }),
  "a detail": event({ detail: UPSTREAM_WORDS }),
  "a detail of several": event({ detail: [{ loc: ["body"], msg: UPSTREAM_WORDS }] }),
  "a message and a code": event({ message: UPSTREAM_WORDS, code: "InternalError" }),
  "a failed status": event({ status: "failed", id: "1" }),
  "a status of HTTP": event({ status: 503, title: "Service Unavailable" }),
  "a code and empty choices": event({ code: 10013, choices: [] }),
  "no success": event({ success: false }),
  "a base_resp that is not 0": chunk(
    { finish_reason: "stop" },
    { base_resp: { status_code: 1004, status_msg: UPSTREAM_WORDS } },
  ),
  "an error of Groq's": chunk({ finish_reason: "stop" }, { x_groq: { error: UPSTREAM_WORDS } }),
  "an exception of Bedrock's": event({ internalServerException: { message: UPSTREAM_WORDS } }),
  "an error without a word": event({ error: {} }),
  "an error_message beside a choice": chunk({}, { errorMessage: UPSTREAM_WORDS }),
  "a field error of the event, as llama.cpp writes it": `error: {"code":500,"message":"${UPSTREAM_WORDS}"}\n\n`,
  "a list of errors": event({ errors: [{ message: UPSTREAM_WORDS }] }),
  "a text that is no JSON": "data: upstream error\n\n",
  "an error as a bare line": `{"error":{"message":"${UPSTREAM_WORDS}"}}\n\n`,
};

describe("an answer is an error, and its beginning is kept as interrupted, when it breaks off at", () => {
  for (const [name, broken] of Object.entries(BREAKS)) {
    for (const [ending, rest] of [
      ["[DONE]", DONE],
      ["stop and [DONE]", finishChunk("stop") + DONE],
      ["the end of the body", ""],
    ] as const) {
      // A known finish reason replaces an earlier unknown one.
      if (name.includes("a finish reason that is") && ending.startsWith("stop")) continue;
      test(`${name}, before ${ending}`, async () => {
        start();
        say(tokenChunk(HALF), broken, rest);
        const { tokens, last, stored } = await outcome();
        expect(tokens).toBe(HALF);
        expect(last).toMatchObject({ type: "error", code: "model_error" });
        expect(stored).toMatchObject({ content: HALF, status: "interrupted" });
      });
    }
  }

  test("the finish reason error, which the log and the metrics also count as an error", async () => {
    start();
    say(tokenChunk(HALF), finishChunk("network_error"), DONE);
    await outcome();
    const line = app.lines.find((each) => each.includes("turn failed")) ?? "";
    expect(JSON.parse(line)).toMatchObject({ status: "interrupted", errorCode: "model_error" });
    expect(line).toContain("network_error");
    const metrics = app.metrics.write();
    expect(metrics).toContain('chatporch_turns_total{status="interrupted"} 1');
    expect(metrics).toContain('chatporch_turns_total{status="complete"} 0');
    expect(metrics).toContain('chatporch_model_errors_total{code="model_error"} 1');
  });

  test("an unknown finish reason, which the log repeats only if it looks like a name", async () => {
    start();
    say(tokenChunk(HALF), finishChunk("out_of_cheese"), DONE);
    await outcome();
    say(tokenChunk(HALF), finishChunk(UPSTREAM_WORDS), DONE);
    await outcome();
    const log = app.lines.join("");
    expect(log.match(/"reason":"[^"]*an unknown finish reason/g)).toHaveLength(2);
    expect(log).toContain("out_of_cheese");
    expect(log).not.toContain("Lovelace");
  });

  test.each(Object.keys(BREAKS))(
    "%s, and none of the server's words is shown or logged",
    async (name) => {
      start();
      say(tokenChunk(HALF), BREAKS[name] ?? "", DONE);
      const text = await (await askStreamed()).text();
      expect(text).not.toContain("Lovelace");
      expect(app.lines.join("")).not.toContain("Lovelace");
    },
  );
});

describe("/v1/chat answers 502 to an answer that", () => {
  const whole = completion("The price is", "stop");
  const [choice] = whole.choices;
  test.each([
    ["ended with an error", completion("The price is", "error")],
    ["ended with a network error", completion("The price is", "network_error")],
    ["ended for a reason that is not known", completion("The price is", "out_of_cheese")],
    ["has an error inside its choice", { choices: [{ ...choice, error: { code: 502 } }] }],
    ["has an error beside its choice", { ...whole, error: { code: 502 } }],
    ["has an error_code", { ...whole, error_code: 50002 }],
    ["has a base_resp that is not 0", { ...whole, base_resp: { status_code: 1002 } }],
    ["is an object of the kind error", { object: "error", message: "no", code: 40001 }],
    ["is a detail", { detail: "no" }],
    ["is a message with a code", { code: "InternalError", message: "no" }],
    ["has no word in it", completion("")],
    ["has white space only", completion(" \n\t\u200b ")],
    ["has a thought only", completion("<think>Hmm.</think>\n")],
    ["calls a tool that nobody offered", completion("", "tool_calls")],
    ["was cut by its length before the first word", completion("", "length")],
    ["was filtered before the first word", completion("", "content_filter")],
  ])("%s", async (_name, body) => {
    start();
    server.script = () => Response.json(body);
    const init = chatRequest({ sessionId: "visitor-1", message: "What does it cost?" });
    const response = await app.fetch("/v1/chat", init);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ code: "model_error" });
    expect(app.lines.join("")).toContain("turn failed");
    expect(app.metrics.write()).toContain('chatporch_model_errors_total{code="model_error"} 1');
  });
});

describe("the finish reason that the server sends is shown:", () => {
  test.each([
    ["stop", "stop"],
    ["STOP", "stop"],
    ["FinishReason.STOP", "stop"],
    ["FINISH_REASON_STOP", "stop"],
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["eos_token", "stop"],
    ["eosFound", "stop"],
    ["COMPLETE", "stop"],
    ["tool_calls", "stop"],
    ["length", "length"],
    ["MAX_TOKENS", "length"],
    ["max_tokens", "length"],
    ["model_length", "length"],
    ["maxPredictedTokensReached", "length"],
    ["content_filter", "content_filter"],
    ["SAFETY", "content_filter"],
    ["RECITATION", "content_filter"],
    ["PROHIBITED_CONTENT", "content_filter"],
    ["sensitive", "content_filter"],
    ["guardrail_intervened", "content_filter"],
  ])("%s as %s", async (reason, expected) => {
    start();
    say(tokenChunk("It costs 5 euros."), finishChunk(reason), DONE);
    const { last, stored } = await outcome();
    expect(last).toMatchObject({
      type: "done",
      message: "It costs 5 euros.",
      finishReason: expected,
    });
    expect(stored).toMatchObject({ status: "complete", finishReason: expected });
  });

  test.each([
    ["stop, stop, length", ["stop", "stop", "length"], "length"],
    ["length, and the gateway's own stop", ["length", "stop"], "length"],
    ["content_filter, and the gateway's own stop", ["content_filter", "stop"], "content_filter"],
    ["a word that is not known, and stop", ["not_yet", "stop"], "stop"],
    ["null as a text, and stop", ["null", "null", "stop"], "stop"],
  ])("%s", async (_name, reasons, expected) => {
    start();
    const chunks = reasons.map((reason) =>
      chunk({ delta: { content: "and " }, finish_reason: reason }),
    );
    say(...chunks, DONE);
    expect((await outcome()).last).toMatchObject({ type: "done", finishReason: expected });
  });

  test("the reason of the server behind a gateway that says stop", async () => {
    start();
    const choice = { delta: {}, finish_reason: "stop", native_finish_reason: "MAX_TOKENS" };
    say(tokenChunk(HALF), chunk(choice), DONE);
    expect((await outcome()).last).toMatchObject({ type: "done", finishReason: "length" });
  });

  test("finishReason in camel case, and a reason as an object", async () => {
    start();
    say(tokenChunk(HALF), event({ choices: [{ delta: {}, finishReason: "length" }] }), DONE);
    expect((await outcome()).last).toMatchObject({ type: "done", finishReason: "length" });
    say(tokenChunk(HALF), chunk({ finish_reason: { type: "length", length: 9 } }), DONE);
    expect((await outcome()).last).toMatchObject({ type: "done", finishReason: "length" });
  });

  test("codes that mean success, which are not errors", async () => {
    start();
    const fine = { code: 0, message: "Success", error: null, error_code: 0, errmsg: "ok" };
    say(
      chunk({ delta: { content: "It costs 5 euros." } }, fine),
      chunk(
        { finish_reason: "stop", error: { code: "", message: "", param: null } },
        { ...fine, base_resp: { status_code: 0 }, errors: [], error: {} },
      ),
      DONE,
    );
    expect((await outcome()).last).toMatchObject({ type: "done", message: "It costs 5 euros." });
  });
});

describe("an answer without a word is a failed turn, not an empty bubble:", () => {
  const thought = chunk({ delta: { reasoning_content: "Hmm" } });
  test.each([
    ["[DONE] alone", [DONE]],
    ["stop and [DONE]", [finishChunk("stop"), DONE]],
    ["nothing at all", []],
    ["white space", [tokenChunk(" \n"), tokenChunk("\u00a0\u200b\t"), finishChunk("stop"), DONE]],
    ["thoughts in a field of their own", [thought, finishChunk("stop"), DONE]],
    ["thoughts between tags", [tokenChunk("<think>Hmm.</think>\n"), finishChunk("stop"), DONE]],
    ["a thought without an end", [tokenChunk("<think>Hmm"), finishChunk("stop"), DONE]],
    ["a thought that was cut", [tokenChunk("<think>Hmm"), finishChunk("length"), DONE]],
    ["length", [finishChunk("length"), DONE]],
    ["content_filter", [finishChunk("content_filter"), DONE]],
    ["tool_calls", [chunk({ delta: { tool_calls: [{}] }, finish_reason: "tool_calls" }), DONE]],
    ["a page of something else", ["Please log in\n"]],
  ])("%s", async (_name, parts) => {
    start();
    say(...parts);
    const { tokens, last, stored } = await outcome();
    expect(tokens).toMatch(/^[\s\u200b]*$/);
    expect(last).toMatchObject({ type: "error", code: "model_error" });
    expect(stored).toMatchObject({ content: "", status: "failed" });
    expect(app.lines.join("")).toContain("turn failed");
    const metrics = app.metrics.write();
    expect(metrics).toContain('chatporch_turns_total{status="failed"} 1');
    expect(metrics).toContain('chatporch_turns_total{status="complete"} 0');
  });

  test("if the thoughts took all of the output, the log says what to do", async () => {
    start();
    say(thought, finishChunk("length"), DONE);
    await outcome();
    expect(app.lines.join("")).toContain("raise MAX_OUTPUT_TOKENS");
  });

  test.each([
    ["while the model thinks", thought],
    ["after a limit that left no word", finishChunk("length")],
  ])("but one that is stopped before its first word stays stopped: %s", async (_name, sent) => {
    start();
    server.script = (call) => call.raw(sent);
    const body = followBody(await askStreamed());
    const turnId = /"turnId":"([^"]+)"/.exec(await body.until("start"))?.[1] ?? "";
    await server.call(0);
    const init = { ...chatRequest({}), body: "" };
    await app.fetch(`/v1/chat/stream/${turnId}/stop`, init);
    const last = parseSse(await body.end()).at(-1)?.data;
    expect(last).toMatchObject({ type: "done", message: "", finishReason: "stopped" });
  });
});

describe("an answer is cut at 16 characters a token of MAX_OUTPUT_TOKENS", () => {
  test("when the server ignores the limit, and its finish reason is length", async () => {
    start({ env: { MAX_OUTPUT_TOKENS: "10" } });
    say(...Array.from({ length: 50 }, () => tokenChunk("and on ")), finishChunk("stop"), DONE);
    const { tokens, last, stored } = await outcome();
    expect(tokens).toHaveLength(160);
    expect(last).toMatchObject({ type: "done", finishReason: "length" });
    expect(stored.content).toBe(tokens.trim());
  });
});
