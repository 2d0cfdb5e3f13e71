import { object, parseJson } from "./json.ts";

/** No chat model sends longer lines; without a bound they would fill the memory. */
export const MAX_EVENT_CHARACTERS = 1024 * 1024;

const DATA = "data: ";
const END = "\n\n";

/** Whether the text is one whole event of one line, which needs no splitting. Most network chunks are. */
function isOneEvent(text: string): boolean {
  return (
    text.startsWith(DATA) &&
    text.indexOf("\n") === text.length - END.length &&
    text.endsWith(END) &&
    !text.includes("\r")
  );
}

/**
 * Turns the bytes of a server-sent event stream into the data of its events, by WHATWG HTML section 9.2.6
 * as far as model servers use it: LF, CRLF and CR line ends, comments, several data lines an event. Other
 * fields are ignored. Bytes may be split anywhere, also inside a character.
 *
 * Three things go beyond the standard. An event whose name means an error becomes the data of a chunk that
 * reports an error. An event whose name means a keep-alive is skipped. A line of bare JSON is an event:
 * gateways write such lines into a server's stream when something goes wrong.
 */
export class SseDecoder {
  readonly #utf8 = new TextDecoder();
  /** The beginning of a line whose end has not arrived. */
  #pending = "";
  /** The data of the event whose end has not arrived. */
  #data: string | undefined;
  /** Whether the name of that event means an error. */
  #isError = false;
  /** Whether the name of that event means a keep-alive. */
  #isKeepAlive = false;

  /**
   * @returns the data of every event that the bytes complete
   * @throws RangeError when an event is longer than a million characters
   */
  push(bytes: Uint8Array): string[] {
    const text = this.#pending + this.#utf8.decode(bytes, { stream: true });
    const isBetweenEvents = this.#data === undefined && !this.#isError && !this.#isKeepAlive;
    if (isBetweenEvents && isOneEvent(text)) {
      this.#pending = "";
      return [text.slice(DATA.length, -END.length)];
    }
    if (!text.endsWith("\r")) return this.#readLines(text);
    // A CR at the end may be the first half of a CRLF: keep it until the next bytes arrive.
    const complete = this.#readLines(text.slice(0, -1));
    this.#pending += "\r";
    return complete;
  }

  /** @returns the data of a last event without a blank line */
  end(): string[] {
    return this.#readLines(`${this.#pending}${this.#utf8.decode()}\n\n`);
  }

  #readLines(text: string): string[] {
    const lines = text.includes("\r")
      ? text.replaceAll(/\r\n?/g, "\n").split("\n")
      : text.split("\n");
    this.#pending = lines.pop() ?? "";
    const complete: string[] = [];
    for (const line of lines) {
      if (line === "") {
        if (this.#isError) complete.push(errorChunk(this.#data));
        else if (this.#data !== undefined && !this.#isKeepAlive) complete.push(this.#data);
        this.#data = undefined;
        this.#isError = false;
        this.#isKeepAlive = false;
      } else if (line.startsWith("data:")) {
        const value = line.startsWith("data: ") ? line.slice(6) : line.slice(5);
        if (this.#data !== undefined && isNextEvent(this.#data, value)) {
          complete.push(this.#data);
          this.#data = undefined;
        }
        this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
      } else if (line.startsWith("error:")) {
        // llama.cpp writes errors in a field of this name.
        complete.push(errorChunk(line.slice("error:".length)));
      } else if (line.startsWith("event:")) {
        this.#isError = ERROR_NAME.test(line);
        this.#isKeepAlive = KEEP_ALIVE_NAME.test(line);
      } else if (line.startsWith("{")) {
        complete.push(line);
      }
    }
    if (this.#pending.length + (this.#data?.length ?? 0) > MAX_EVENT_CHARACTERS) {
      throw new RangeError("The model server sent an event of more than a million characters.");
    }
    return complete;
  }
}

/** Whether the line begins another event: some servers leave out the blank lines between events. */
function isNextEvent(data: string, next: string): boolean {
  return data.endsWith("}") && (next.startsWith("{") || next === "[DONE]");
}

const ERROR_NAME = /error|exception|fail/i;
const KEEP_ALIVE_NAME = /^event: ?(?:ping|heartbeat|keep[-_]?alive)$/i;

/** The error in the event's data, as JSON in the form that most servers use. */
function errorChunk(data: string | undefined): string {
  const said = object(parseJson(data ?? ""));
  return JSON.stringify({ error: object(said?.error) ?? said ?? true });
}
