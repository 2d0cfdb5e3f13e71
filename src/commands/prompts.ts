import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

import type { Questions } from "../init/questions.ts";

export interface Prompts extends Questions {
  /** Shows a text before the next question. */
  write(text: string): void;
  /** Resolves when the owner presses Ctrl-C or Ctrl-D, or the terminal is gone. */
  readonly stopped: Promise<void>;
  close(): void;
}

/** Asks on the terminal of standard input and output. */
export function openPrompts(): Prompts {
  const screen = new Screen();
  const lines = createInterface({
    input: process.stdin,
    output: screen,
    terminal: true,
    // Otherwise the arrow keys would show a secret that was typed before.
    historySize: 0,
  });
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  lines.on("SIGINT", resolve);
  lines.on("close", resolve);

  /** After Ctrl-D nothing is answered any more. `stopped` says so. */
  const read = (question: string) =>
    lines.question(question).catch(() => new Promise<never>(() => {}));

  return {
    write: (text) => void screen.write(text),
    stopped,
    close: () => lines.close(),
    async ask(question, fallback) {
      const usual = fallback === undefined ? "" : ` [${fallback}]`;
      return (await read(`${question}${usual}: `)).trim() || (fallback ?? "");
    },
    async askSecret(question) {
      screen.write(`${question}: `);
      screen.isMuted = true;
      const secret = await read("");
      screen.isMuted = false;
      screen.write("\n");
      return secret.trim();
    },
  };
}

/** Standard output. While it is muted, what is typed is not shown. */
class Screen extends Writable {
  isMuted = false;

  get columns(): number {
    return process.stdout.columns;
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    if (!this.isMuted) process.stdout.write(chunk);
    done();
  }
}
