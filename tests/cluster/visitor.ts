import { expect } from "bun:test";

import { KEYS, untilNotOverloaded } from "../../harness/chat-requests.ts";
import { readMessages } from "../../harness/faults/visitor.ts";
import { answerInWords, questionText } from "../../harness/question.ts";
import { startStopwatch } from "../../harness/stopwatch.ts";
import type { SseMessage } from "../../harness/streams.ts";
import type { ChatEvent } from "../../src/conversation/events.ts";
import type { Message } from "../../src/conversation/records.ts";

/** A visitor with a minted session, who sends each request to any address. */
export interface Visitor {
  readonly sessionId: string;
  /** Begins a request. The body is sent as JSON. */
  fetch(url: string, method: string, path: string, more?: RequestMore): Promise<Response>;
  ask(url: string, question: TestQuestion, more?: RequestMore): Promise<Response>;
  resume(url: string, turnId: string, after?: number): Promise<Response>;
  stop(url: string, turnId: string): Promise<Response>;
  history(url: string): Promise<History>;
}

interface RequestMore {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly signal?: AbortSignal;
}

interface History {
  readonly conversationId: string | null;
  readonly activeTurnId: string | null;
  readonly messages: readonly Message[];
}

/** A question, and the only right answer to it. */
export interface TestQuestion {
  readonly text: string;
  readonly answer: string;
  readonly key: string;
}

let questions = 0;
let visitors = 0;

/** A question whose answer has so many tokens, each so many milliseconds after the one before. */
export function newQuestion(tokens: number, pauseMs: number): TestQuestion {
  questions += 1;
  const question = { number: questions, tokens, pauseMs, isInWords: true };
  return {
    text: questionText(question),
    answer: answerInWords(question),
    key: `key-${questions}`,
  };
}

/** Mints a session at the address. Each visitor has an address of its own, as behind a proxy. */
export async function newVisitor(url: string): Promise<Visitor> {
  visitors += 1;
  const keys = {
    "x-api-key": KEYS.WIDGET_API_KEY ?? "",
    "x-forwarded-for": `10.0.${visitors >> 8}.${visitors & 255}`,
  };
  const headers = { ...keys, "content-type": "application/json" };
  const minted = await fetch(`${url}/v1/sessions`, { method: "POST", headers, body: "{}" });
  expect(minted.status).toBe(200);
  const { sessionId, sessionToken } = (await minted.json()) as Session;

  const visitor: Visitor = {
    sessionId,
    fetch: (to, method, path, { body, headers: more, signal } = {}) =>
      fetch(`${to}${path}`, {
        method,
        headers: {
          ...keys,
          "x-session-token": sessionToken,
          ...(body ? { "content-type": "application/json" } : {}),
          ...more,
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        ...(signal ? { signal } : {}),
      }),
    ask: (to, { text, key }, { path = "/v1/chat/stream", headers: more, ...rest } = {}) =>
      untilNotOverloaded(() =>
        visitor.fetch(to, "POST", path, {
          body: { sessionId, message: text },
          headers: { "idempotency-key": key, ...more },
          ...rest,
        }),
      ),
    resume: (to, turnId, after = 0) =>
      visitor.fetch(to, "GET", `/v1/chat/stream/${turnId}`, {
        headers: { "last-event-id": String(after) },
      }),
    stop: (to, turnId) => visitor.fetch(to, "POST", `/v1/chat/stream/${turnId}/stop`),
    async history(to) {
      const response = await visitor.fetch(to, "GET", `/v1/chat/history?sessionId=${sessionId}`);
      expect(response.status).toBe(200);
      return (await response.json()) as History;
    },
  };
  return visitor;
}

interface Session {
  readonly sessionId: string;
  readonly sessionToken: string;
}

/** An answer that is read in the background. */
export interface Listening {
  readonly events: readonly SseMessage[];
  /** Milliseconds of the monotonic clock at which each event came. */
  readonly times: readonly number[];
  /** How long each event but the first was waited for, in milliseconds of a stopwatch. */
  readonly gaps: readonly number[];
  /** Resolves with the number of events asked for, or rejects when the stream ends before. */
  until(events: number): Promise<void>;
  /** Resolves with all events when the stream has ended in any way. */
  readonly end: Promise<readonly SseMessage[]>;
}

/** @param others the processes that the events come through, for the stopwatch */
export function listen(response: Response, ...others: readonly number[]): Listening {
  expect(response.status).toBe(200);
  const events: SseMessage[] = [];
  const times: number[] = [];
  const gaps: number[] = [];
  const waiting = new Set<() => void>();
  let hasEnded = false;

  async function read(): Promise<readonly SseMessage[]> {
    const stopwatch = startStopwatch(...others);
    let before: number | undefined;
    try {
      for await (const message of readMessages(response)) {
        events.push(message);
        times.push(performance.now());
        const at = stopwatch();
        if (before !== undefined) gaps.push(at - before);
        before = at;
        for (const look of waiting) look();
      }
    } catch {
      // A broken connection ends a stream, too. What came before it counts.
    }
    hasEnded = true;
    for (const look of waiting) look();
    return events;
  }

  return {
    events,
    times,
    gaps,
    end: read(),
    until(count) {
      return new Promise((resolve, reject) => {
        function look(): void {
          if (events.length < count && !hasEnded) return;
          waiting.delete(look);
          if (events.length >= count) resolve();
          else reject(new Error(`The stream ended with ${events.length} events, not ${count}.`));
        }
        waiting.add(look);
        look();
      });
    },
  };
}

export function turnIdIn(events: readonly SseMessage[]): string {
  const [first] = events;
  if (first?.data.type !== "start") throw new Error(`Not a start: ${JSON.stringify(first)}`);
  return first.data.turnId;
}

export function lastEvent(events: readonly SseMessage[]): ChatEvent | undefined {
  return events.at(-1)?.data;
}

/** The events are numbered without a gap from the first one on, and end with the whole right answer. */
export function expectWhole(
  events: readonly SseMessage[],
  { answer }: TestQuestion,
  after = 0,
): void {
  const numbers = events.map(({ id }) => Number(id));
  expect(numbers).toEqual(numbers.map((_, index) => after + index + 1));
  expect(lastEvent(events)).toMatchObject({ type: "done", message: answer, finishReason: "stop" });
  if (after === 0) expect(tokensOf(events).trim()).toBe(answer);
}

export function tokensOf(events: readonly SseMessage[]): string {
  return events.map(({ data }) => (data.type === "token" ? data.token : "")).join("");
}
