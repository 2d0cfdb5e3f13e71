/** The standard output of a command that ends by itself. */
export interface Output {
  /** Writes after what was written before. */
  write(text: string): void;
  /**
   * Resolves when whoever reads has everything, so that the process may end.
   * @throws what kept it from being written, such as a full disk
   */
  flush(): Promise<void>;
}

/**
 * A reader that leaves before the end, as `head` does, has what it wants: the rest is dropped without a word, and
 * the command ends with its own exit code.
 */
export function createOutput(): Output {
  let written: Promise<unknown> = Promise.resolve();
  let failure: unknown;
  return {
    write(text) {
      written = written
        .then(() => (failure === undefined ? Bun.write(Bun.stdout, text) : undefined))
        .catch((error: unknown) => {
          failure = error;
        });
    },
    async flush() {
      await written;
      const hasLeft = failure instanceof Error && "code" in failure && failure.code === "EPIPE";
      if (failure !== undefined && !hasLeft) throw failure;
    },
  };
}
