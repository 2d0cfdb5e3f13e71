/**
 * Collects lines and writes those of one turn of the event loop together. Under load, a system call for
 * each line would cost more than producing the line.
 */
interface LineBuffer {
  add(line: string): void;
  /** Returns and removes the lines that wait, for a process that is about to end. */
  take(): string;
}

interface LineBufferOptions {
  /** Calls back once the reader has the text, or once there is no reader any more. */
  readonly write: (text: string, onTaken: () => void) => void;
  /** Called once there is room again, with the number of lines that were dropped. */
  readonly onLost: (lines: number) => void;
}

/**
 * How many characters may wait for the reader. Without a bound, a pipe that nobody reads (a log collector
 * that hangs) would fill the memory, and the log would bring the server down.
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

  function reportLoss(): void {
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
      if (lost > 0) reportLoss();
      if (waiting === "") setImmediate(flush);
      waiting += line;
    },
    take,
  };
}
