/**
 * Collects lines and writes those of one turn of the event loop together: under load a system call for
 * each line costs more than making it.
 */
export interface LineBuffer {
  add(line: string): void;
  /** Hands over what waits, for a process that ends and has no later. */
  take(): string;
}

export function createLineBuffer(write: (text: string) => void): LineBuffer {
  let waiting = "";

  function take(): string {
    const text = waiting;
    waiting = "";
    return text;
  }

  function flush(): void {
    const text = take();
    if (text !== "") write(text);
  }

  return {
    add(line) {
      if (waiting === "") setImmediate(flush);
      waiting += line;
    },
    take,
  };
}
