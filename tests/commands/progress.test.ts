import { beforeEach, describe, expect, test } from "bun:test";

import { Progress } from "../../src/commands/progress.ts";

let at: number;
let written: string[];

beforeEach(() => {
  [at, written] = [0, []];
});

function start(isTerminal: boolean): Progress {
  return new Progress({ write: (text) => written.push(text), isTerminal, now: () => at });
}

/** A report every tenth of a second, of work that does a thousand in a second. */
function work(progress: Progress, task: string, seconds: number): void {
  for (let done = 0; done <= seconds * 1000; done += 100) {
    progress.report(task, done, seconds * 1000);
    at += 100;
  }
}

describe("the progress of a long command", () => {
  test("is a line every five seconds where nobody watches a terminal", () => {
    const progress = start(false);
    work(progress, "copying messages", 12);
    progress.end();
    expect(written).toEqual([
      "copying messages: 41 %, 1,000 a second\n",
      "copying messages: 83 %, 1,000 a second\n",
    ]);
  });

  test("is one line that changes in a terminal, and is taken away at the end", () => {
    const progress = start(true);
    work(progress, "copying messages", 0.2);
    progress.end();
    expect(written).toEqual([
      "\r\u001b[Kcopying messages: 50 %, 1,000 a second",
      "\r\u001b[Kcopying messages: 100 %, 1,000 a second",
      "\r\u001b[K",
    ]);
  });

  test("counts how fast each task is by itself", () => {
    const progress = start(false);
    work(progress, "copying messages", 6);
    at += 60_000;
    progress.report("comparing messages", 0, 6000);
    at += 5000;
    progress.report("comparing messages", 3000, 6000);
    expect(written.at(-1)).toBe("comparing messages: 50 %, 600 a second\n");
  });

  test("is nothing at all for work that is done at once", () => {
    const progress = start(false);
    progress.report("copying secrets", 2, 2);
    progress.end();
    expect(written).toEqual([]);
  });
});
