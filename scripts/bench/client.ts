import {
  dueTime,
  microseconds,
  problemOf,
  problemOfText,
  type Question,
} from "../../harness/question.ts";
import type { AnswerFormat, Target } from "./targets.ts";

/** The times of one answer. */
export interface AnswerTiming {
  /** Milliseconds from the request to the first token. */
  readonly firstTokenMs: number;
  /** For each token but the first: the milliseconds from when it was due to when it arrived. */
  readonly latenessMs: readonly number[];
}

/** The answer is wrong. That fails the run, however fast the answer came. */
export class WrongAnswerError extends Error {}

/** Thrown for a 503 with Retry-After: the server has no room, which is a valid answer. */
export class RefusedError extends Error {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super(`The server has no room, and says to come again in ${retryAfterMs} ms.`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Asks for a streamed answer, reads it to its end and checks it. Calls `onLateness` for each token on arrival. */
export async function askStream(
  target: Target,
  url: string,
  question: Question,
  onLateness?: (ms: number) => void,
): Promise<AnswerTiming> {
  const startedAt = microseconds();
  const response = await fetch(target.stream(url, question));
  if (response.status !== 200 || !response.body) throw await refusal(target, response);
  const readToken = TOKEN_READERS[target.format];
  const decoder = new TextDecoder();
  const tokens: string[] = [];
  const latenessMs: number[] = [];
  let firstTokenAt: number | undefined;
  let pending = "";
  for await (const bytes of response.body) {
    const now = microseconds();
    const lines = (pending + decoder.decode(bytes, { stream: true })).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) {
      const token = readToken(line);
      if (token === undefined) continue;
      firstTokenAt ??= now;
      tokens.push(token);
      const dueAt = dueTime(token);
      if (dueAt === undefined) continue;
      latenessMs.push((now - dueAt) / 1000);
      onLateness?.((now - dueAt) / 1000);
    }
  }
  const problem = problemOf(question, tokens);
  if (problem !== undefined) throw wrongAnswer(target, problem);
  return { firstTokenMs: ((firstTokenAt ?? microseconds()) - startedAt) / 1000, latenessMs };
}

/** Asks for the whole answer at once and checks it. */
export async function askJson(target: Target, url: string, question: Question): Promise<void> {
  const response = await fetch(target.json(url, question));
  if (response.status !== 200) throw await refusal(target, response);
  const problem = problemOfText(question, wholeText(await response.json()));
  if (problem !== undefined) throw wrongAnswer(target, problem);
}

/** The token in a line of a stream; undefined for a line without a token. */
const TOKEN_READERS: Record<AnswerFormat, (line: string) => string | undefined> = {
  events(line) {
    if (line === "") return undefined;
    const event: { type: string; token?: string } = JSON.parse(line);
    return event.type === "token" ? event.token : undefined;
  },
  openai(line) {
    if (!line.startsWith("data: {")) return undefined;
    const chunk: OpenAiChunk = JSON.parse(line.slice("data: ".length));
    return chunk.choices?.[0]?.delta?.content;
  },
};

interface OpenAiChunk {
  readonly choices?: readonly { readonly delta?: { readonly content?: string } }[];
}

interface WholeAnswer {
  readonly message?: string;
  readonly choices?: readonly { readonly message?: { readonly content?: string } }[];
}

function wholeText(answer: unknown): string {
  const { message, choices } = answer as WholeAnswer;
  return message ?? choices?.[0]?.message?.content ?? "";
}

async function refusal(target: Target, response: Response): Promise<Error> {
  const text = await response.text();
  const retryAfter = response.headers.get("retry-after");
  if (response.status === 503 && retryAfter !== null) {
    return new RefusedError(Number(retryAfter) * 1000);
  }
  return wrongAnswer(target, `status ${response.status}: ${text.slice(0, 200)}`);
}

function wrongAnswer(target: Target, problem: string): WrongAnswerError {
  return new WrongAnswerError(`${target.name} gave a wrong answer: ${problem}`);
}
