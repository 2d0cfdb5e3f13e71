import type { ModelScript } from "../model-server.ts";
import { completion } from "../model-server.ts";
import type { Ledger } from "./ledger.ts";
import { askAndNote } from "./visitor.ts";

/** Visitors who ask one question after the other until they are told to stop or the server is gone. */
export interface Load {
  /** Resolves when nobody waits for an answer any more. */
  stop(): Promise<void>;
}

/** How many ask at once. */
export const VISITOR_COUNT = 12;
/** Every so many-th visitor asks for JSON. */
const JSON_EVERY = 4;
const TOKEN_INTERVAL_MS = 15;
/** From an answer that ends at once to one of several saves. */
const MAX_TOKENS = 120;

/** Begins a load; question numbers go on from `from`, so that no question comes twice. */
export function startLoad(url: string, ledger: Ledger, from: number): Load {
  let isStopping = false;

  async function visit(visitor: number): Promise<void> {
    const mode = visitor % JSON_EVERY === 0 ? "json" : "stream";
    for (let number = from; !isStopping; number += 1) {
      const question = `question ${visitor}/${number}`;
      const headers = { "idempotency-key": question };
      const turn = await askAndNote(url, ledger, `visitor-${visitor}`, question, { mode, headers });
      // Cut off, or turned away: this server takes no more.
      if (turn.done === undefined) return;
    }
  }

  const visits = Array.from({ length: VISITOR_COUNT }, (_, visitor) => visit(visitor));
  return {
    async stop() {
      isStopping = true;
      await Promise.all(visits);
    },
  };
}

/** What the model says to a question: every token names it, so that mixed answers would show. */
export function tokensFor(question: string): string[] {
  const count = 1 + (Bun.hash.crc32(question) % MAX_TOKENS);
  return Array.from({ length: count }, (_, index) => `${question}:${index} `);
}

export function answerTo(question: string): string {
  return tokensFor(question).join("").trim();
}

/** Answers a load, a token each few milliseconds. */
export const answerLoad: ModelScript = async (call) => {
  const question = call.body.messages.at(-1)?.content ?? "";
  const tokens = tokensFor(question);
  if (call.body.stream !== true) {
    await Bun.sleep(TOKEN_INTERVAL_MS);
    return Response.json(completion(answerTo(question)));
  }
  void (async () => {
    for (const token of tokens) {
      if (call.hasLeft()) return;
      call.token(token);
      await Bun.sleep(TOKEN_INTERVAL_MS);
    }
    call.finish();
  })();
};
