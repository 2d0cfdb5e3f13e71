import { describe, expect, test } from "bun:test";

import {
  answer,
  event,
  type ModelCall,
  type ModelScript,
  type ModelServer,
  startModelServer,
  tokenChunk,
} from "../../harness/model-server.ts";
import { type ChatModel, ModelError } from "../../src/model/model.ts";
import { createOpenAiModel } from "../../src/model/openai.ts";
import { openAiSettings } from "../support/test-app.ts";

/** The real SDK over HTTP, against servers that refuse parameters which others accept. */

const REQUEST = {
  systemPrompt: "You are a lighthouse.",
  history: [{ role: "user", content: "What are stream_options?" }],
  maxOutputTokens: 77,
} as const;

const SSE = { "content-type": "text/event-stream" };

interface Upstream {
  readonly server: ModelServer;
  readonly model: ChatModel;
  readonly notices: unknown[];
}

async function withUpstream(
  script: ModelScript,
  use: (upstream: Upstream) => Promise<void>,
): Promise<void> {
  const server = startModelServer(script);
  const notices: unknown[] = [];
  const model = createOpenAiModel(openAiSettings(server.url), (notice, fields) =>
    notices.push({ notice, ...fields }),
  );
  try {
    await use({ server, model, notices });
  } finally {
    await server.stop();
  }
}

async function streamed(model: ChatModel, request: typeof REQUEST | Request = REQUEST) {
  let text = "";
  for await (const { tokens } of await model.stream(request, new AbortController().signal)) {
    text += tokens.join("");
  }
  return text;
}

type Request = Parameters<ChatModel["stream"]>[0];

async function whole(model: ChatModel, request: Request = REQUEST): Promise<string> {
  return (await model.complete(request, new AbortController().signal)).text;
}

/** Answers unless the request has the field; then it refuses it with the given body. */
function without(field: string, body: unknown, status = 400): ModelScript {
  return (call) => {
    if (!(field in call.body)) return answer("At last")(call);
    return typeof body === "string"
      ? new Response(body, { status })
      : Response.json(body, { status });
  };
}

const error = (message: string, more: object = {}) => ({
  error: { message, type: "invalid_request_error", param: null, code: null, ...more },
});
const extra = (...loc: string[]) => ({
  type: "extra_forbidden",
  loc: ["body", ...loc],
  msg: "Extra inputs are not permitted",
  // pydantic repeats the request, including the visitor's text about other parameters.
  input: { messages: [{ role: "user", content: "max_tokens or reasoning_effort?" }] },
});

/** The words of different servers. */
const REFUSALS: readonly (readonly [string, unknown, number?])[] = [
  ["OpenAI", error("Unknown parameter: 'stream_options'.", { param: "stream_options" })],
  ["a field of it", error("Unknown parameter.", { param: "stream_options.include_usage" })],
  ["Azure", error("Unrecognized request argument supplied: stream_options", { param: "" })],
  [
    "xAI",
    {
      code: "Client specified an invalid argument",
      error: "Argument not supported: stream_options",
    },
  ],
  ["pydantic", { detail: [extra("stream_options")] }, 422],
  ["vLLM", { object: "error", message: `[${JSON.stringify(extra("stream_options"))}]`, code: 400 }],
  ["Google", [error('Unknown name "stream_options": Cannot find field.', { code: 400 })]],
  ["a message without an object", { message: "unknown field `stream_options`" }],
  ["an error that is a string", { error: 'json: unknown field "stream_options"' }],
  ["plain text", "unknown field stream_options at line 1"],
  ["status 501", error("stream_options is not implemented"), 501],
  [
    "a list of what is known behind what is not",
    error("Unknown field stream_options; known are model, messages, max_tokens and stream"),
  ],
];

