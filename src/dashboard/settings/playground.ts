import { ndjsonEncoder } from "../../chat/stream/ndjson.ts";
import { streamResponse } from "../../chat/stream/response.ts";
import { type Config, secretsOf } from "../../config/config.ts";
import type { FinalEvent } from "../../conversation/events.ts";
import { AppError } from "../../errors.ts";
import { type Connection, neverTimeOut } from "../../http/connection.ts";
import { Places } from "../../http/places.ts";
import type { ModelInForce } from "../../model/model-in-force.ts";
import type { RedactionInForce } from "../../redaction/redaction.ts";
import { finalEvent } from "../../turns/final-event.ts";
import { generateAnswer } from "../../turns/generation.ts";
import type { Grounder } from "../../turns/grounder.ts";
import { LiveTurn } from "../../turns/live-turn.ts";
import { explainFailure } from "../../turns/model-trial.ts";
import { trialText } from "./trial-view.ts";

interface PlaygroundDeps {
  readonly config: Config;
  readonly model: ModelInForce;
  readonly grounder: Grounder;
  readonly redaction: RedactionInForce;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface PlaygroundQuestion {
  /** The instructions as they are on the page. */
  readonly systemPrompt: string;
  readonly question: string;
  /** The languages of the owner's browser. */
  readonly languages?: string | undefined;
}

/** How many answers may be under way at once. One owner reads one. */
const MAX_ANSWERS = 4;
/** The owner's page reads its answer or is gone. */
const ABANDONED_GRACE_MS = 2000;
/** An answer that belongs to no visitor. */
const NOBODY = { id: "playground", sessionId: "playground", conversationId: "playground" };

/** Asks the model in force with instructions that are not stored. The question and its answer are not stored either. */
export class Playground {
  readonly #deps: PlaygroundDeps;
  readonly #places = new Places(MAX_ANSWERS);

  constructor(deps: PlaygroundDeps) {
    this.#deps = deps;
  }

  /**
   * The answer as it is written: a line of JSON for each event.
   * @throws AppError overloaded, not_set_up
   */
  stream(asked: PlaygroundQuestion, connection: Connection): Response {
    const turn = this.#begin(asked);
    const { heartbeatIntervalMs } = this.#deps.config.turns;
    const { signal } = connection.request;
    return neverTimeOut(connection, (onEnd) =>
      streamResponse({
        source: turn,
        after: 0,
        encoder: ndjsonEncoder,
        heartbeatIntervalMs,
        signal,
        onEnd,
      }),
    );
  }

  /**
   * The whole answer, for a browser without script.
   * @throws AppError overloaded, not_set_up
   */
  async answer(asked: PlaygroundQuestion, connection: Connection): Promise<FinalEvent | undefined> {
    const turn = this.#begin(asked);
    const { signal } = connection.request;
    const reader = turn.read(0, { onEvents: () => {}, signal });
    return neverTimeOut(connection, (timeOutAgain) =>
      turn.conclusion(signal).finally(() => {
        reader.close();
        timeOutAgain();
      }),
    );
  }

  #begin(asked: PlaygroundQuestion): LiveTurn {
    if (this.#deps.config.model.kind === "none") throw new AppError("not_set_up");
    const leave = this.#places.enter();
    const turn = new LiveTurn({ ...NOBODY, abandonedGraceMs: ABANDONED_GRACE_MS });
    void this.#run(turn, asked).finally(leave);
    return turn;
  }

  async #run(turn: LiveTurn, asked: PlaygroundQuestion): Promise<void> {
    const { config, model, grounder, redaction, now } = this.#deps;
    const { systemPrompt, question, languages } = asked;
    const { firstTokenTimeoutMs, idleTimeoutMs } = config.model;
    const { maxOutputTokens } = config.assistant;
    const history = [{ role: "user", content: question }] as const;
    const { outcome, error } = await generateAnswer(
      turn,
      { systemPrompt, history, maxOutputTokens },
      "stream",
      {
        model: model(),
        ground: (asked) => grounder.ground({ history: asked, languages }),
        redaction,
        firstTokenTimeoutMs,
        idleTimeoutMs,
        now,
      },
    );
    const { conversationId } = turn;
    if (error === undefined) {
      turn.end(finalEvent(conversationId, outcome));
    } else {
      const failure = explainFailure(error, outcome.firstTokenMs !== undefined, secretsOf(config));
      const code = outcome.errorCode ?? "internal_error";
      turn.end({ type: "error", error: trialText(failure), code });
    }
  }
}
