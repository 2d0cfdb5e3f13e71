import type { ModelScript } from "../model-server.ts";
import { completion } from "../model-server.ts";
import type { Ledger } from "./ledger.ts";
import { askAndNote } from "./visitor.ts";

/** Visitors who ask one question after the other until they are told to stop or the server has ended. */
export interface Load {
  /** Resolves when no visitor waits for an answer any more. */
  stop(): Promise<void>;
}

/** How many visitors ask at once. */
export const VISITOR_COUNT = 12;
/** One visitor in this many asks for JSON. */
const JSON_EVERY = 4;
const TOKEN_INTERVAL_MS = 15;
/** The longest answer takes several saves; the shortest ends at once. */
const MAX_TOKENS = 120;

/** Begins a load. Question numbers begin at `from`, so that no question comes twice. */
export function startLoad(url: string, ledger: Ledger, from: number): Load {
  let isStopping = false;

  async function visit(visitor: number): Promise<void> {
    const mode = visitor % JSON_EVERY === 0 ? "json" : "stream";
    for (let number = from; !isStopping; number += 1) {
      const question = `question ${visitor}/${number}`;
      const headers = { "idempotency-key": question };
      const turn = await askAndNote(url, ledger, `visitor-${visitor}`, question, { mode, headers });
      // The answer was cut or the question refused: this server takes no more questions.
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

/** The model's answer to a question. Every token contains the question, so that mixed-up answers are noticed. */
export function tokensFor(question: string): string[] {
  const count = 1 + (Bun.hash.crc32(question) % MAX_TOKENS);
  return Array.from({ length: count }, (_, index) => `${question}:${index} `);
}

export function answerTo(question: string): string {
  return tokensFor(question).join("").trim();
}

/** Answers the questions of a load, with a token every few milliseconds. */
export const answerLoad: ModelScript = answerEvery(TOKEN_INTERVAL_MS);

export function answerEvery(intervalMs: number): ModelScript {
  return async (call) => {
    const question = call.body.messages.at(-1)?.content ?? "";
    const tokens = tokensFor(question);
    if (call.body.stream !== true) {
      await Bun.sleep(intervalMs);
      return Response.json(completion(answerTo(question)));
    }
    void (async () => {
      for (const token of tokens) {
        if (call.hasLeft()) return;
        call.token(token);
        await Bun.sleep(intervalMs);
      }
      call.finish();
    })();
  };
}
