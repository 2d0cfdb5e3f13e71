import { JsonDecoder } from "./json-decoder.ts";
import { ModelError } from "./model.ts";
import { SseDecoder } from "./sse-decoder.ts";

/** More white space than this is not the beginning of an answer. */
const MAX_BLANK_BYTES = 1024 * 1024;

/** A byte order mark and white space. */
const BLANK = new Set([0xef, 0xbb, 0xbf, 0x20, 0x09, 0x0a, 0x0d]);
const BRACE = "{".charCodeAt(0);
const BRACKET = "[".charCodeAt(0);
const ANGLE = "<".charCodeAt(0);

/**
 * Turns the bytes of an answer into the data of its events. The first byte decides between JSON and an event
 * stream, because gateways often send a wrong content type or none.
 */
export class BodyDecoder {
  #decoder: SseDecoder | JsonDecoder | undefined;
  #blankBytes = 0;

  /**
   * @returns the data of every event that the bytes complete
   * @throws ModelError when the body is a web page
   * @throws RangeError when an event is longer than any answer
   */
  push(bytes: Uint8Array): string[] {
    const decoder = (this.#decoder ??= this.#choose(bytes));
    return decoder?.push(bytes) ?? [];
  }

  /** @returns the data of an event that the end of the body completes */
  end(): string[] {
    return this.#decoder?.end() ?? [];
  }

  /** Undefined while the body has only white space. */
  #choose(bytes: Uint8Array): SseDecoder | JsonDecoder | undefined {
    const first = bytes.find((byte) => !BLANK.has(byte));
    if (first === undefined) {
      this.#blankBytes += bytes.byteLength;
      if (this.#blankBytes > MAX_BLANK_BYTES) throw new RangeError("The body is blank.");
      return undefined;
    }
    if (first === ANGLE) {
      const says = "OPENAI_BASE_URL returns a web page, not a model's answer";
      const mend = "check OPENAI_BASE_URL: most servers want it to end with /v1";
      throw new ModelError("model_error", says, undefined, { says, mend });
    }
    return first === BRACE || first === BRACKET ? new JsonDecoder() : new SseDecoder();
  }
}
