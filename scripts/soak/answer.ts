import { answerInWords, type Question } from "../../harness/question.ts";
import type { ChatEvent } from "../../src/conversation/events.ts";

/**
 * A streamed answer as one visitor receives it, over one or more connections. All of it is checked. It has
 * its own reader, because the strict one in harness/streams.ts is too slow for thousands at once.
 */
export class Answer {
  readonly #expected: string;
  #text = "";
  #tokens = 0;
  #turnId = "";
  #lastEvent = 0;
  /** The number of the event whose data come next. */
  #nextEvent = 0;
  #hasEnded = false;

  constructor(question: Question) {
    this.#expected = answerInWords(question);
  }

  get turnId(): string {
    return this.#turnId;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The number of the last event that was received. */
  get lastEvent(): number {
    return this.#lastEvent;
  }

  /**
   * Reads a stream to its end, or breaks the connection after this many tokens of the answer.
   * @throws an error that says what is wrong with the answer, or the connection's error
   */
  async hear(request: Request, upToTokens = Number.POSITIVE_INFINITY): Promise<void> {
    const connection = new AbortController();
    const response = await fetch(request, { signal: connection.signal });
    await expectOk(response);
    const decoder = new TextDecoder();
    let pending = "";
    for await (const bytes of response.body ?? []) {
      const lines = (pending + decoder.decode(bytes, { stream: true })).split("\n");
      pending = lines.pop() ?? "";
      for (const line of lines) this.#read(line);
      if (this.#tokens >= upToTokens && !this.#hasEnded) break;
    }
    // Ends the response when it was not read to its end.
    connection.abort();
    const isWhole = this.#hasEnded && this.#text === this.#expected;
    const isBeginning =
      upToTokens !== Number.POSITIVE_INFINITY && this.#expected.startsWith(this.#text);
    if (!isWhole && !isBeginning) throw new Error(this.#problem());
  }

  #read(line: string): void {
    if (line.startsWith("id: ")) this.#nextEvent = Number(line.slice("id: ".length));
    if (!line.startsWith("data: ")) return;
    const event: ChatEvent = JSON.parse(line.slice("data: ".length));
    if (this.#nextEvent !== this.#lastEvent + 1) {
      throw new Error(`event ${this.#nextEvent} came after event ${this.#lastEvent}`);
    }
    this.#lastEvent = this.#nextEvent;
    this.#take(event);
  }

  #take(event: ChatEvent): void {
    switch (event.type) {
      case "start":
        this.#turnId = event.turnId;
        return;
      case "token":
        this.#text += event.token;
        this.#tokens += 1;
        return;
      case "done":
        this.#hasEnded = true;
        if (event.message !== this.#text) throw new Error("the whole is not the sum of its tokens");
        return;
      case "error":
        throw new Error(`the answer ended with ${event.code}`);
    }
  }

  #problem(): string {
    const said = this.#text.slice(0, SHOWN_CHARACTERS);
    if (!this.#expected.startsWith(this.#text)) return `another answer than expected: ${said}…`;
    return `the stream ended after ${this.#tokens} tokens, without its last event`;
  }
}

/** How much of a wrong answer is shown. */
const SHOWN_CHARACTERS = 80;

/** @throws an error with the server's text when the status is not 200 */
export async function expectOk(response: Response): Promise<void> {
  if (response.status === 200) return;
  const text = await response.text();
  throw new Error(`status ${response.status}: ${text.slice(0, 2 * SHOWN_CHARACTERS)}`);
}