describe("a server that refuses stream_options", () => {
  test.concurrent.each(REFUSALS)(
    "is asked again without them, and only without them: %s",
    (_, body, status = 400) =>
      withUpstream(without("stream_options", body, status), async ({ server, model }) => {
        expect(await streamed(model)).toBe("At last");
        const last = server.calls.at(-1)?.body;
        expect(last).not.toHaveProperty("stream_options");
        expect(last).toMatchObject({ max_tokens: 77, stream: true, model: "test-model" });
      }),
  );

  test.concurrent(
    "is not asked with them again as long as the process lives, and the log says so",
    () =>
      withUpstream(
        without("stream_options", error("Unknown parameter: 'stream_options'.")),
        async ({ server, model, notices }) => {
          await streamed(model);
          await streamed(model);
          expect(server.calls.map(({ body }) => "stream_options" in body)).toEqual([
            true,
            false,
            false,
          ]);
          expect(notices).toEqual([
            {
              notice:
                "the model's server refuses parts of a request: they are left out or sent in another form",
              refused: ["stream_options"],
            },
          ]);
        },
      ),
  );
});

describe("a server that refuses max_tokens", () => {
  const OPENAI_ERROR = error(
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    { param: "max_tokens", code: "unsupported_parameter" },
  );

  test.concurrent.each([
    ["streamed", streamed],
    ["at once", whole],
  ])("is asked with max_completion_tokens, %s", (_, ask) =>
    withUpstream(without("max_tokens", OPENAI_ERROR), async ({ server, model }) => {
      expect(await ask(model)).toBe("At last");
      expect(await ask(model)).toBe("At last");
      expect(server.calls.map(({ body }) => "max_tokens" in body)).toEqual([true, false, false]);
      expect(server.calls.at(-1)?.body).toMatchObject({ max_completion_tokens: 77 });
    }),
  );

  test.concurrent("and max_completion_tokens is asked without a limit", () =>
    withUpstream(
      (call) => {
        const limits = ["max_tokens", "max_completion_tokens"].filter((name) => name in call.body);
        if (limits.length === 0) return answer("At last")(call);
        return Response.json({ detail: limits.map((name) => extra(name)) }, { status: 422 });
      },
      async ({ server, model }) => {
        expect(await streamed(model)).toBe("At last");
        expect(server.calls).toHaveLength(3);
      },
    ),
  );
});

describe("a server that does not stream this model", () => {
  test.concurrent.each([
    [400, error("Your organization must be verified to stream this model.", { param: "stream" })],
    [400, error("Streaming is not supported for this model.")],
    [422, { detail: [extra("stream")] }],
    [501, error("stream: not supported")],
  ])("is asked for the whole answer: %i %j", (status, body) =>
    withUpstream(
      (call) => {
        if (call.body.stream) return Response.json(body, { status });
        if ("stream_options" in call.body) {
          const message =
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
          return Response.json(error(message, { param: "stream_options" }), { status: 400 });
        }
        return answer("At last")(call);
      },
      async ({ model }) => {
        expect(await streamed(model)).toBe("At last");
        expect(await whole(model)).toBe("At last");
      },
    ),
  );

  test.concurrent.each([
    error("The stream was closed by the model's worker"),
    error("reasoning failed"),
    error("Internal error while counting max_tokens"),
  ])("is not confused with one that fails for a moment: %j", (body) =>
    withUpstream(
      () => Response.json(body, { status: 500, headers: { "x-should-retry": "false" } }),
      async ({ server, model }) => {
        await streamed(model).catch(() => undefined);
        expect(server.calls).toHaveLength(1);
      },
    ),
  );
});

describe("a server whose model does not reason", () => {
  test.concurrent.each([
    error("Unsupported value: 'reasoning_effort' does not support 'none' with this model."),
    error("Unrecognized request argument supplied: reasoning_effort"),
    error("Unsupported parameter: 'reasoning.effort'", { param: "reasoning.effort" }),
    { error: '"test-model" does not support thinking' },
  ])("is asked again without reasoning_effort, but with everything else: %j", async (body) => {
    const server = startModelServer(without("reasoning_effort", body));
    const settings = { ...openAiSettings(server.url), reasoningEffort: "none" };
    try {
      expect(await streamed(createOpenAiModel(settings))).toBe("At last");
      expect(server.calls[0]?.body).toHaveProperty("reasoning_effort", "none");
      expect(server.calls[1]?.body).toMatchObject({ max_tokens: 77 });
      expect(server.calls[1]?.body).toHaveProperty("stream_options");
    } finally {
      await server.stop();
    }
  });
});

