import { describe, expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";

import {
  chunk,
  type Fault,
  type FaultyModel,
  headOf,
  startFaultyModel,
  STREAM_HEAD,
} from "../../harness/faulty-model.ts";
import {
  answer,
  completion,
  event,
  failure,
  finishChunk,
  type ModelCall,
  type ModelScript,
  type ModelServer,
  silence,
  startModelServer,
  tokenChunk,
  USAGE,
} from "../../harness/model-server.ts";
import { isOpenAi } from "../../src/config/model.ts";
import { type ChatModel, type ModelDelta, ModelError } from "../../src/model/model.ts";
import { openAiModel } from "../support/test-app.ts";

/** The real SDK over HTTP. Tests that wait for the SDK's own pauses run side by side. */

const QUESTION = "When do you open, my name is Ada Lovelace?";
const UPSTREAM_TEXT = "sk-secret-upstream";

const REQUEST = {
  systemPrompt: "You are a lighthouse.",
  history: [
    { role: "user", content: "Hello" },
    { role: "assistant", content: "Good evening" },
    { role: "user", content: QUESTION },
  ],
  maxOutputTokens: 77,
} as const;

const MB = 1024 * 1024;

const RECORDED_USAGE = { promptTokens: 11, completionTokens: 7, totalTokens: 18 };

interface Upstream {
  readonly server: ModelServer;
  readonly model: ChatModel;
}

/** Each test has a server of its own, so that tests can run side by side. */
async function withUpstream(
  script: ModelScript,
  use: (upstream: Upstream) => Promise<void>,
): Promise<void> {
  const server = startModelServer(script);
  try {
    await use({ server, model: openAiModel(server.url) });
  } finally {
    await server.stop();
  }
}

async function withFaultyModel(
  fault: Fault,
  use: (upstream: { server: FaultyModel; model: ChatModel }) => Promise<void>,
): Promise<void> {
  const server = await startFaultyModel(() => fault);
  try {
    await use({ server, model: openAiModel(server.url) });
  } finally {
    await server.stop();
  }
}

async function* ask(
  model: ChatModel,
  signal = new AbortController().signal,
): AsyncIterable<ModelDelta> {
  yield* await model.stream(REQUEST, signal);
}

interface Heard {
  readonly text: string;
  readonly deltas: readonly ModelDelta[];
  readonly finishReason: ModelDelta["finishReason"];
  readonly usage: ModelDelta["usage"];
  /** The error that the stream threw, or undefined when it ended by itself. */
  readonly error: unknown;
}

/** Reads a stream to its end, whatever the end is. */
async function listen(stream: AsyncIterable<ModelDelta>): Promise<Heard> {
  const deltas: ModelDelta[] = [];
  let error: unknown;
  try {
    for await (const delta of stream) deltas.push(delta);
  } catch (thrown) {
    error = thrown;
  }
  return {
    text: deltas.flatMap(({ tokens }) => tokens).join(""),
    deltas,
    finishReason: deltas.findLast(({ finishReason }) => finishReason)?.finishReason,
    usage: deltas.findLast(({ usage }) => usage)?.usage,
    error,
  };
}

/** What the model reads when the server writes these bytes as its whole stream. */
async function hear(...chunks: readonly string[]): Promise<Heard> {
  let heard: Heard | undefined;
  const write = (call: ModelCall): void => {
    for (const chunk of chunks) call.raw(chunk);
    call.end();
  };
  await withUpstream(write, async ({ model }) => {
    heard = await listen(ask(model));
  });
  if (!heard) throw new Error("Nothing was heard.");
  return heard;
}

async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown.");
}

/** Checks the error that the owner's log will show, with everything it holds. */
function expectModelError(error: unknown, code: ModelError["code"]): ModelError {
  expect(error).toBeInstanceOf(ModelError);
  if (!(error instanceof ModelError)) throw error;
  expect(error.code).toBe(code);
  const everything = Bun.inspect(error, { depth: 10 });
  for (const text of [UPSTREAM_TEXT, "upstream says no", "Ada Lovelace", "lighthouse"]) {
    expect(error.message).not.toContain(text);
    expect(everything).not.toContain(text);
  }
  return error;
}

const USAGE_CHUNK = event({ choices: [], usage: USAGE });
const DONE = "data: [DONE]\n\n";

