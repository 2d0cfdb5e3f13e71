/**
 * Collects lines and writes those of one turn of the event loop together: under load a system call for
 * each line costs more than making it.
 */
export interface LineBuffer {
  add(line: string): void;
  /** Writes what is there now, for a process that ends. */
  flush(): void;
}

export function createLineBuffer(write: (text: string) => void): LineBuffer {
  let waiting = "";

  function flush(): void {
    if (waiting === "") return;
    const text = waiting;
    waiting = "";
    write(text);
  }

  return {
    add(line) {
      if (waiting === "") setImmediate(flush);
      waiting += line;
    },
    flush,
  };
}
