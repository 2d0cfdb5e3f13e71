import { track } from "./children.ts";
import { defaultProgram, environmentOf, type Settings } from "./process.ts";

/** A process of chatporch on a pseudo-terminal. */
export interface TerminalProcess {
  /** Everything that the terminal was sent, with its control sequences. */
  readonly screen: () => string;
  /** Resolves when the pattern is on the screen, below what was there at the last call. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Presses keys: `\r` is Enter, `\u0003` is Ctrl-C. */
  type(keys: string): void;
  /** Resolves with the exit code. */
  readonly exited: Promise<number>;
}

/** Starts a command of chatporch as from a shell in a terminal. */
export function spawnInTerminal(
  args: readonly string[],
  settings: Settings,
  folder: string,
): TerminalProcess {
  const program = defaultProgram();
  const utf8 = new TextDecoder();
  let text = "";
  let seen = 0;
  let hasEnded = false;
  let look = () => {};
  const child = track(
    Bun.spawn([...program, ...args], {
      cwd: folder,
      env: environmentOf(program, settings, folder),
      terminal: {
        cols: 100,
        data(_terminal, bytes) {
          text += utf8.decode(bytes, { stream: true });
          look();
        },
      },
    }),
  );
  const exited = child.exited.then((code) => {
    hasEnded = true;
    look();
    return code;
  });
  return {
    screen: () => text,
    exited,
    type: (keys) => void child.terminal?.write(keys),
    until: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          const match = pattern.exec(text.slice(seen));
          if (match === null && !hasEnded) return;
          look = () => {};
          if (match === null) return reject(new Error(`It ended without ${pattern}:\n${text}`));
          seen += match.index + match[0].length;
          resolve(match);
        };
        look();
      }),
  };
}
