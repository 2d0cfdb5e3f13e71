import { widgetFiles } from "../../../src/assets/widget-files.ts";
import type { ChatEvent } from "../../../src/conversation/events.ts";
import { answerOf } from "./answers.ts";

const TOKENS_PER_SECOND = 400;
const TOKEN_LENGTH = 4;
/** So often some tokens are sent, as networks do. */
const CHUNK_MS = 10;

const PAGE = `<!doctype html><title>bench</title>
<script src="${widgetFiles.whole.path}" data-api-key="bench" data-open></script>`;
const IDS = { conversationId: "bench", turnId: "bench" };

/**
 * Serves a page with the widget, whose every question gets an answer of the kind that it names. The first part of the
 * answer comes at once, the rest at 400 tokens a second for as long as somebody reads.
 * @param headLength characters of the first part
 */
export function serveChatPage(headLength: number) {
  const { whole } = widgetFiles;
  return Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    routes: {
      "/": new Response(PAGE, { headers: { "content-type": "text/html" } }),
      [whole.path]: new Response(whole.source, { headers: { "content-type": "text/javascript" } }),
      "/v1/sessions": () =>
        Response.json({ sessionId: `s_${"b".repeat(22)}`, sessionToken: "bench" }),
      "/v1/chat/stream": async (request) => {
        const { message } = (await request.json()) as { message: string };
        return new Response(writeAnswer(message, headLength), {
          headers: { "content-type": "text/event-stream" },
        });
      },
    },
    fetch: () => new Response(null, { status: 404 }),
  });
}

function writeAnswer(kind: string, headLength: number): ReadableStream<string> {
  const parts = answerOf(kind);
  const { turnId, conversationId } = IDS;
  let timer: Timer | undefined;
  return new ReadableStream<string>({
    start(controller) {
      let sent = 0;
      let rest = "";
      const take = (length: number) => {
        while (rest.length < length) rest += parts.next().value;
        const taken = rest.slice(0, length);
        rest = rest.slice(length);
        return write({ type: "token", token: taken });
      };
      controller.enqueue(write({ type: "start", conversationId, turnId }));
      for (let at = 0; at < headLength; at += 1000) controller.enqueue(take(1000));
      const startedAt = performance.now();
      timer = setInterval(() => {
        const due = ((performance.now() - startedAt) / 1000) * TOKENS_PER_SECOND;
        for (; sent < due; sent++) controller.enqueue(take(TOKEN_LENGTH));
      }, CHUNK_MS);
    },
    cancel: () => clearInterval(timer),
  });
}

function write(event: ChatEvent): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
