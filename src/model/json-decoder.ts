import { parseJson } from "./json.ts";
import { MAX_EVENT_CHARACTERS } from "./sse-decoder.ts";

/** The longest answer that comes as a whole: half a million characters, each of them escaped. */
const MAX_WHOLE_CHARACTERS = 4 * 1024 * 1024;

/**
 * Turns the bytes of a body that begins as JSON into the JSON of its events: one a line where each line is
 * a JSON text of its own (NDJSON), otherwise one, which is the whole body.
 */
export class JsonDecoder {
  readonly #utf8 = new TextDecoder();
  /** What came of the whole body; undefined once its lines are known to be events. */
  #whole: string[] | undefined = [];
  #wholeLength = 0;
  #isFirstLineRead = false;
  #pending = "";

  /**
   * The JSON of every event that the bytes complete.
   * @throws RangeError when a line is longer than a million characters, or a whole body than four
   */
  push(bytes: Uint8Array): string[] {
    return this.#read(this.#utf8.decode(bytes, { stream: true }));
  }

  /** The last event. */
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
    // Its first line tells: JSON that is written over several lines has none that is JSON alone.
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
