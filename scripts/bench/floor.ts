/**
 * The least work that this runtime can do for a chat: relaying the model's tokens, without storage, keys,
 * limits, checks or deadlines. It runs in its own process. MODEL_URL and PORT are in the environment.
 *
 *   POST /stream  {"message"} → NDJSON, one token per line, as it comes
 *   POST /sse     the same as server-sent events
 *   POST /json    {"message"} → {"message"}, the streamed tokens joined
 */
const modelUrl = `${process.env.MODEL_URL}/v1/chat/completions`;

interface Controller {
  write(chunk: string): number | Promise<number>;
  flush(): number | Promise<number>;
}

async function* tokens(request: Request): AsyncGenerator<string[]> {
  const { message } = (await request.json()) as { message: string };
  const upstream = await fetch(modelUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model: "bench",
      stream: true,
      messages: [{ role: "user", content: message }],
    }),
    signal: request.signal,
  });
  const decoder = new TextDecoder();
  let pending = "";
  for await (const bytes of upstream.body ?? []) {
    pending += decoder.decode(bytes, { stream: true });
    const events = pending.split("\n\n");
    pending = events.pop() ?? "";
    const found: string[] = [];
    for (const event of events) {
      const data = event.slice("data: ".length);
      if (data === "[DONE]") continue;
      const chunk = JSON.parse(data) as { choices: { delta: { content?: string } }[] };
      const token = chunk.choices[0]?.delta.content;
      if (token !== undefined) found.push(token);
    }
    if (found.length > 0) yield found;
  }
}

function stream(request: Request, contentType: string, encode: (event: object) => string) {
  const source = {
    type: "direct" as const,
    async pull(controller: Controller) {
      for await (const found of tokens(request)) {
        let text = "";
        for (const token of found) text += encode({ type: "token", token });
        controller.write(text);
        controller.flush();
      }
      controller.write(encode({ type: "done" }));
    },
  };
  return new Response(new ReadableStream(source), { headers: { "content-type": contentType } });
}

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT),
  idleTimeout: 0,
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/stream":
        return stream(request, "application/x-ndjson", (event) => `${JSON.stringify(event)}\n`);
      case "/sse":
        return stream(
          request,
          "text/event-stream",
          (event) => `data: ${JSON.stringify(event)}\n\n`,
        );
      case "/json": {
        let message = "";
        for await (const found of tokens(request)) message += found.join("");
        return Response.json({ message });
      }
      default:
        return new Response("ok");
    }
  },
});
