/** Turns the bytes of a server-sent event stream into the data of its events. */
export interface SseDecoder {
  /** The data of every event that the bytes complete. */
  push(bytes: Uint8Array): string[];
  /** The data of an event that the end of the stream left without its blank line. */
  end(): string[];
}

/** Longer lines are not the answer of a chat model; without a bound they would fill the memory. */
const MAX_PENDING_CHARACTERS = 1024 * 1024;

const DATA = "data: ";
const END = "\n\n";

/** What most network chunks are: a whole event of one line, which needs no splitting. */
function isOneEvent(text: string): boolean {
  return (
    text.startsWith(DATA) &&
    text.indexOf("\n") === text.length - END.length &&
    text.endsWith(END) &&
    !text.includes("\r")
  );
}

/**
 * Follows WHATWG HTML section 9.2.6 as far as model servers use it: LF, CRLF and CR line ends, comments,
 * several data lines an event, other fields ignored. Events split anywhere, also inside a character.
 * @throws RangeError when an event is longer than a million characters
 */
export function createSseDecoder(): SseDecoder {
  const utf8 = new TextDecoder();
  let pending = "";
  let data: string | undefined;

  function readLines(text: string): string[] {
    const lines = text.includes("\r")
      ? text.replaceAll(/\r\n?/g, "\n").split("\n")
      : text.split("\n");
    pending = lines.pop() ?? "";
    const complete: string[] = [];
    for (const line of lines) {
      if (line === "") {
        if (data !== undefined) complete.push(data);
        data = undefined;
      } else if (line.startsWith("data:")) {
        const value = line.startsWith("data: ") ? line.slice(6) : line.slice(5);
        data = data === undefined ? value : `${data}\n${value}`;
      }
    }
    if (pending.length + (data?.length ?? 0) > MAX_PENDING_CHARACTERS) {
      throw new RangeError("The model server sent an event of more than a million characters.");
    }
    return complete;
  }

  return {
    push(bytes) {
      const text = pending + utf8.decode(bytes, { stream: true });
      if (data === undefined && isOneEvent(text)) {
        pending = "";
        return [text.slice(DATA.length, -END.length)];
      }
      if (!text.endsWith("\r")) return readLines(text);
      // A CR at the end may be the first half of a CRLF: keep it until the next bytes are here.
      const complete = readLines(text.slice(0, -1));
      pending += "\r";
      return complete;
    },
    end() {
      return readLines(`${pending}${utf8.decode()}\n\n`);
    },
  };
}
