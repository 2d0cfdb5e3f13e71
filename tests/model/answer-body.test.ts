import { describe, expect, test } from "bun:test";

import {
  completion,
  event,
  finishChunk,
  startModelServer,
  tokenChunk,
} from "../../harness/model-server.ts";
import type { ModelDelta } from "../../src/model/model.ts";
import { openAiModel } from "../support/test-app.ts";

/** The body of an answer decides how it is read, whatever its Content-Type says. */

const ANSWER = "It costs 5 euros.";
const REQUEST = {
  systemPrompt: "You are a lighthouse.",
  history: [{ role: "user", content: "What does it cost?" }],
  maxOutputTokens: 77,
} as const;

const DONE = "data: [DONE]\n\n";
const STREAM = tokenChunk("It costs ") + tokenChunk("5 euros.") + finishChunk("stop") + DONE;
const WHOLE = JSON.stringify(completion(ANSWER));

interface Heard {
  readonly text: string;
  readonly finishReason: string | undefined;
  readonly error: unknown;
}

async function heard(
  asked: (url: string) => Promise<Heard>,
  body: string,
  type: string | undefined,
) {
  const server = startModelServer(() => {
    // Bytes, because a text would be given a type of its own.
    const response = new Response(new TextEncoder().encode(body));
    if (type !== undefined) response.headers.set("content-type", type);
    return response;
  });
  try {
    return await asked(server.url);
  } finally {
    await server.stop();
  }
}

async function streamed(url: string): Promise<Heard> {
  const deltas: ModelDelta[] = [];
  let error: unknown;
  try {
    const signal = new AbortController().signal;
    for await (const delta of await openAiModel(url).stream(REQUEST, signal)) deltas.push(delta);
  } catch (thrown) {
    error = thrown;
  }
  return {
    text: deltas.flatMap(({ tokens }) => tokens).join(""),
    finishReason: deltas.at(-1)?.finishReason,
    error,
  };
}

async function whole(url: string): Promise<Heard> {
  try {
    const answer = await openAiModel(url).complete(REQUEST, new AbortController().signal);
    return { ...answer, error: undefined };
  } catch (error) {
    return { text: "", finishReason: undefined, error };
  }
}

const GOOD = { text: ANSWER, finishReason: "stop", error: undefined };
const WAYS = [
  ["streamed", streamed],
  ["as a whole", whole],
] as const;

const TYPES = [
  "text/event-stream",
  "Text/Event-Stream; charset=UTF-8",
  "application/json",
  "Application/JSON",
  "application/x-ndjson",
  "text/plain",
  "text/html",
  "application/octet-stream",
  undefined,
];

const lines = (...values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");
const delta = (content: string, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: { content }, finish_reason }],
});

