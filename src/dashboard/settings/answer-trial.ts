import type { Config } from "../../config/config.ts";
import { AppError } from "../../errors.ts";
import { type Connection, neverTimeOut } from "../../http/connection.ts";
import { Places } from "../../http/places.ts";
import type { JudgedAnswer } from "../../knowledge/judge-answer.ts";
import { judgedCounts, judgedLines } from "../../knowledge/judged-text.ts";
import { testAnswers, type TestAnswersDeps } from "../../knowledge/test-answers.ts";
import type { ModelInForce } from "../../model/model-in-force.ts";
import type { RedactionInForce } from "../../redaction/redaction.ts";
import { askOnce } from "../../turns/ask-once.ts";
import type { Grounder } from "../../turns/grounder.ts";

export interface AnswerTrialDeps {
  readonly config: Config;
  readonly store: TestAnswersDeps["store"];
  readonly model: ModelInForce;
  readonly grounder: Grounder;
  readonly redaction: RedactionInForce;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A line of the answer to the owner's browser. */
type TrialLine =
  | {
      readonly type: "tested";
      readonly done: number;
      readonly of: number;
      readonly isLoss: boolean;
      readonly text: string;
    }
  | { readonly type: "end"; readonly text: string };

/** Each asks three questions at a time. */
const MAX_TRIALS = 2;
const ENCODER = new TextEncoder();

/** Asks what the owner has answered again, with instructions that are not stored. The answers are not stored either. */
export class AnswerTrial {
  readonly #deps: AnswerTrialDeps;
  readonly #places = new Places(MAX_TRIALS);

  constructor(deps: AnswerTrialDeps) {
    this.#deps = deps;
  }

  /**
   * A line of JSON for each answer, as it comes, and blank lines meanwhile. Whoever leaves stops it.
   * @throws AppError overloaded, not_set_up
   */
  stream(systemPrompt: string, connection: Connection): Response {
    const leave = this.#enter();
    const { heartbeatIntervalMs } = this.#deps.config.turns;
    const left = new AbortController();
    const signal = AbortSignal.any([left.signal, connection.request.signal]);
    const body = neverTimeOut(
      connection,
      (timeOutAgain) =>
        new ReadableStream<Uint8Array>({
          start: (controller) => {
            const send = (text: string) => {
              if (!signal.aborted) controller.enqueue(ENCODER.encode(`${text}\n`));
            };
            const heartbeat = setInterval(() => send(""), heartbeatIntervalMs);
            void this.#tell(systemPrompt, (line) => send(JSON.stringify(line)), signal).finally(
              () => {
                clearInterval(heartbeat);
                leave();
                timeOutAgain();
                if (!left.signal.aborted) controller.close();
              },
            );
          },
          cancel: () => left.abort(),
        }),
    );
    const headers = {
      "content-type": "application/x-ndjson; charset=utf-8",
      "cache-control": "no-store",
    };
    return new Response(body, { headers });
  }

  /**
   * All lines at once, for a browser without script.
   * @throws AppError overloaded, not_set_up
   */
  async run(systemPrompt: string, connection: Connection): Promise<string> {
    const leave = this.#enter();
    return neverTimeOut(connection, async (timeOutAgain) => {
      try {
        const { signal } = connection.request;
        const judged = await this.#test(systemPrompt, () => {}, signal);
        return [...judged.flatMap(judgedLines), judgedCounts(judged)].join("\n");
      } finally {
        leave();
        timeOutAgain();
      }
    });
  }

  #enter(): () => void {
    if (this.#deps.config.model.kind === "none") throw new AppError("not_set_up");
    return this.#places.enter();
  }

  async #tell(
    systemPrompt: string,
    send: (line: TrialLine) => void,
    signal: AbortSignal,
  ): Promise<void> {
    let done = 0;
    const onTested: TestAnswersDeps["onTested"] = (judged, of) => {
      done += 1;
      const text = judgedLines(judged).join("\n");
      send({ type: "tested", done, of, isLoss: judged.isLoss, text });
    };
    try {
      const judged = await this.#test(systemPrompt, onTested, signal);
      send({ type: "end", text: `${judgedCounts(judged)}.` });
    } catch {
      send({ type: "end", text: "The database did not answer. Try again." });
    }
  }

  #test(
    systemPrompt: string,
    onTested: TestAnswersDeps["onTested"],
    signal: AbortSignal,
  ): Promise<readonly JudgedAnswer[]> {
    const { config, store, model, grounder, redaction, now } = this.#deps;
    const { maxOutputTokens } = config.assistant;
    return testAnswers(
      {
        store,
        isKept: false,
        onTested,
        async ask(question) {
          const asked = { systemPrompt, question, maxOutputTokens };
          const deps = { model: model(), grounder, redaction, timeouts: config.model, now };
          return (await askOnce(asked, deps, signal)).outcome;
        },
      },
      signal,
    );
  }
}
