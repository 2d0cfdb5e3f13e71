import { answerInWords, type Question, questionText } from "../../harness/question.ts";
import { post, visitorHeaders } from "../bench/targets.ts";
import { Answer, expectOk } from "./answer.ts";
import type { Tally } from "./tally.ts";

interface VisitorsOptions {
  readonly url: string;
  /** How many visitors there are at once. */
  readonly atOnce: number;
  /** The mean length of an answer; the shortest have half of it. */
  readonly tokens: number;
  readonly pauseMs: number;
  /** The visitors arrive over this time, so that thousands do not connect in one millisecond. */
  readonly arrivalMs: number;
  readonly tally: Tally;
}

/** A session and its visitor. */
interface Session {
  readonly visitor: number;
  readonly id: string;
  /** Sent with each request: the token of a minted session and the visitor's address. */
  readonly headers: Readonly<Record<string, string>>;
  readonly isMinted: boolean;
}

/** How a question is asked and its answer read. Sixteen of twenty are simply streamed to their end. */
const MANNERS = ["whole", "leave", "resume", "resume"] as const;
const QUESTIONS_OF_ALL_MANNERS = 20;
/** A visitor asks one to five questions. */
const MAX_QUESTIONS = 5;
/** One visitor in this many is a client that chooses its session id itself. */
const NAMED_SESSION_EVERY = 4;
/** One visitor in this many reloads the page at the end and reads the history. */
const HISTORY_EVERY = 10;
/** The pause after a failure, so that a server that refuses everything is not flooded. */
const FAILURE_PAUSE_MS = 1000;

/** A fixed number of visitors at a time. Each is followed by a new one as soon as it has left. */
export class Visitors {
  readonly #options: VisitorsOptions;
  readonly #places: readonly Promise<void>[];
  #visitors = 0;
  #questions = 0;
  #isOpen = true;

  constructor(options: VisitorsOptions) {
    this.#options = options;
    const { atOnce, arrivalMs } = options;
    this.#places = Array.from({ length: atOnce }, async (_, place) => {
      await Bun.sleep((arrivalMs * place) / atOnce);
      while (this.#isOpen) await this.#visit();
    });
  }

  /** Lets no visitor ask any more. Resolves when the last answer has come. */
  async close(): Promise<void> {
    this.#isOpen = false;
    await Promise.all(this.#places);
  }

  async #visit(): Promise<void> {
    const visitor = this.#visitors++;
    const session = await this.#try("session", () => this.#arrive(visitor));
    if (session === undefined) return;
    const questions = 1 + (visitor % MAX_QUESTIONS);
    const asked: Question[] = [];
    while (asked.length < questions && this.#isOpen) {
      const question = this.#nextQuestion();
      // Without this pause, visitors who once waited for the same event would get their tokens in step.
      await Bun.sleep(Math.random() * question.pauseMs);
      const manner = MANNERS[question.number % QUESTIONS_OF_ALL_MANNERS];
      const stays = await this.#try(`${manner ?? "streamed"} answer`, () =>
        this.#ask(session, question, manner),
      );
      if (stays !== true) return;
      asked.push(question);
    }
    if (!session.isMinted || visitor % HISTORY_EVERY !== 0 || asked.length === 0) return;
    await this.#try("history", () => this.#readHistory(session, asked));
  }

  async #try<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#options.tally.failed(what, error);
      await Bun.sleep((0.5 + Math.random()) * FAILURE_PAUSE_MS);
      return undefined;
    }
  }

  async #arrive(visitor: number): Promise<Session> {
    const headers = visitorHeaders(visitor);
    if (visitor % NAMED_SESSION_EVERY === 0) {
      return { visitor, id: `visitor-${visitor}`, headers, isMinted: false };
    }
    const response = await fetch(post(`${this.#options.url}/v1/sessions`, {}, headers));
    await expectOk(response);
    const minted = (await response.json()) as { sessionId: string; sessionToken: string };
    const withToken = { ...headers, "x-session-token": minted.sessionToken };
    return { visitor, id: minted.sessionId, headers: withToken, isMinted: true };
  }

  #nextQuestion(): Question {
    const number = this.#questions++;
    const { tokens, pauseMs } = this.#options;
    // From half the mean to one and a half, so that answers neither begin nor end in step.
    const share = 0.5 + (Bun.hash.crc32(`${number}`) % 101) / 100;
    return { number, tokens: Math.max(2, Math.round(tokens * share)), pauseMs, isInWords: true };
  }

  /** @returns false when the visitor has left in the middle */
  async #ask(
    session: Session,
    question: Question,
    manner: (typeof MANNERS)[number] | undefined,
  ): Promise<boolean> {
    const { url, tally } = this.#options;
    const body = { sessionId: session.id, message: questionText(question) };
    if (manner === "whole") {
      await askWhole(post(`${url}/v1/chat`, body, session.headers), question);
      tally.done("whole answers");
      return true;
    }
    const answer = new Answer(question);
    const request = post(`${url}/v1/chat/stream`, body, session.headers);
    await answer.hear(request, manner && question.tokens / 2);
    if (manner === "leave") {
      tally.done("left");
      return false;
    }
    if (manner === "resume" && !answer.hasEnded) {
      const headers = { ...session.headers, "last-event-id": `${answer.lastEvent}` };
      await answer.hear(new Request(`${url}/v1/chat/stream/${answer.turnId}`, { headers }));
      tally.done("resumed");
    }
    tally.done("answers");
    return true;
  }

  async #readHistory({ id, headers }: Session, asked: readonly Question[]): Promise<void> {
    const { url, tally } = this.#options;
    const response = await fetch(`${url}/v1/chat/history?sessionId=${id}`, { headers });
    await expectOk(response);
    const { messages } = (await response.json()) as History;
    const expected = asked.flatMap((question) => [questionText(question), answerInWords(question)]);
    const isWhole = messages.every(({ status }) => status === "complete");
    const received = messages.map(({ content }) => content);
    if (!isWhole || !Bun.deepEquals(received, expected)) {
      throw new Error(`not the conversation: ${received.length} messages of ${expected.length}`);
    }
    tally.done("histories");
  }
}

interface History {
  readonly messages: readonly { readonly content: string; readonly status: string }[];
}

async function askWhole(request: Request, question: Question): Promise<void> {
  const response = await fetch(request);
  await expectOk(response);
  const { message } = (await response.json()) as { readonly message: string };
  if (message !== answerInWords(question))
    throw new Error(`another answer than expected: ${message}`);
}
