import type { SpentByAnswer } from "../src/conversation/records.ts";
import { UTC_DAYS } from "../src/runtime/local-days.ts";
import { periodsOf } from "../src/spending/periods.ts";
import { costOf } from "../src/store/spending-rules.ts";
import type { TurnStore } from "../src/store/turn-store.ts";
import { SHOP_CONVERSATIONS, type ShopTurn } from "./shop-conversations.ts";

const HOUR_MS = 60 * 60 * 1000;
const MINUTE_MS = 60 * 1000;
const FIRST_TOKEN_MS = 560;
const PRICES = { input: 0.4, output: 1.6 };
const HISTORY = { messages: 30, tokens: 8000 };

/** Stores the conversations of the shop as visitors would have made them. Returns their ids, the newest first. */
export async function storeShop(store: TurnStore, now = Date.now()): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const [index, { sessionId, hoursAgo, turns }] of [
    ...SHOP_CONVERSATIONS.entries(),
  ].toReversed()) {
    for (const [count, turn] of turns.entries()) {
      const at = Math.round(now - hoursAgo * HOUR_MS + count * MINUTE_MS);
      const id = await storeTurn(store, {
        ...turn,
        turnId: `t_shop_${index}_${count}`,
        sessionId,
        at,
      });
      if (count === 0) ids.unshift(id);
    }
  }
  return ids;
}

/** What an answer of the shop's model costs, gpt-4.1-mini unless other prices are given. */
export function spentAt(
  at: number,
  inputTokens: number,
  outputTokens: number,
  prices = PRICES,
): SpentByAnswer {
  const amount = { inputTokens, outputTokens };
  return {
    ...periodsOf(UTC_DAYS.dayOf(at)),
    ...amount,
    cost: costOf(prices, amount),
    isReserved: false,
  };
}

interface StoredTurn extends ShopTurn {
  readonly turnId: string;
  readonly sessionId: string;
  readonly at: number;
}

async function storeTurn(store: TurnStore, turn: StoredTurn): Promise<string> {
  const { turnId, sessionId, question, answer, at, status = "complete", error, grounding } = turn;
  const { firstTokenMs = FIRST_TOKEN_MS } = turn;
  const begun = await store.beginTurn({
    turnId,
    sessionId,
    owner: "",
    question,
    idempotencyKey: undefined,
    model: "gpt-4.1-mini",
    at,
    history: HISTORY,
  });
  if (begun.kind !== "begun") throw new Error(`The turn did not begin: ${begun.kind}.`);
  const isWhole = status === "complete";
  const [promptTokens, completionTokens] = [420 + question.length, Math.ceil(answer.length / 3)];
  const durationMs = firstTokenMs + answer.length * 8;
  await store.finishTurn(turnId, {
    content: answer,
    status,
    errorCode: error,
    finishReason: isWhole ? "stop" : undefined,
    usage: isWhole
      ? { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens }
      : undefined,
    ...(isWhole && { spent: spentAt(at, promptTokens, completionTokens) }),
    firstTokenMs: answer === "" ? undefined : firstTokenMs,
    durationMs,
    grounding,
    sources: grounding && [
      {
        number: 1,
        title: "Delivery and returns",
        heading: "Questions and answers",
        url: "https://lamps.example/help/delivery",
        isCited: grounding === "cited",
      },
    ],
    at: at + durationMs,
  });
  return begun.conversationId;
}