describe("what is sent upstream", () => {
  test.concurrent("is the prompt, the history, the model, the clamp and the key", () =>
    withUpstream(answer("Hi"), async ({ server, model }) => {
      await listen(ask(model));
      const call = await server.call(0);
      expect(call.body).toEqual({
        model: "test-model",
        messages: [{ role: "system", content: REQUEST.systemPrompt }, ...REQUEST.history],
        max_tokens: 77,
        stream: true,
        stream_options: { include_usage: true },
      } as ModelCall["body"]);
      expect(call.headers.get("authorization")).toBe("Bearer sk-upstream");
      expect(server.calls).toHaveLength(1);
    }),
  );

  test.each([
    [undefined, true],
    ["https://api.openai.com/v1", true],
    ["https://API.OpenAI.com/v1/", true],
    ["https://eu.api.openai.com/v1", true],
    ["https://myapi.openai.com.example/v1", false],
    ["http://127.0.0.1:11434/v1", false],
    ["https://api.openai.com.example.com/v1", false],
  ])("has the clamp as OpenAI's newer models want it, at %s: %p", (baseUrl, expected) => {
    expect(isOpenAi(baseUrl)).toBe(expected);
  });

  test.concurrent("is the same without streaming, but has no stream options", () =>
    withUpstream(answer("Hi"), async ({ server, model }) => {
      await model.complete(REQUEST, new AbortController().signal);
      expect((await server.call(0)).body).toEqual({
        model: "test-model",
        messages: [{ role: "system", content: REQUEST.systemPrompt }, ...REQUEST.history],
        max_tokens: 77,
      });
    }),
  );

  test.concurrent("has no Authorization header when no key is set", () =>
    withUpstream(answer("Hi"), async ({ server }) => {
      const heard = await listen(ask(openAiModel(server.url, { apiKey: undefined })));
      expect(heard.text).toBe("Hi");
      expect((await server.call(0)).headers.has("authorization")).toBe(false);
    }),
  );

  test.concurrent.each([
    ["OPENAI_ORG_ID", "org-secret"],
    ["OPENAI_PROJECT_ID", "proj-secret"],
    ["OPENAI_ADMIN_KEY", "sk-admin-secret"],
    ["OPENAI_WEBHOOK_SECRET", "whsec-secret"],
  ])("has nothing from the variable %s, which is not one of our settings", (name, value) =>
    withUpstream(answer("Hi"), async ({ server }) => {
      // Set only while the model is made, which reads nothing later: other tests run meanwhile.
      const before = process.env[name];
      process.env[name] = value;
      const model = openAiModel(server.url);
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;

      await listen(ask(model));
      const headers = JSON.stringify([...(await server.call(0)).headers]);
      expect(headers).not.toContain("secret");
      expect(headers.toLowerCase()).not.toContain("openai-organization");
    }),
  );
});

describe("a stream", () => {
  test.concurrent("gives its tokens, the finish reason and the usage", () =>
    withUpstream(answer("Hello there, visitor"), async ({ model }) => {
      const heard = await listen(ask(model));
      expect(heard).toMatchObject({
        text: "Hello there, visitor",
        finishReason: "stop",
        usage: RECORDED_USAGE,
        error: undefined,
      });
      expect(heard.deltas.flatMap(({ tokens }) => tokens)).toEqual([
        "Hello ",
        "there, ",
        "visitor",
      ]);
    }),
  );

  test.concurrent("gives a token as soon as it arrives", () =>
    withUpstream(silence, async ({ server, model }) => {
      const deltas = ask(model)[Symbol.asyncIterator]();
      const first = deltas.next();
      const call = await server.call(0);
      call.token("early");
      expect((await first).value).toEqual({ tokens: ["early"] });
      call.token(" and late");
      expect((await deltas.next()).value).toEqual({ tokens: [" and late"] });
      call.finish();
      await deltas.return?.();
    }),
  );

  test.concurrent("gives several tokens of one network chunk as one delta", async () => {
    const heard = await hear(
      ["a", "b", "c"].map(tokenChunk).join("") + finishChunk("length") + USAGE_CHUNK + DONE,
    );
    expect(heard.deltas).toEqual([
      { tokens: ["a", "b", "c"], finishReason: "length", usage: RECORDED_USAGE },
    ]);
  });

  test.concurrent("keeps a character whole when the network splits it", () =>
    withUpstream(silence, async ({ server, model }) => {
      const heard = listen(ask(model));
      const call = await server.call(0);
      for (const byte of new TextEncoder().encode(tokenChunk("Grüße 👋🏽"))) {
        call.raw(Uint8Array.of(byte));
        // Gives the byte a network chunk of its own.
        await new Promise(setImmediate);
      }
      call.finish();
      expect((await heard).text).toBe("Grüße 👋🏽");
    }),
  );

  test.concurrent.each([
    ["stop", "stop"],
    ["length", "length"],
    ["content_filter", "content_filter"],
    ["tool_calls", "stop"],
    ["eos", "stop"],
  ] as const)("gives the finish reason %s as %s", async (sent, given) => {
    expect((await hear(tokenChunk("x"), finishChunk(sent), DONE)).finishReason).toBe(given);
  });

  test.concurrent("that is empty but finished is an answer without text", async () => {
    expect(await hear(finishChunk("stop"), DONE)).toMatchObject({
      text: "",
      finishReason: "stop",
      error: undefined,
    });
  });
});

