/** A question to the model. Its text says what the answer must look like. */
export interface Question {
  /** The answer's first token repeats it, so that an answer to the wrong visitor is noticed. */
  readonly number: number;
  readonly tokens: number;
  /** Milliseconds from one token to the next. */
  readonly pauseMs: number;
  /**
   * The answer is made of words that depend on the number, so that all of it can be checked. The search index
   * then also fills as with real answers. Otherwise the tokens are times, which never repeat.
   */
  readonly isInWords?: boolean;
}

const IN_WORDS = "In words, please.";

export function questionText({ number, tokens, pauseMs, isInWords }: Question): string {
  const text = `Question ${number}: please answer in ${tokens} tokens, ${pauseMs} ms apart.`;
  return isInWords ? `${text} ${IN_WORDS}` : text;
}

export function parseQuestion(text: string): Question {
  const [number = 0, tokens = 0, pauseMs = 0] = (text.match(/\d+/g) ?? []).map(Number);
  return { number, tokens, pauseMs, isInWords: text.endsWith(IN_WORDS) };
}

/**
 * Microseconds since the epoch, the same in all processes. In Bun, process.hrtime counts from the start of
 * the process.
 */
export function microseconds(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

/** The first token is the question's number. Each of the others is a word, or the time when it was due. */
export function tokenText(question: Question, index: number, dueAt: number): string {
  const { number, isInWords } = question;
  if (index === 0) return `#${number}`;
  return ` ${isInWords ? wordOf(number, index) : dueAt.toString(36)}`;
}

/** The whole answer to a question with `isInWords`. */
export function answerInWords({ number, tokens }: Question): string {
  const words = Array.from({ length: tokens - 1 }, (_, index) => wordOf(number, index + 1));
  return [`#${number}`, ...words].join(" ");
}

const VOCABULARY = 2000;
const CONSONANTS = "bcdfghjklmnpqrstvwxz";
const VOWELS = "aeiou";
const SYLLABLES = CONSONANTS.length * VOWELS.length;

/** A word of two syllables. A few words are frequent and most are rare, as in a real text. */
function wordOf(number: number, index: number): string {
  const part = Bun.hash.crc32(`${number}/${index}`) / 2 ** 32;
  const rank = Math.floor(part ** 2.2 * VOCABULARY);
  return syllable(rank % SYLLABLES) + syllable(Math.floor(rank / SYLLABLES));
}

function syllable(index: number): string {
  const consonant = CONSONANTS[Math.floor(index / VOWELS.length)] ?? "";
  return consonant + (VOWELS[index % VOWELS.length] ?? "");
}

/** When the token was due, in microseconds; undefined for the first token, which is the question's number. */
export function dueTime(token: string): number | undefined {
  return token.startsWith(" ") ? Number.parseInt(token.slice(1), 36) : undefined;
}

/** What is wrong with a complete answer; undefined when it is right. */
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
