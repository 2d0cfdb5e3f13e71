/**
 * Collects lines and writes those of one turn of the event loop together: under load a system call for
 * each line costs more than making it.
 */
export interface LineBuffer {
  add(line: string): void;
  /** Hands over what waits, for a process that ends and has no later. */
  take(): string;
}

interface LineBufferOptions {
  /** Calls back once the text is with whoever reads it, or has no reader any more. */
  readonly write: (text: string, onTaken: () => void) => void;
  /** Told, once there is room again, how many lines there was none for. */
  readonly onLost: (lines: number) => void;
}

/**
 * How many characters the reader may be behind. A pipe that nobody reads (a collector that hangs) is
 * waited for in memory, without an end: the server would fall with its log.
 */
export const MAX_UNREAD = 8 * 1024 * 1024;

export function createLineBuffer({ write, onLost }: LineBufferOptions): LineBuffer {
  let waiting = "";
  let unread = 0;
  let lost = 0;

  function take(): string {
    const text = waiting;
    waiting = "";
    return text;
  }

  function flush(): void {
    const text = take();
    if (text === "") return;
    unread += text.length;
    write(text, () => {
      unread -= text.length;
    });
  }

  function tellLoss(): void {
    const lines = lost;
    lost = 0;
    onLost(lines);
  }

  return {
    add(line) {
      if (unread > MAX_UNREAD) {
        lost += 1;
        return;
      }
      if (lost > 0) tellLoss();
      if (waiting === "") setImmediate(flush);
      waiting += line;
    },
    take,
  };
}
