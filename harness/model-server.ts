import { type Server } from "bun";

/** The body of chatporch's request to the model server. */
interface ModelRequestBody {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly stream?: boolean;
  readonly max_tokens?: number;
}

/** One request under way, which a script answers. */
export interface ModelCall {
  readonly body: ModelRequestBody;
  readonly headers: Headers;
  /** Resolves when the caller closes the connection before the answer has ended. */
  readonly left: Promise<void>;
  readonly hasLeft: () => boolean;
  /** Sends a token in a separate chunk. */
  token(text: string): void;
  /** Sends bytes unchanged into the stream. */
  raw(bytes: string | Uint8Array): void;
  /** Sends the finish reason, the usage and [DONE], and ends the stream. */
  finish(reason?: string): void;
  /** Ends the stream without anything more. */
  end(): void;
  /** Breaks the connection. */
  cut(): void;
}

/**
 * Answers one call, either by returning a response or by writing to the call as a stream. The stream stays
 * open after the script returns, until `finish`, `end` or `cut`.
 */
export type ModelScript = (call: ModelCall) => Response | void | Promise<Response | void>;

export interface ModelServer {
  readonly url: string;
  readonly calls: readonly ModelCall[];
  /** The script that answers calls from now on. */
  script: ModelScript;
  /** Answers GET requests by their path. */
  get: (path: string) => Response;
  /** Resolves with the call of the given number, counted from 0, once it has come. */
  call(index: number): Promise<ModelCall>;
  stop(): Promise<void>;
}

export const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

/** Starts an OpenAI-compatible server on loopback. Tests script its answers. */
export function startModelServer(script: ModelScript = answer("Hello there")): ModelServer {
  const calls: ModelCall[] = [];
  const waiting = new Map<number, (call: ModelCall) => void>();

  const server: Server<undefined> = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      // A request for the list of models is not part of the chat and does not count as a call.
      if (request.method === "GET") return running.get(new URL(request.url).pathname);
      const { call, response } = openCall(request, (await request.json()) as ModelRequestBody);
      calls.push(call);
      waiting.get(calls.length - 1)?.(call);
      const replaced = await running.script(call);
      return replaced ?? response;
    },
  });

  const running: ModelServer = {
    url: `http://127.0.0.1:${server.port}/v1`,
    calls,
    script,
    get: () => new Response("not found", { status: 404 }),
    call(index) {
      const known = calls[index];
      if (known) return Promise.resolve(known);
      return new Promise((resolve) => waiting.set(index, resolve));
    },
    stop: () => server.stop(true),
  };
  return running;
}

function openCall(request: Request, body: ModelRequestBody) {
  const utf8 = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let isOpen = true;
  let hasLeft = false;
  const left = new Promise<void>((resolve) => {
    request.signal.addEventListener("abort", () => {
      isOpen = false;
      hasLeft = true;
      resolve();
    });
  });
  const stream = new ReadableStream<Uint8Array>({
    start(made) {
      controller = made;
    },
  });

  function raw(bytes: string | Uint8Array): void {
    if (!isOpen) return;
    controller.enqueue(typeof bytes === "string" ? utf8.encode(bytes) : bytes);
  }

  function end(): void {
    if (!isOpen) return;
    isOpen = false;
    controller.close();
  }

  const call: ModelCall = {
    body,
    headers: request.headers,
    left,
    hasLeft: () => hasLeft,
    raw,
    end,
    token: (text) => raw(tokenChunk(text)),
    finish(reason = "stop") {
      raw(finishChunk(reason));
      raw(event({ choices: [], usage: USAGE }));
      raw("data: [DONE]\n\n");
      end();
    },
    cut() {
      isOpen = false;
      // Bun prints an error that is given here, each time.
      controller.error();
    },
  };
  const headers = { "content-type": "text/event-stream" };
  return { call, response: new Response(stream, { headers }) };
}

export function event(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

export function tokenChunk(text: string): string {
  return event({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] });
}

export function finishChunk(reason: string): string {
  return event({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
}

/** Answers streamed or whole, as the request asks. Each word with its space is one token. */
export function answer(text: string): ModelScript {
  return (call) => {
    if (call.body.stream !== true) return Response.json(completion(text));
    for (const word of text.split(/(?<= )/)) call.token(word);
    call.finish();
  };
}

/** Sends a token every `delayMs`, each in a separate chunk. An answer that is not streamed has all of them at once. */
export function pacedAnswer(tokens: readonly string[], delayMs: number): ModelScript {
  return (call) => {
    if (call.body.stream !== true) return Response.json(completion(tokens.join("")));
    void (async () => {
      for (const token of tokens) {
        await Bun.sleep(delayMs);
        call.token(token);
      }
      call.finish();
    })();
  };
}

/** Sends nothing until the test writes to the call. */
export const silence: ModelScript = () => undefined;

export function completion(text: string, reason = "stop") {
  return {
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: reason }],
    usage: USAGE,
  };
}

export function failure(status: number, headers: Record<string, string> = {}): Response {
  const error = {
    message: "upstream says no to sk-secret-upstream",
    type: "test",
    code: "scripted",
  };
  return Response.json({ error }, { status, headers });
}
