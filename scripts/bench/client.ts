import {
  dueTime,
  microseconds,
  problemOf,
  problemOfText,
  type Question,
} from "../../harness/question.ts";
import { type AnswerFormat, resumeRequest, type Target } from "./targets.ts";

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
  return readStream({ target, question, startedAt }, response, onLateness);
}

interface Asked {
  readonly target: Target;
  readonly question: Question;
  /** When it was asked, in microseconds(). */
  readonly startedAt: number;
}

/** Reads a streamed answer from its first token to its end, and checks it. */
export async function readStream(
  { target, question, startedAt }: Asked,
  response: Response,
  onLateness?: (ms: number) => void,
): Promise<AnswerTiming> {
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

/**
 * Asks a replica for a streamed answer, leaves after the first event, and reads the rest at another replica, as a
 * visitor does whose connection broke.
 */
export async function followElsewhere(
  target: Target,
  url: string,
  elsewhere: string,
  question: Question,
): Promise<AnswerTiming> {
  const startedAt = microseconds();
  const leaving = new AbortController();
  const asked = await fetch(target.stream(url, question), { signal: leaving.signal });
  if (asked.status !== 200 || !asked.body) throw await refusal(target, asked);
  const turnId = await firstTurnId(asked.body);
  // The visitor is at the other replica before this one finds that nobody reads.
  const response = await fetch(resumeRequest(elsewhere, { turnId, after: 1, question }));
  leaving.abort();
  return readStream({ target, question, startedAt }, response);
}

/** The turn in the first line of a stream of events. */
async function firstTurnId(body: ReadableStream<Uint8Array>): Promise<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`The stream ended within its first line: ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  const event: { turnId: string } = JSON.parse(text.slice(0, text.indexOf("\n")));
  reader.releaseLock();
  return event.turnId;
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