const BODIES: Readonly<Record<string, string>> = {
  "an event stream": STREAM,
  "an event stream with CR line ends": STREAM.replaceAll("\n", "\r"),
  "an event stream without spaces": STREAM.replaceAll("data: ", "data:"),
  "an event stream behind a byte order mark": `\ufeff${STREAM}`,
  "an event stream behind comments and blank lines": `\n\n: hello\n\n${STREAM}`,
  "an event stream with names": STREAM.replaceAll("data: ", "event: message\nid: 7\ndata: "),
  "an event stream with empty data between its events": STREAM.replaceAll("\n\n", "\n\ndata:\n\n"),
  "an event stream with empty data and a space": STREAM.replaceAll("\n\n", "\n\ndata: \n\n"),
  "an event stream with data of two empty lines": STREAM.replaceAll("\n\n", "\n\ndata:\ndata:\n\n"),
  "an event stream with null between its events": STREAM.replaceAll("\n\n", "\n\ndata: null\n\n"),
  "an event stream with pings": STREAM.replaceAll(
    "\n\n",
    '\n\nevent: ping\ndata: {"type":"ping"}\n\n',
  ),
  "an event stream with pings that are no JSON": STREAM.replaceAll(
    "\n\n",
    "\n\nevent: ping\ndata: 2026-11-25T12:00:00.000000Z\n\nevent: keep-alive\ndata\n\n",
  ),
  "an event stream with words between its events": STREAM.replaceAll(
    "\n\n",
    "\n\ndata: ping\n\ndata: [HEARTBEAT]\n\ndata: : keep-alive\n\ndata: []\n\ndata: {}\n\n",
  ),
  "an event stream without blank lines": STREAM.replaceAll("\n\n", "\n"),
  "an event stream over several lines": `data: {"choices":[{"delta":\ndata: {"content":"${ANSWER}"},\ndata: "finish_reason":"stop"}]}\n\n${DONE}`,
  "an event stream of one whole completion": `data: ${WHOLE}\n\n${DONE}`,
  "an event stream that ends with the whole of it": `${tokenChunk("It costs ")}${tokenChunk("5 euros.")}data: ${WHOLE}\n\n${DONE}`,
  "an event stream with messages in place of deltas": [
    event({ object: "chat.completion.chunk", choices: [{ message: { content: "It costs " } }] }),
    event({ object: "chat.completion.chunk", choices: [{ message: { content: "5 euros." } }] }),
    finishChunk("stop"),
    DONE,
  ].join(""),
  "one completion": WHOLE,
  "one completion behind a byte order mark": `\ufeff${WHOLE}`,
  "one completion with a line end": `${WHOLE}\n`,
  "one completion over many lines": JSON.stringify(completion(ANSWER), null, 2),
  "one completion behind white space": `\r\n \t${WHOLE}`,
  "lines of JSON": lines(delta("It costs "), delta("5 euros."), delta("", "stop")),
  "lines of JSON and [DONE]": `${lines(delta("It costs "), delta("5 euros."))}[DONE]\n`,
  "lines of JSON with CRLF": lines(delta("It costs "), delta("5 euros.", "stop")).replaceAll(
    "\n",
    "\r\n",
  ),
  "lines of Ollama's own": lines(
    { model: "m", message: { role: "assistant", content: "", thinking: "Hmm" }, done: false },
    { model: "m", message: { role: "assistant", content: "It costs " }, done: false },
    { model: "m", message: { role: "assistant", content: "5 euros." }, done: false },
    { model: "m", message: { role: "assistant", content: "" }, done: true, done_reason: "stop" },
  ),
};

describe.each(WAYS)("an answer that was asked for %s is read from", (_way, asked) => {
  describe.each(Object.keys(BODIES))("%s", (name) => {
    test.concurrent.each(TYPES)("under the type %s", async (type) => {
      expect(await heard(asked, BODIES[name] ?? "", type)).toMatchObject(GOOD);
    });
  });
});

describe.each(WAYS)(
  "a body that is not a whole answer is an error, when it was asked for %s:",
  (_way, asked) => {
    test.concurrent.each([
      ["half a completion", WHOLE.slice(0, -20)],
      [
        "half a completion over many lines",
        JSON.stringify(completion(ANSWER), null, 2).slice(0, -9),
      ],
      ["an error as a bare line of a stream", `${tokenChunk("It")}{"error":"no"}\n\n${DONE}`],
      ["an error over many lines in a stream", `${tokenChunk("It")}{\n"error": "no"\n}\n\n${DONE}`],
      ["an error among lines of JSON", lines(delta("It"), { error: "no" }, delta("", "stop"))],
      ["a web page", "<!doctype html><title>Log in</title>"],
      ["a web page behind white space", "\n\n  <html></html>"],
      ["a list", "[1,2]"],
    ])("%s", async (_name, body) => {
      for (const type of ["text/event-stream", "application/json", undefined]) {
        const { finishReason, error } = await heard(asked, body, type);
        expect(finishReason).toBeUndefined();
        expect(error).toMatchObject({ name: "ModelError", code: "model_error" });
      }
    });

    test.concurrent("a web page, and the error says so", async () => {
      const { error } = await heard(asked, "<h1>Please log in</h1>", "text/plain");
      expect(String(error)).toContain("web page");
    });
  },
);

test("tokens under the type of JSON are shown as they come, not at the end", async () => {
  const server = startModelServer((call) => {
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(new TextEncoder().encode(tokenChunk("early")));
        await call.left;
        controller.close();
      },
    });
    return new Response(body, { headers: { "content-type": "application/json" } });
  });
  const stop = new AbortController();
  const deltas = (await openAiModel(server.url).stream(REQUEST, stop.signal))[
    Symbol.asyncIterator
  ]();
  expect((await deltas.next()).value).toEqual({ tokens: ["early"] });
  stop.abort();
  await deltas.return?.();
  await server.stop();
});

test("a refusal beside an empty text is what the visitor is shown", async () => {
  const refused = {
    choices: [{ message: { content: "", refusal: "I cannot" }, finish_reason: "stop" }],
  };
  expect(await heard(whole, JSON.stringify(refused), undefined)).toMatchObject({
    text: "I cannot",
  });
});