describe("the stream of a compatible server is read with", () => {
  test.concurrent.each([
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ])("%s line ends", async (_, lineEnd) => {
    const stream = tokenChunk("Hello ") + tokenChunk("there") + finishChunk("stop") + DONE;
    expect(await hear(stream.replaceAll("\n", lineEnd))).toMatchObject({
      text: "Hello there",
      finishReason: "stop",
    });
  });

  test.concurrent("CRLF line ends, each token before the stream ends", () =>
    withUpstream(silence, async ({ server, model }) => {
      const deltas = ask(model)[Symbol.asyncIterator]();
      const first = deltas.next();
      (await server.call(0)).raw(tokenChunk("early").replaceAll("\n", "\r\n"));
      expect((await first).value).toEqual({ tokens: ["early"] });
      await deltas.return?.();
    }),
  );

  test.concurrent("no usage chunk", async () => {
    const heard = await hear(tokenChunk("Hi"), finishChunk("stop"), DONE);
    expect(heard).toMatchObject({ text: "Hi", finishReason: "stop" });
    expect(heard.usage).toBeUndefined();
  });

  test.concurrent(
    "usage on the last chunk of the answer, `usage: null` on the others",
    async () => {
      const choices = [{ index: 0, delta: { content: "Hi" }, finish_reason: null }];
      const end = [{ index: 0, delta: {}, finish_reason: "stop" }];
      const heard = await hear(
        event({ choices, usage: null }),
        event({ choices: end, usage: USAGE }),
        DONE,
      );
      expect(heard).toMatchObject({ text: "Hi", usage: RECORDED_USAGE, finishReason: "stop" });
    },
  );

  test.concurrent("usage counted again in every chunk: the last count holds", async () => {
    const choices = [{ index: 0, delta: { content: "x" }, finish_reason: null }];
    const count = (n: number) => ({ prompt_tokens: 5, completion_tokens: n, total_tokens: 5 + n });
    const heard = await hear(
      event({ choices, usage: count(1) }),
      event({ choices, usage: count(2) }),
      finishChunk("stop"),
      DONE,
    );
    expect(heard.usage).toEqual({ promptTokens: 5, completionTokens: 2, totalTokens: 7 });
  });

  test.concurrent("usage without a total", async () => {
    const usage = { prompt_tokens: 3, completion_tokens: 4 };
    const heard = await hear(finishChunk("stop"), event({ choices: [], usage }), DONE);
    expect(heard.usage).toEqual({ promptTokens: 3, completionTokens: 4, totalTokens: 7 });
  });

  test.concurrent.each([
    ["`content: null`", { role: "assistant", content: null }],
    ["an empty first delta", { role: "assistant", content: "" }],
    ["no content", { role: "assistant" }],
  ])("%s", async (_name, delta) => {
    const first = event({ choices: [{ index: 0, delta, finish_reason: null }] });
    expect((await hear(first, tokenChunk("Hi"), finishChunk("stop"), DONE)).text).toBe("Hi");
  });

  test.concurrent("the finish reason together with the last token", async () => {
    const choices = [{ index: 0, delta: { content: " there" }, finish_reason: "stop" }];
    expect(await hear(tokenChunk("Hi"), event({ choices }), DONE)).toMatchObject({
      text: "Hi there",
      finishReason: "stop",
    });
  });

  test.concurrent("a finish reason but no [DONE]", async () => {
    expect(await hear(tokenChunk("Hi"), finishChunk("stop"))).toMatchObject({
      finishReason: "stop",
      error: undefined,
    });
  });

  test.concurrent("a last event without its blank line", async () => {
    expect(await hear(tokenChunk("Hi"), finishChunk("length").trimEnd())).toMatchObject({
      text: "Hi",
      finishReason: "length",
    });
  });

  test.concurrent("[DONE] but no finish reason", async () => {
    expect(await hear(tokenChunk("Hi"), DONE)).toMatchObject({ text: "Hi", finishReason: "stop" });
  });

  test.concurrent("neither a finish reason nor [DONE]: the answer was cut", async () => {
    const heard = await hear(tokenChunk("Half an"));
    expect(heard.text).toBe("Half an");
    expect(heard.finishReason).toBeUndefined();
  });

  test.concurrent("no byte at all", async () => {
    const heard = await hear();
    expect(heard.deltas).toEqual([]);
  });

  test.concurrent("comments as a heartbeat", async () => {
    const heard = await hear(": keep-alive\n\n", tokenChunk("Hi"), ":\n\n", finishChunk("stop"));
    expect(heard.text).toBe("Hi");
  });

  test.concurrent("a connection that stays open after [DONE]", () =>
    withUpstream(
      (call) => call.raw(tokenChunk("Hi") + finishChunk("stop") + DONE),
      async ({ server, model }) => {
        expect((await listen(ask(model))).text).toBe("Hi");
        await (
          await server.call(0)
        ).left;
      },
    ),
  );

  test.concurrent("a refusal, which is the answer for the visitor", async () => {
    const choices = [{ index: 0, delta: { refusal: "I cannot help with that" } }];
    expect((await hear(event({ choices }), finishChunk("stop"), DONE)).text).toBe(
      "I cannot help with that",
    );
  });

  test.concurrent("a thought and a token in one network chunk", async () => {
    const thought = event({ choices: [{ delta: { reasoning: "Hmm", content: null } }] });
    const heard = await hear(thought + tokenChunk("Hi"));
    expect(heard.deltas).toEqual([{ tokens: ["Hi"], isThinking: true }]);
  });

  // Servers write JSON with or without a space after the colon, depending on their language.
  test.concurrent.each([
    ["reasoning_content", ""],
    ["reasoning", ""],
    ["reasoning_content", " "],
    ["reasoning", " "],
  ])(
    "thinking in %s, which is a sign of life and not text (%p after the colon)",
    async (name, space) => {
      const delta = `{"${name}":${space}"Hmm"}`;
      const heard = await hear(`data: {"choices":${space}[{"delta":${space}${delta}}]}\n\n`);
      expect(heard.deltas).toEqual([{ tokens: [], isThinking: true }]);
    },
  );

  test.concurrent("a whole JSON completion although a stream was asked for", () =>
    withUpstream(
      () => Response.json(completion("All at once", "length")),
      async ({ model }) => {
        expect((await listen(ask(model))).deltas).toEqual([
          { tokens: ["All at once"], finishReason: "length", usage: RECORDED_USAGE },
        ]);
      },
    ),
  );
});

