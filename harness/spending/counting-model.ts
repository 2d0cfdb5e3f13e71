import {
  event,
  failure,
  finishChunk,
  type ModelCall,
  type ModelScript,
  tokenChunk,
} from "../model-server.ts";
import { readQuestion } from "./planned-turn.ts";

/** What the model's server has read and generated, by its own count. */
export interface Counted {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Tokens as a tokenizer makes them of several languages: short, and never of more bytes than nine. */
const PIECES = [" der", "ing", " the", ".", " a", " été", "пр", "請", " return", "s", ",", " 7"];
/** A role and its delimiters. */
const TOKENS_PER_MESSAGE = 3;
const BYTES_PER_TOKEN = 4;
/** How many tokens are sent at once, before the server sleeps. */
const BURST = 3;
const PAUSE_MS = 2;
const LATE_MS = 1000;

/**
 * A script for a model server that counts tokens as a provider does for its bill: the prompt once it has been read, and
 * each token when it is generated, whoever receives it. The questions of planned-turn.ts say how its answers end.
 */
export class CountingModel {
  readonly #turns = new Map<number, { inputTokens: number; outputTokens: number }>();

  /** What all calls together have cost. */
  get counted(): Counted {
    const turns = [...this.#turns.values()];
    return {
      inputTokens: turns.reduce((sum, turn) => sum + turn.inputTokens, 0),
      outputTokens: turns.reduce((sum, turn) => sum + turn.outputTokens, 0),
    };
  }

  /** The most that one turn has cost, in tokens of both kinds. */
  get mostOfOneTurn(): number {
    const costs = this.#turns.values().map((turn) => turn.inputTokens + turn.outputTokens);
    return costs.reduce((most, cost) => Math.max(most, cost), 0);
  }

  readonly script: ModelScript = async (call) => {
    const asked = readQuestion(call.body.messages.at(-1)?.content ?? "");
    if (asked.end === "refused") return refusalOf(asked.number);
    const count = this.#turns.get(asked.number) ?? { inputTokens: 0, outputTokens: 0 };
    this.#turns.set(asked.number, count);
    const inputTokens = promptTokens(call);
    count.inputTokens += inputTokens;
    const limit = call.body.max_tokens ?? 0;
    const tokens = asked.end === "long" ? limit + asked.tokens : Math.min(asked.tokens, limit);
    const answer: Answer = { ...asked, call, tokens, inputTokens };
    const generate = () => void (count.outputTokens += 1);
    if (call.body.stream === true) return void stream(answer, generate);
    return whole(answer, generate);
  };
}

interface Answer extends ReturnType<typeof readQuestion> {
  readonly call: ModelCall;
  readonly inputTokens: number;
}

function promptTokens({ body }: ModelCall): number {
  return body.messages.reduce((sum, { content }) => {
    return sum + TOKENS_PER_MESSAGE + Math.ceil(Buffer.byteLength(content) / BYTES_PER_TOKEN);
  }, 0);
}

/** Some servers refuse for good, some fail in a way that is tried again. */
function refusalOf(number: number): Response {
  return number % 2 === 0 ? failure(400) : failure(500, { "x-should-retry": "false" });
}

function pieceOf(number: number, index: number): string {
  return PIECES[(number * 7 + index) % PIECES.length] ?? "";
}

async function stream(answer: Answer, generate: () => void): Promise<void> {
  const { call, number, end, tokens, inputTokens } = answer;
  const breaksAt = end === "cut" || end === "silent" ? Math.floor(tokens / 2) : tokens;
  for (let index = 0; index < breaksAt; index += 1) {
    if (call.hasLeft() && end !== "deaf") return;
    generate();
    const isThought = end === "thinking" && index < tokens / 2;
    call.raw(isThought ? thoughtChunk("hm") : tokenChunk(pieceOf(number, index)));
    if (index % BURST === BURST - 1) await Bun.sleep(PAUSE_MS);
  }
  if (end === "silent") return;
  if (end === "cut") return call.cut();
  call.raw(finishChunk("stop"));
  if (end === "late") await Bun.sleep(LATE_MS);
  const usage = usageOf(end, { inputTokens, outputTokens: tokens });
  if (usage !== undefined) call.raw(event({ choices: [], usage }));
  call.raw("data: [DONE]\n\n");
  call.end();
}

/** Generates all of the answer before it sends a byte. */
async function whole(answer: Answer, generate: () => void): Promise<Response | undefined> {
  const { call, number, end, tokens, inputTokens } = answer;
  let content = "";
  for (let index = 0; index < tokens; index += 1) {
    if (index % BURST === 0) await Bun.sleep(PAUSE_MS);
    if (call.hasLeft() && end !== "deaf") return undefined;
    generate();
    content += pieceOf(number, index);
  }
  if (end === "silent") return undefined;
  if (end === "late") await Bun.sleep(LATE_MS);
  const usage = usageOf(end, { inputTokens, outputTokens: tokens });
  const message = { role: "assistant", content };
  const choices = [{ index: 0, message, finish_reason: "stop" }];
  const text = JSON.stringify({ choices, ...(usage === undefined ? {} : { usage }) });
  if (end === "cut") return cutAfter(text.slice(0, text.length / 2));
  return new Response(text, { headers: { "content-type": "application/json" } });
}

/** The head and a part of the body, and then the connection breaks. */
function cutAfter(text: string): Response {
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      await Bun.sleep(PAUSE_MS);
      controller.error();
    },
  });
  return new Response(body, { headers: { "content-type": "application/json" } });
}

function thoughtChunk(text: string): string {
  const delta = { reasoning_content: text };
  return event({ choices: [{ index: 0, delta, finish_reason: null }] });
}

/** What the server reports. Undefined: nothing. */
function usageOf(end: Answer["end"], { inputTokens, outputTokens }: Counted): unknown {
  const usage = (input: unknown, output: unknown) => ({
    prompt_tokens: input,
    completion_tokens: output,
  });
  switch (end) {
    case "unreported":
      return undefined;
    case "zero":
      return usage(0, 0);
    case "negative":
      return usage(-inputTokens, -outputTokens);
    case "huge":
      return usage(1e12, 1e12);
    case "billion":
      return usage(1e9, 1e9);
    case "text":
      return usage(String(inputTokens), "many");
    default:
      return usage(inputTokens, outputTokens);
  }
}