test("a MAX_OUTPUT_TOKENS above the model's own limit is left out, so that the model's limit holds", () =>
  withUpstream(
    (call) => {
      const limit = call.body.max_tokens ?? Reflect.get(call.body, "max_completion_tokens");
      if (limit === undefined) return answer("At last")(call);
      const message = `max_tokens is too large: ${limit}. This model supports at most 16 completion tokens.`;
      return Response.json(error(message, { param: "max_tokens" }), { status: 400 });
    },
    async ({ server, model }) => {
      expect(await streamed(model)).toBe("At last");
      await streamed(model);
      expect(server.calls).toHaveLength(4);
    },
  ));

test.each([
  [400, error("System role not supported")],
  [400, error("Unsupported value: 'messages[0].role' does not support 'system' with this model.")],
  [500, error("Conversation roles must alternate user/assistant/user/assistant/...")],
])(
  "a model whose template has no system role is sent the prompt with the question: %i %j",
  (status, body) =>
    withUpstream(
      (call) =>
        call.body.messages[0]?.role === "system"
          ? Response.json(body, { status, headers: { "x-should-retry": "false" } })
          : answer("At last")(call),
      async ({ model }) => {
        expect(await streamed(model)).toBe("At last");
      },
    ),
);

test("a server that refuses everything optional is asked until it answers", () =>
  withUpstream(
    (call) => {
      for (const name of ["max_tokens", "max_completion_tokens", "stream_options"]) {
        if (name in call.body) {
          return Response.json(error(`Unknown parameter: '${name}'`), { status: 400 });
        }
      }
      if (call.body.messages[0]?.role === "system") {
        return Response.json(error("System role not supported"), { status: 400 });
      }
      return answer("At last")(call);
    },
    async ({ server, model }) => {
      expect(await streamed(model)).toBe("At last");
      expect(server.calls).toHaveLength(5);
      expect(server.calls.at(-1)?.body.messages).toEqual([
        { role: "user", content: "You are a lighthouse.\n\nWhat are stream_options?" },
      ]);
      expect(await streamed(model)).toBe("At last");
      expect(server.calls).toHaveLength(6);
    },
  ));

test.each([
  ["stream_options", error("no stream_options")],
  ["all of them", error("stream_options max_tokens max_completion_tokens system role")],
])(
  "a server that refuses every request is asked a bounded number of times: it names %s",
  (_, body) =>
    withUpstream(
      () => Response.json(body, { status: 400 }),
      async ({ server, model, notices }) => {
        expect(await streamed(model).catch((thrown: unknown) => thrown)).toBeInstanceOf(ModelError);
        expect(server.calls.length).toBeLessThanOrEqual(6);
        // The named field was not the cause, so the next question is sent as the first one was.
        await streamed(model).catch(() => undefined);
        expect(server.calls[server.calls.length / 2]?.body).toEqual(server.calls[0]?.body as never);
        expect(notices).toEqual([]);
      },
    ),
);

test.each([401, 403, 429])(
  "status %i is not a refusal of a parameter, whatever it names",
  (status) =>
    withUpstream(
      () =>
        Response.json(error("stream_options"), { status, headers: { "x-should-retry": "false" } }),
      async ({ server, model }) => {
        await streamed(model).catch(() => undefined);
        expect(server.calls).toHaveLength(1);
      },
    ),
);

test("a refused field that is not optional is not asked again", () =>
  withUpstream(
    () => Response.json(error("Invalid value", { param: "model" }), { status: 400 }),
    async ({ server, model }) => {
      await streamed(model).catch(() => undefined);
      expect(server.calls).toHaveLength(1);
    },
  ));

const QUESTION = { role: "user", content: "hi" } as const;

