import type { ModelSettings } from "../config/model.ts";
import type { ChatModel } from "../model/model.ts";
import type { RedactionInForce } from "../redaction/redaction.ts";
import { finalEvent } from "./final-event.ts";
import { generateAnswer, type Generated } from "./generation.ts";
import type { Grounder } from "./grounder.ts";
import { LiveTurn } from "./live-turn.ts";

export interface AskOnceDeps {
  readonly model: ChatModel;
  readonly grounder: Grounder;
  readonly redaction: RedactionInForce;
  readonly timeouts: Pick<ModelSettings, "firstTokenTimeoutMs" | "idleTimeoutMs">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface AskedOnce {
  readonly question: string;
  readonly systemPrompt: string;
  readonly maxOutputTokens: number;
}

/** A turn that belongs to no visitor. */
const NOBODY = { id: "nobody", sessionId: "nobody", conversationId: "nobody" };

/**
 * Answers a question that no visitor has asked, as the first one of a conversation. Nothing is stored. Never throws:
 * failures are part of the outcome. An aborted signal stops the answer.
 */
export async function askOnce(
  { question, systemPrompt, maxOutputTokens }: AskedOnce,
  { model, grounder, redaction, timeouts, now }: AskOnceDeps,
  signal: AbortSignal,
): Promise<Generated> {
  const turn = new LiveTurn({ ...NOBODY, abandonedGraceMs: 0 });
  const reader = turn.read(0, { onEvents: () => {}, signal });
  const history = [{ role: "user", content: question }] as const;
  const generated = await generateAnswer(
    turn,
    { systemPrompt, history, maxOutputTokens },
    "stream",
    {
      ...timeouts,
      model,
      ground: (asked) => grounder.ground({ history: asked, languages: undefined }),
      redaction,
      now,
    },
  );
  turn.end(finalEvent(turn.conversationId, generated.outcome));
  reader.close();
  return generated;
}
