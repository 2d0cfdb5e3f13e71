import type { Subprocess } from "bun";

import type { ConversationFilter, ConversationPage } from "../conversation-store.ts";
import { SEARCH_TIME_MS, SearchQueue } from "../search-queue.ts";
import { splitLines } from "./lines.ts";
import type { SearchMessage } from "./search-messages.ts";
import { nothingSearched, type Searcher } from "./searcher.ts";

/** A process without a search for this long is ended. */
const IDLE_MS = 60_000;
/** How long the process may take to start on a busy machine. */
const START_TIME_MS = 10_000;

type Child = Subprocess<"pipe", "pipe", "ignore">;

/**
 * Runs searches in a separate process, one after the other. The visitors' messages decide how long a search
 * takes, and only ending the process can stop SQLite within a statement. A thread could not be stopped, and
 * on the event loop everybody would wait. The first search starts the process.
 */
export class ProcessSearcher implements Searcher {
  readonly #command: readonly string[];
  readonly #queue = new SearchQueue();
  #process: SearchProcess | undefined;
  #idle: Timer | undefined;

  /** @param command the command that runs serveSearches on the database, over standard input and output */
  constructor(command: readonly string[]) {
    this.#command = command;
  }

  search(filter: ConversationFilter): Promise<ConversationPage> {
    return this.#queue.run(() => this.#search(filter));
  }

  close(): void {
    clearTimeout(this.#idle);
    this.#process?.end();
    this.#process = undefined;
  }

  async #search(filter: ConversationFilter): Promise<ConversationPage> {
    clearTimeout(this.#idle);
    if (this.#process === undefined || this.#process.hasEnded) {
      this.#process = new SearchProcess(this.#command);
    }
    try {
      return await this.#process.search(filter);
    } catch (error) {
      // It may keep what went wrong, such as a page of a damaged file: the next search has a new one.
      this.#process.end();
      throw error;
    } finally {
      this.#idle = setTimeout(() => this.close(), IDLE_MS).unref();
    }
  }
}

/** One start of the process. */
class SearchProcess {
  readonly #child: Child;
  readonly #messages: AsyncIterator<SearchMessage>;
  #isReady = false;
  #hasEnded = false;

  constructor(command: readonly string[]) {
    this.#child = Bun.spawn([...command], {
      // Started far from any `.env` and without the server's secrets.
      cwd: "/",
      env: {},
      stdin: "pipe",
      stdout: "pipe",
      stderr: "ignore",
      onExit: () => {
        this.#hasEnded = true;
      },
    });
    this.#child.unref();
    this.#messages = readMessages(this.#child.stdout);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  end(): void {
    this.#hasEnded = true;
    this.#child.kill("SIGKILL");
    // Its output stays open for as long as nobody reads the end of it.
    void this.#messages.return?.();
  }

  async search(filter: ConversationFilter): Promise<ConversationPage> {
    if (!this.#isReady) await this.#start();
    this.#child.stdin.write(`${JSON.stringify(filter)}\n`);
    this.#child.stdin.flush();
    let page = nothingSearched();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.end();
    }, SEARCH_TIME_MS);
    try {
      for (;;) {
        const { value: message, done } = await this.#messages.next();
        if (done === true) {
          if (isLate) return page;
          throw new Error("The process that searches has ended.");
        }
        if (message.kind === "end") return page;
        if (message.kind === "failed") throw new Error(message.message);
        if (message.kind === "answer") page = message.page;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #start(): Promise<void> {
    const timer = setTimeout(() => this.end(), START_TIME_MS);
    const { value: message } = await this.#messages.next();
    clearTimeout(timer);
    if (message?.kind !== "ready") throw new Error("The process that searches does not start.");
    this.#isReady = true;
  }
}

async function* readMessages(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<SearchMessage> {
  for await (const line of splitLines(bytes)) {
    const message: SearchMessage = JSON.parse(line);
    yield message;
  }
}