function conversation(exchanges: number): Request {
  const earlier = Array.from({ length: exchanges }, (_, index) => [
    { role: "user" as const, content: `Question ${index}: ${"why? ".repeat(20)}` },
    { role: "assistant" as const, content: `Answer ${index}: ${"because. ".repeat(20)}` },
  ]);
  return { ...REQUEST, history: [...earlier.flat(), QUESTION] };
}

/** A model whose context holds the prompt, the question and this many exchanges. */
function roomFor(exchanges: number, body: unknown, status = 400): ModelScript {
  return (call) => {
    const fits = call.body.messages.length <= 2 + 2 * exchanges;
    return fits ? answer("At last")(call) : Response.json(body, { status });
  };
}

const OVERFLOWS: readonly (readonly [string, unknown, number?])[] = [
  [
    "OpenAI",
    error("This model's maximum context length is 8192 tokens.", {
      code: "context_length_exceeded",
      param: "messages",
    }),
  ],
  [
    "llama.cpp",
    {
      error: {
        code: 400,
        message: "the request exceeds the available context size. try increasing the context size",
        type: "exceed_context_size_error",
        n_prompt_tokens: 9000,
        n_ctx: 4096,
      },
    },
  ],
  [
    "vLLM",
    {
      object: "error",
      message:
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens " +
        "(3976 in the messages, 1024 in the completion). Please reduce the length of the messages.",
      type: "BadRequestError",
      param: null,
      code: 400,
    },
  ],
  [
    "vLLM, which names max_tokens",
    error(
      "'max_tokens' or 'max_completion_tokens' is too large: 1024. This model's maximum context " +
        "length is 4096 tokens and your request has 3500 input tokens.",
    ),
  ],
  ["Anthropic", error("prompt is too long: 213462 tokens > 200000 maximum")],
  [
    "Anthropic with the answer",
    error("input length and `max_tokens` exceed context limit: 1 + 2 > 2"),
  ],
  ["Google", error("The input token count (1200000) exceeds the maximum number of tokens allowed")],
  [
    "xAI",
    error("This model's maximum prompt length is 131072 but the request contains 200000 tokens"),
  ],
  ["Groq", error("Please reduce the length of the messages or completion."), 413],
  ["LM Studio", { error: "The number of tokens to keep is greater than the context length" }],
  ["Mistral", { message: "Prompt contains 40000 tokens, too large for model with 32768 maximum" }],
  [
    "Cohere",
    { message: "too many tokens: total number of tokens in the prompt cannot exceed 4081" },
  ],
  [
    "TGI",
    {
      error: "Input validation error: `inputs` must have less than 4096 tokens",
      error_type: "validation",
    },
    422,
  ],
  ["a proxy's 413", "<html>413 Request Entity Too Large</html>", 413],
];