test("a length that is declared beside chunks does not lift the bound of a whole answer", async () => {
  const head =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10\r\n" +
    "transfer-encoding: chunked\r\n\r\n";
  const chunk = `${MB.toString(16)}\r\n${" ".repeat(MB)}\r\n`;
  // A server of node:net, whose sockets keep the bytes that the system does not take at once.
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => void socket.write(head + chunk.repeat(6)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  try {
    const model = openAiModel(`http://127.0.0.1:${port}/v1`);
    const asked = model.complete(REQUEST, new AbortController().signal);
    expect(await thrownBy(asked)).toMatchObject({ name: "ModelError", code: "model_error" });
  } finally {
    server.close();
  }
});

test.each([
  ["an error", event({ error: { message: UPSTREAM_TEXT, code: "server_error" } })],
  ["broken JSON", 'data: {"choices":\n\n'],
])(
  "%s in the packet of a token, and [DONE] behind it, do not remove any text of the answer",
  async (_, wrong) => {
    const heard = await hear(
      `${tokenChunk("First. ")}${tokenChunk("Second.")}${wrong}data: [DONE]\n\n`,
    );
    expect(heard.text).toBe("First. Second.");
    expect(heard.finishReason).toBeUndefined();
    expect(heard.error).toMatchObject({ name: "ModelError", code: "model_error" });
  },
);

test("a model that thinks and never stops is cut off after 64 MB", async () => {
  const thought = event({
    choices: [{ delta: { reasoning: "Hmm ".repeat(1000), content: null } }],
  });
  const piece = thought.repeat(Math.ceil(MB / thought.length));
  await withUpstream(
    (call) => {
      call.token("First.");
      void (async () => {
        while (!call.hasLeft()) {
          call.raw(piece);
          await Bun.sleep(1);
        }
      })();
    },
    async ({ model }) => {
      const { text, error } = await listen(ask(model));
      expect(text).toBe("First.");
      expect(error).toMatchObject({ name: "ModelError", code: "model_error" });
    },
  );
});

describe("without streaming, the model", () => {
  const complete = (model: ChatModel) => model.complete(REQUEST, new AbortController().signal);

  test.concurrent("gives the whole answer with its usage", () =>
    withUpstream(answer("Hello there"), async ({ model }) => {
      expect(await complete(model)).toEqual({
        text: "Hello there",
        finishReason: "stop",
        usage: RECORDED_USAGE,
      });
    }),
  );

  test.concurrent("joins content in parts", () =>
    withUpstream(
      () => {
        const content = [{ type: "text", text: "Hello " }, { type: "text", text: "there" }, {}];
        return Response.json({ choices: [{ message: { content }, finish_reason: "stop" }] });
      },
      async ({ model }) => expect((await complete(model)).text).toBe("Hello there"),
    ),
  );

  test.concurrent("gives a refusal as the answer", () =>
    withUpstream(
      () => Response.json({ choices: [{ message: { content: null, refusal: "I cannot" } }] }),
      async ({ model }) =>
        expect(await complete(model)).toEqual({ text: "I cannot", finishReason: "stop" }),
    ),
  );

  test.concurrent.each([
    ["broken JSON", () => new Response(`{"${QUESTION}`, JSON_HEADERS)],
    ["no choices", () => Response.json({ id: QUESTION })],
    ["no message", () => Response.json({ choices: [{ text: QUESTION }] })],
    ["an error", () => Response.json({ error: { message: `${UPSTREAM_TEXT} ${QUESTION}` } })],
    ["an empty body", () => new Response("", JSON_HEADERS)],
    ["a web page", () => new Response("<h1>Please log in</h1>", HTML_HEADERS)],
  ])("throws a model_error for %s", (_name, script) =>
    withUpstream(script, async ({ server, model }) => {
      expectModelError(await thrownBy(complete(model)), "model_error");
      expect(server.calls).toHaveLength(1);
    }),
  );

  test.concurrent(
    "throws a model_error for a connection that breaks in the middle of the answer",
    () =>
      withFaultyModel(breakJson, async ({ model }) => {
        expectModelError(await thrownBy(complete(model)), "model_error");
      }),
  );

  test.concurrent("an abort closes the upstream connection", () =>
    withUpstream(silence, async ({ server, model }) => {
      const abort = new AbortController();
      const thrown = thrownBy(model.complete(REQUEST, abort.signal));
      const call = await server.call(0);
      abort.abort();
      await Promise.all([call.left, thrown]);
      expect(server.calls).toHaveLength(1);
    }),
  );
});

const JSON_HEADERS = { headers: { "content-type": "application/json" } };
const HTML_HEADERS = { headers: { "content-type": "text/html; charset=utf-8" } };

/** Answers with the beginning of a JSON completion and breaks the connection. */
function breakJson(socket: Socket): void {
  socket.write(headOf("application/json"));
  socket.end(chunk('{"choices":[{"mess'));
}

describe("a response that is not a model's answer:", () => {
  test.concurrent("a web page, as of a captive portal", () =>
    withUpstream(
      () => new Response("<h1>Please log in</h1>", HTML_HEADERS),
      async ({ model }) => {
        const { text, error } = await listen(ask(model));
        expect(text).toBe("");
        expect(expectModelError(error, "model_error").message).toContain("OPENAI_BASE_URL");
      },
    ),
  );

  test.concurrent("a web page without an end is not read on", async () => {
    const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>();
    const endless = (): Response => {
      const start = (controller: ReadableStreamDefaultController): void =>
        controller.enqueue(new TextEncoder().encode("<h1>Please wait"));
      return new Response(new ReadableStream({ start, cancel: () => cancel() }), HTML_HEADERS);
    };
    await withUpstream(endless, async ({ model }) => {
      expectModelError((await listen(ask(model))).error, "model_error");
      await cancelled;
    });
  });

  test.concurrent.each([301, 302, 303, 307, 308])(
    "a redirect, %i: nothing is sent to its target, and nothing shown from there",
    (status) =>
      withUpstream(answer("of somebody else"), async ({ server: elsewhere }) => {
        const location = `${elsewhere.url}/chat/completions`;
        const redirect = () => new Response(null, { status, headers: { location } });
        await withUpstream(redirect, async ({ server, model }) => {
          const { text, error } = await listen(ask(model));
          expect(text).toBe("");
          expect(expectModelError(error, "model_error").message).toContain("OPENAI_BASE_URL");
          const whole = model.complete(REQUEST, new AbortController().signal);
          expectModelError(await thrownBy(whole), "model_error");
          expect([server.calls.length, elsewhere.calls.length]).toEqual([2, 0]);
        });
      }),
  );

  test.concurrent.each([
    ["an answer", 200],
    ["an error", 400],
  ])("%s without an end is read to 4 MB, streamed or not", async (_, status) => {
    let sentMb = 0;
    const body = () =>
      new ReadableStream({
        pull(controller) {
          if (++sentMb > 64) controller.close();
          else controller.enqueue(new Uint8Array(1024 * 1024).fill(0x20));
        },
      });
    const endless = () => new Response(body(), { ...JSON_HEADERS, status });
    await withUpstream(endless, async ({ model }) => {
      for (const asked of [
        () => model.complete(REQUEST, new AbortController().signal),
        async () => {
          throw (await listen(ask(model))).error;
        },
      ]) {
        sentMb = 0;
        expectModelError(await thrownBy(asked()), "model_error");
        // The bytes on their way when the connection was closed are in the system's buffers.
        expect(sentMb).toBeLessThan(48);
      }
    });
  });

  test.concurrent("a packed answer is unpacked to 4 MB", () =>
    withUpstream(
      () => {
        const bytes = Bun.gzipSync(Buffer.from(JSON.stringify(completion("x".repeat(5_000_000)))));
        return new Response(bytes, {
          headers: { ...JSON_HEADERS.headers, "content-encoding": "gzip" },
        });
      },
      async ({ model }) => {
        const whole = model.complete(REQUEST, new AbortController().signal);
        expectModelError(await thrownBy(whole), "model_error");
      },
    ),
  );

  test.concurrent("broken JSON in a chunk, after what came before it", async () => {
    const heard = await hear(tokenChunk("Half"), `data: {"choices":[{"${QUESTION}\n\n`);
    expectModelError(heard.error, "model_error");
    expect(heard.finishReason).toBeUndefined();
  });

  test.concurrent.each([["[]"], ["null"], ["42"], ['"text"'], ["{}"], ['{"choices":{}}']])(
    "%s as a chunk is an error or nothing, and never an answer",
    async (data) => {
      const heard = await hear(`data: ${data}\n\n`);
      expect(heard.text).toBe("");
      expect(heard.finishReason).toBeUndefined();
      if (heard.error !== undefined) expectModelError(heard.error, "model_error");
    },
  );

  test.concurrent("an error object in the middle of the stream", () =>
    withUpstream(silence, async ({ server, model }) => {
      const deltas = ask(model)[Symbol.asyncIterator]();
      const first = deltas.next();
      const call = await server.call(0);
      call.token("Half");
      expect((await first).value).toEqual({ tokens: ["Half"] });
      const message = `upstream says no to ${UPSTREAM_TEXT}: ${QUESTION}`;
      call.raw(event({ error: { message, type: "server_error", code: 500 } }));
      const error = expectModelError(await thrownBy(deltas.next()), "model_error");
      expect(error.message).toContain("server_error");
      expect(server.calls).toHaveLength(1);
    }),
  );

  test.concurrent("an error sent as a string, although [DONE] follows", async () => {
    const error = `${UPSTREAM_TEXT} ${QUESTION}`;
    const heard = await hear(tokenChunk("Half"), event({ error }), DONE);
    expectModelError(heard.error, "model_error");
    expect(heard.finishReason).toBeUndefined();
  });

  test.concurrent("an event without an end", async () => {
    const heard = await hear(`data: ${"x".repeat(1_200_000)}`);
    expectModelError(heard.error, "model_error");
  });

  test.concurrent("an error whose kind repeats what the visitor wrote", async () => {
    const error = { message: "no", type: `bad message: ${QUESTION}`, code: UPSTREAM_TEXT };
    expectModelError((await hear(event({ error }))).error, "model_error");
    await withUpstream(
      () => Response.json({ error }, { status: 400 }),
      async ({ model }) => {
        expectModelError((await listen(ask(model))).error, "model_error");
      },
    );
  });
});

describe("an error status of the model's server:", () => {
  test.concurrent.each([
    [400, "OPENAI_MODEL"],
    [401, "OPENAI_API_KEY"],
    [403, "OPENAI_API_KEY"],
    [404, "OPENAI_BASE_URL"],
    [422, "422"],
  ])("%i is shown to the owner, and the question is not sent again", (status, hint) =>
    withUpstream(
      () => failure(status),
      async ({ server, model }) => {
        const error = expectModelError((await listen(ask(model))).error, "model_error");
        expect(error.message).toContain(String(status));
        expect(error.message).toContain(hint);
        expect(server.calls).toHaveLength(1);
      },
    ),
  );

  test.concurrent.each([
    [408, "model_error"],
    [409, "model_error"],
    [429, "model_busy"],
    [500, "model_error"],
    [502, "model_error"],
    [503, "model_busy"],
    [529, "model_busy"],
  ] as const)("after %i the question is sent again twice, and then it is a %s", (status, code) =>
    withUpstream(
      () => failure(status),
      async ({ server, model }) => {
        expectModelError((await listen(ask(model))).error, code);
        expect(server.calls).toHaveLength(3);
      },
    ),
  );

  test.concurrent("the question is also sent again without streaming", () =>
    withUpstream(
      () => failure(503),
      async ({ server, model }) => {
        const work = model.complete(REQUEST, new AbortController().signal);
        expectModelError(await thrownBy(work), "model_busy");
        expect(server.calls).toHaveLength(3);
      },
    ),
  );

  test.concurrent("an error page of a proxy, in HTML", () =>
    withUpstream(
      () => new Response(`<h1>${UPSTREAM_TEXT}</h1>`, { ...HTML_HEADERS, status: 400 }),
      async ({ model }) => {
        const error = expectModelError((await listen(ask(model))).error, "model_error");
        expect(error.message).toContain("400");
      },
    ),
  );

  test.concurrent("an answer after a failure is an answer like any other", () =>
    withUpstream(failingFirst(500), async ({ server, model }) => {
      expect(await listen(ask(model))).toMatchObject({
        text: "At last",
        finishReason: "stop",
        error: undefined,
      });
      expect(server.calls).toHaveLength(2);
      expect((await server.call(1)).body).toEqual((await server.call(0)).body);
    }),
  );

  test.concurrent("Retry-After is waited for", () =>
    withUpstream(failingFirst(429, { "retry-after": "1" }), async ({ model }) => {
      const startedAt = performance.now();
      expect((await listen(ask(model))).text).toBe("At last");
      // The SDK's own first pause is at most 500 ms. A timer may fire a millisecond early.
      expect(performance.now() - startedAt).toBeGreaterThan(995);
    }),
  );
});

function failingFirst(status: number, headers: Record<string, string> = {}): ModelScript {
  let calls = 0;
  return (call) => {
    calls += 1;
    return calls === 1 ? failure(status, headers) : answer("At last")(call);
  };
}

describe("a connection to the model's server:", () => {
  test.concurrent("refused: the model could not be reached", async () => {
    // Nothing listens there, and no test gets the port.
    const { error } = await listen(ask(openAiModel("http://127.0.0.1:9/v1")));
    expect(expectModelError(error, "model_error").message).toContain("OPENAI_BASE_URL");
  });

  test.concurrent("closed before the answer: asked again twice, then not reached", () =>
    withFaultyModel(
      (socket) => void socket.end(),
      async ({ server, model }) => {
        expectModelError((await listen(ask(model))).error, "model_error");
        expect(server.questions).toHaveLength(3);
      },
    ),
  );

  test.concurrent("cut before the first token: an error, and not asked again", () =>
    withFaultyModel(
      (socket) => {
        socket.end(STREAM_HEAD);
      },
      async ({ server, model }) => {
        const { deltas, error } = await listen(ask(model));
        expectModelError(error, "model_error");
        expect(deltas).toEqual([]);
        expect(server.questions).toHaveLength(1);
      },
    ),
  );

  test.concurrent("cut in the middle: an error after the tokens that came, not asked again", () => {
    let connection: Socket | undefined;
    return withFaultyModel(
      (socket) => {
        connection = socket;
        socket.write(STREAM_HEAD);
        socket.write(chunk(tokenChunk("Half an")));
      },
      async ({ server, model }) => {
        const deltas = ask(model)[Symbol.asyncIterator]();
        expect((await deltas.next()).value).toEqual({ tokens: ["Half an"] });
        connection?.end();
        expectModelError(await thrownBy(deltas.next()), "model_error");
        expect(server.questions).toHaveLength(1);
      },
    );
  });

  test.concurrent("cut behind a finish reason in a chunk of its own: the answer is whole", () => {
    let connection: Socket | undefined;
    return withFaultyModel(
      (socket) => {
        connection = socket;
        const body = tokenChunk("All of it") + finishChunk("stop");
        socket.write(STREAM_HEAD);
        socket.write(chunk(body));
      },
      async ({ model }) => {
        const deltas = ask(model)[Symbol.asyncIterator]();
        expect((await deltas.next()).value).toEqual({ tokens: ["All of it"] });
        connection?.end();
        expect((await deltas.next()).value).toEqual({ tokens: [], finishReason: "stop" });
      },
    );
  });

  test.concurrent("cut in the middle of a JSON answer to a streamed question: an error", () =>
    withFaultyModel(breakJson, async ({ model }) => {
      const { error, finishReason } = await listen(ask(model));
      expectModelError(error, "model_error");
      expect(finishReason).toBeUndefined();
    }),
  );
});

describe("an abort closes the upstream connection", () => {
  test.concurrent("while the headers are waited for", () =>
    withUpstream(
      () => new Promise<void>(() => undefined),
      async ({ server, model }) => {
        const abort = new AbortController();
        const heard = listen(ask(model, abort.signal));
        const call = await server.call(0);
        abort.abort();
        await call.left;
        expect((await heard).finishReason).toBeUndefined();
        expect(server.calls).toHaveLength(1);
      },
    ),
  );

  test.concurrent("in a silence in the middle of a stream", () =>
    withUpstream(silence, async ({ server, model }) => {
      const abort = new AbortController();
      const deltas = ask(model, abort.signal)[Symbol.asyncIterator]();
      const first = deltas.next();
      const call = await server.call(0);
      call.token("Half");
      await first;
      const next = deltas.next().catch(() => ({ done: true, value: undefined }));
      abort.abort();
      await call.left;
      expect(await next).toEqual({ done: true, value: undefined });
      expect(server.calls).toHaveLength(1);
    }),
  );

  test.concurrent("in a silence in the middle of a JSON answer", () =>
    withUpstream(
      (call) => {
        call.raw('{"choices":[');
        return undefined;
      },
      async ({ server, model }) => {
        const abort = new AbortController();
        const thrown = thrownBy(model.complete(REQUEST, abort.signal));
        const call = await server.call(0);
        abort.abort();
        await Promise.all([call.left, thrown]);
      },
    ),
  );

  test.concurrent("when whoever reads the stream stops reading", () =>
    withUpstream(silence, async ({ server, model }) => {
      const deltas = ask(model)[Symbol.asyncIterator]();
      const first = deltas.next();
      const call = await server.call(0);
      call.token("Half");
      await first;
      await deltas.return?.();
      await call.left;
    }),
  );

  test.concurrent("and ends the pause before the next attempt at once", () =>
    withUpstream(
      () => failure(429, { "retry-after": "30" }),
      async ({ server, model }) => {
        const abort = new AbortController();
        const heard = listen(ask(model, abort.signal));
        await server.call(0);
        const abortedAt = performance.now();
        abort.abort();
        expectModelError((await heard).error, "model_error");
        expect(performance.now() - abortedAt).toBeLessThan(5000);
        expect(server.calls).toHaveLength(1);
      },
    ),
  );

  test.concurrent("before it began: the model is not asked", () =>
    withUpstream(answer("Hi"), async ({ server, model }) => {
      const heard = await listen(ask(model, AbortSignal.abort()));
      expect(heard.text).toBe("");
      expect(heard.finishReason).toBeUndefined();
      expect(server.calls).toHaveLength(0);
    }),
  );
});
