import { event } from "./model-server.ts";
import { microseconds, parseQuestion, type Question, tokenText } from "./question.ts";

/**
 * An OpenAI-compatible model server for measurements, which runs in its own process. The question says how
 * many tokens the answer has and how far apart they come. The environment has the PORT. All answers share
 * one timer and there are no scripts, so that this server stays cheap and is not itself what is measured.
 */

/** An answer under way. */
interface Answer {
  readonly question: Question;
  readonly controller: DirectController;
  readonly finish: () => void;
  /** When the next token is due, in microseconds(). */
  dueAt: number;
  sent: number;
}

interface DirectController {
  write(chunk: string): number | Promise<number>;
  flush(): number | Promise<number>;
}

/**
 * Answers in the order in which their next token is due. All answers of a run have the same pause, so a
 * served answer goes to the end, and one timer is enough for thousands. Without a pause, each answer gets
 * one token per round, as in batched inference.
 */
const due: Answer[] = [];
let isScheduled = false;

function schedule(answer: Answer): void {
  due.push(answer);
  if (!isScheduled) serveLater();
}

function serveLater(): void {
  const waitMs = ((due[0]?.dueAt ?? 0) - microseconds()) / 1000;
  isScheduled = due.length > 0;
  if (!isScheduled) return;
  if (waitMs > 0) setTimeout(serveDue, waitMs);
  else setImmediate(serveDue);
}

function serveDue(): void {
  const now = microseconds();
  const later = due.findIndex(({ dueAt }) => dueAt > now);
  const served = due.splice(0, later === -1 ? due.length : later);
  for (const answer of served) {
    if (!sendNext(answer)) continue;
    const { pauseMs } = answer.question;
    answer.dueAt = pauseMs === 0 ? microseconds() : answer.dueAt + pauseMs * 1000;
    due.push(answer);
  }
  serveLater();
}

/** Sends the next token, each in a separate write, as model servers do. Returns false after the last. */
function sendNext(answer: Answer): boolean {
  const { question, controller } = answer;
  const isLast = answer.sent === question.tokens;
  controller.write(isLast ? END : tokenChunk(question, answer.sent++, answer.dueAt));
  controller.flush();
  if (isLast) answer.finish();
  return !isLast;
}

const COMPLETION = {
  id: "chatcmpl-bench",
  object: "chat.completion.chunk",
  created: 1,
  model: "bench",
};
const USAGE = { prompt_tokens: 11, completion_tokens: 64, total_tokens: 75 };

function tokenChunk(question: Question, index: number, dueAt: number): string {
  const content = tokenText(question, index, dueAt);
  return event({ ...COMPLETION, choices: [{ index: 0, delta: { content }, finish_reason: null }] });
}

const END =
  event({ ...COMPLETION, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }) +
  event({ ...COMPLETION, choices: [], usage: USAGE }) +
  "data: [DONE]\n\n";

function streamAnswer(question: Question, signal: AbortSignal): Response {
  const source = {
    type: "direct" as const,
    pull(controller: DirectController) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const dueAt = microseconds() + question.pauseMs * 1000;
      const answer = { question, controller, finish: resolve, dueAt, sent: 0 };
      signal.addEventListener("abort", () => {
        answer.sent = question.tokens;
        resolve();
      });
      schedule(answer);
      return promise;
    },
  };
  return new Response(new ReadableStream(source), {
    headers: { "content-type": "text/event-stream" },
  });
}

function wholeAnswer(question: Question): Response {
  let content = "";
  for (let index = 0; index < question.tokens; index++) {
    content += tokenText(question, index, microseconds());
  }
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  return Response.json({ ...COMPLETION, object: "chat.completion", choices, usage: USAGE });
}

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT),
  idleTimeout: 0,
  async fetch(request) {
    if (request.method === "GET") return new Response("ready");
    const asked = (await request.json()) as {
      readonly stream?: boolean;
      readonly messages: readonly { readonly content: string }[];
    };
    const question = parseQuestion(asked.messages.at(-1)?.content ?? "");
    return asked.stream === true ? streamAnswer(question, request.signal) : wholeAnswer(question);
  },
});