describe("a conversation that is longer than the model's context", () => {
  test.concurrent.each(OVERFLOWS)(
    "goes on without its oldest exchanges: %s",
    (_, body, status = 400) =>
      withUpstream(roomFor(4, body, status), async ({ server, model, notices }) => {
        expect(await streamed(model, conversation(15))).toBe("At last");
        const sent = server.calls.at(-1)?.body.messages ?? [];
        expect(sent[0]).toEqual({ role: "system", content: "You are a lighthouse." });
        expect(sent[1]?.content).toStartWith("Question ");
        expect(sent.at(-2)?.content).toStartWith("Answer 14: ");
        expect(sent.at(-1)).toEqual(QUESTION);
        expect(server.calls.length).toBeLessThanOrEqual(4);
        expect(notices).toMatchObject([{ messagesLeftOut: expect.any(Number) }]);
      }),
  );

  test.concurrent.each([
    ["an event of its stream", (body: unknown) => new Response(event(body), { headers: SSE })],
    ["JSON with status 200", (body: unknown) => Response.json(body)],
  ])("goes on when its server says so only in %s", (_, respond) =>
    withUpstream(
      (call) => {
        if (call.body.messages.length <= 6) return answer("At last")(call);
        const message =
          "The input (5000 tokens) is longer than the model's context length (4096 tokens).";
        return respond({ error: { message, code: 400 } });
      },
      async ({ server, model }) => {
        expect(await streamed(model, conversation(15))).toBe("At last");
        expect(server.calls.at(-1)?.body.messages).toHaveLength(4);
        expect(await whole(model, conversation(3))).toBe("At last");
      },
    ),
  );

  test.concurrent("whose question alone is too long says so under status 200, too", () =>
    withUpstream(
      () => Response.json({ error: { message: "context length exceeded" } }),
      async ({ model }) => {
        const thrown = await whole(model, conversation(3)).catch((error: unknown) => error);
        expect(String(thrown)).toContain("the question alone is too long");
      },
    ),
  );

  test.concurrent(
    "is not sent again after the first words of an answer, which would be repeated",
    () =>
      withUpstream(
        () => {
          const late = { error: { message: "the context length is exceeded" } };
          return new Response(tokenChunk("Half ") + event(late), { headers: SSE });
        },
        async ({ server, model }) => {
          const thrown = await streamed(model, conversation(15)).catch((error: unknown) => error);
          expect(thrown).toBeInstanceOf(ModelError);
          expect(server.calls).toHaveLength(1);
        },
      ),
  );

  test.concurrent("goes on without streaming, too", () =>
    withUpstream(roomFor(0, OVERFLOWS[0]?.[1]), async ({ model }) => {
      expect(await whole(model, conversation(15))).toBe("At last");
    }),
  );

  test.concurrent("is asked few times, however long it is", () =>
    withUpstream(roomFor(0, OVERFLOWS[0]?.[1]), async ({ server, model }) => {
      expect(await streamed(model, conversation(500))).toBe("At last");
      expect(server.calls.length).toBeLessThanOrEqual(10);
    }),
  );

  test.concurrent("whose question alone is too long says so, and what to do", () =>
    withUpstream(
      () => Response.json(OVERFLOWS[0]?.[1], { status: 400 }),
      async ({ server, model }) => {
        const thrown = await streamed(model, conversation(3)).catch((error: unknown) => error);
        if (!(thrown instanceof ModelError)) throw thrown;
        expect(thrown.code).toBe("model_error");
        expect(thrown.message).toContain("the question alone is too long for the model's context");
        expect(thrown.message).toContain("SYSTEM_PROMPT");
        expect(server.calls.at(-1)?.body.messages).toHaveLength(2);
      },
    ),
  );

  test.concurrent("and whose MAX_OUTPUT_TOKENS exceeds that context is sent without a limit", () =>
    withUpstream(
      (call) => {
        if (!("max_tokens" in call.body) && !("max_completion_tokens" in call.body)) {
          return answer("At last")(call);
        }
        const message =
          "This model's maximum context length is 4096 tokens. However, you requested 5120 tokens " +
          "(20 in the messages, 5100 in the completion, max_tokens).";
        return Response.json(error(message), { status: 400 });
      },
      async ({ server, model, notices }) => {
        expect(await streamed(model, conversation(1))).toBe("At last");
        expect(notices).toEqual([
          {
            notice: "the model's context is full: lower MAX_HISTORY_TOKENS or MAX_OUTPUT_TOKENS",
            messagesLeftOut: 2,
            refused: ["the limit of the answer"],
          },
        ]);
        // Perhaps only this conversation was too long, so the next question has its limit again.
        const before = server.calls.length;
        await streamed(model);
        expect(server.calls[before]?.body).toHaveProperty("max_tokens");
      },
    ),
  );

  test.concurrent("goes on even on a server that refuses stream_options", () =>
    withUpstream(
      (call: ModelCall) =>
        "stream_options" in call.body
          ? Response.json(error("Unknown parameter: stream_options"), { status: 400 })
          : roomFor(2, OVERFLOWS[0]?.[1])(call),
      async ({ model }) => {
        expect(await streamed(model, conversation(15))).toBe("At last");
      },
    ),
  );
});
