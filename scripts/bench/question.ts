/** What the model is asked: the question itself says what its answer must look like. */
export interface Question {
  /** Comes back as the first token, so that an answer that went to the wrong visitor is noticed. */
  readonly number: number;
  readonly tokens: number;
  /** Milliseconds from one token to the next. */
  readonly pauseMs: number;
}

export function questionText({ number, tokens, pauseMs }: Question): string {
  return `Question ${number}: please answer in ${tokens} tokens, ${pauseMs} ms apart.`;
}

export function parseQuestion(text: string): Question {
  const [number = 0, tokens = 0, pauseMs = 0] = (text.match(/\d+/g) ?? []).map(Number);
  return { number, tokens, pauseMs };
}

/**
 * Microseconds since the epoch, so that all processes share them: process.hrtime counts from the start
 * of the process in Bun.
 */
export function microseconds(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

/** The first token names the question; each of the others says when it was due. */
export function tokenText({ number }: Question, index: number, dueAt: number): string {
  return index === 0 ? `#${number}` : ` ${dueAt.toString(36)}`;
}

/** When the token was due, in microseconds; undefined for the first, which only names the question. */
export function dueTime(token: string): number | undefined {
  return token.startsWith(" ") ? Number.parseInt(token.slice(1), 36) : undefined;
}

/** What is wrong with a whole answer; undefined when it is right. */
export function problemOf(question: Question, tokens: readonly string[]): string | undefined {
  if (tokens.length !== question.tokens) return `${tokens.length} tokens, not ${question.tokens}`;
  return problemOfText(question, tokens.join(""));
}

export function problemOfText(question: Question, text: string): string | undefined {
  const [name, ...times] = text.split(" ");
  if (name !== `#${question.number}`) return `the answer to another question: ${name}`;
  if (times.length !== question.tokens - 1)
    return `${times.length + 1} words, not ${question.tokens}`;
  const isWhole = times.every((time) => /^[0-9a-z]+$/.test(time));
  return isWhole ? undefined : "broken words";
}
