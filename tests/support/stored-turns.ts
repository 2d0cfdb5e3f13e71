import type { FinalStatus, Outcome } from "../../src/conversation/records.ts";
import type { BegunTurn, NewTurn, TurnStore } from "../../src/store/turn-store.ts";

/** Turns as the chat service stores them, with defaults for what a test does not set. */

export const NOON = Date.parse("2026-11-23T12:00:00Z");

/** A session id as the server makes them, which says what it is of. Others' conversations cannot be taken over. */
export function mintedId(name: string): string {
  return `s_${name.padEnd(22, "_").slice(0, 22)}`;
}

function newTurnId(): string {
  return `t_${crypto.randomUUID()}`;
}

export function newTurn(turn: Partial<NewTurn> = {}): NewTurn {
  return {
    turnId: newTurnId(),
    sessionId: "visitor",
    question: "When do you open?",
    owner: "",
    idempotencyKey: undefined,
    model: "test-model",
    at: NOON,
    history: { messages: 30, tokens: 8000 },
    ...turn,
  };
}

export function outcome(end: Partial<Outcome> = {}): Outcome {
  return {
    content: "At nine.",
    status: "complete",
    finishReason: "stop",
    firstTokenMs: 12,
    durationMs: 34,
    at: NOON,
    ...end,
  };
}

interface Exchange {
  readonly sessionId?: string;
  readonly question?: string;
  readonly answer?: string;
  readonly at?: number;
  /** How the answer ended; `complete` by default. */
  readonly status?: FinalStatus;
}

/** Stores the beginning of a turn. */
export async function begin(store: TurnStore, turn: NewTurn): Promise<BegunTurn> {
  const beginning = await store.beginTurn(turn);
  if (beginning.kind !== "begun") throw new Error(`The turn did not begin: ${beginning.kind}.`);
  return beginning;
}

/** Stores a question with its answer. */
export async function storeExchange(store: TurnStore, exchange: Exchange = {}) {
  const { sessionId = "visitor", question = "When do you open?", at = NOON } = exchange;
  const { answer = "At nine.", status = "complete" } = exchange;
  const turn = newTurn({ sessionId, question, at });
  const { conversationId, history } = await begin(store, turn);
  await store.finishTurn(turn.turnId, outcome({ content: answer, status, at }));
  return { conversationId, history, turnId: turn.turnId };
}
