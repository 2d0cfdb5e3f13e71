import { parseJson } from "./json.ts";
import { MAX_EVENT_CHARACTERS } from "./sse-decoder.ts";

/** Enough for the longest answer that comes as a whole: half a million characters, each escaped. */
const MAX_WHOLE_CHARACTERS = 4 * 1024 * 1024;

/**
 * Turns the bytes of a body that begins as JSON into the JSON of its events. In NDJSON, where each line is a
 * JSON text, every line is an event. Otherwise the whole body is one event.
 */
export class JsonDecoder {
  readonly #utf8 = new TextDecoder();
  /** The body so far, while it may be one event; undefined once its lines are known to be events. */
  #whole: string[] | undefined = [];
  #wholeLength = 0;
  #isFirstLineRead = false;
  #pending = "";

  /**
   * @returns the JSON of every event that the bytes complete
   * @throws RangeError when a line is longer than a million characters, or a whole body than four
   */
  push(bytes: Uint8Array): string[] {
    return this.#read(this.#utf8.decode(bytes, { stream: true }));
  }

  /** @returns the events that the end of the body completes */
  end(): string[] {
    const events = this.#read(this.#utf8.decode());
    const rest = this.#whole?.join("") ?? this.#pending;
    return rest.trim() === "" ? events : [...events, rest.trim()];
  }

  #read(text: string): string[] {
    if (this.#whole === undefined) return this.#readLines(this.#pending + text);
    this.#whole.push(text);
    this.#wholeLength += text.length;
    if (this.#wholeLength > MAX_WHOLE_CHARACTERS) {
      throw new RangeError("The model server sent JSON of more than four million characters.");
    }
    if (this.#isFirstLineRead || !text.includes("\n")) return [];
    // The first line decides: when a JSON text has several lines, the first is not valid JSON by itself.
    this.#isFirstLineRead = true;
    const all = this.#whole.join("");
    const firstLine = all.trimStart().split("\n", 1)[0] ?? "";
    if (parseJson(firstLine) === undefined) return [];
    this.#whole = undefined;
    return this.#readLines(all);
  }

  #readLines(text: string): string[] {
    const lines = text.split("\n");
    this.#pending = lines.pop() ?? "";
    if (this.#pending.length > MAX_EVENT_CHARACTERS) {
      throw new RangeError("The model server sent a line of more than a million characters.");
    }
    return lines.map((line) => line.trim()).filter((line) => line !== "");
  }
}
