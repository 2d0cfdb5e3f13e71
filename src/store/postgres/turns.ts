import type { MessageStatus, Outcome } from "../../conversation/records.ts";
import { randomText } from "../../runtime/random-text.ts";
import { ConversationFullError, MAX_CONVERSATION_MESSAGES } from "../conversation-limit.ts";
import { askedAt, countsOf, type DayOf } from "../figures.ts";
import { HistoryBuilder, maxExchanges, maxPairs } from "../history.ts";
import { preview } from "../preview.ts";
import { toSourcesText, toStoredTurn, type TurnRow } from "../rows.ts";
import type { Beginning, NewTurn, StoredTurn, TurnStore } from "../turn-store.ts";
import { StoreUnavailableError } from "../unavailable.ts";
import { TURNS } from "./columns.ts";
import type { LostBeginnings } from "./lost-beginnings.ts";
import type { Pool } from "./pool.ts";
import { violatedIndex } from "./retries.ts";
import { searchVector } from "./search-vector.ts";
import { type RefusalRow, reservationText, spentText, toRefused } from "./spending-values.ts";

/** No estimate of tokens is less than a third of the bytes (estimateTokens). */
const BYTES_PER_TOKEN = 3;

interface BegunRow extends RefusalRow {
  readonly kind: Beginning["kind"] | "full";
  readonly conversation_id: string;
  readonly earlier_turn: string | null;
  readonly history: readonly ExchangeRow[] | null;
}

type ExchangeRow = readonly [
  id: number,
  MessageStatus,
  question: string,
  answer: string,
  ownersWords?: string | null,
];

const BEGIN = `SELECT * FROM begin_turn($1, $2, $3, $4, $5, $6::tsvector, $7, $8, $9, $10::bigint,
  $11::integer, $12::integer, $13::integer, $14::bigint, $15::boolean, $16::integer,
  $17::text::json, $18::boolean)`;

const FINISH = `SELECT finish_turn($1, $2, $3::tsvector, $4, $5, $6, $7, $8::bigint, $9::bigint, $10::bigint,
  $11::bigint, $12::bigint, $13::bigint, $14::bigint, $15::integer, $16::integer, $17::boolean, $18, $19,
  $20::integer, $21::text::json) AS finished`;

/**
 * A power cut may lose the drafts of the last moment, so they do not wait for the disk. With status =, the
 * answers would be sought among all that are under way: the index of these counts as empty, as it mostly is.
 */
const SAVE_DRAFTS = `WITH hurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
  UPDATE messages SET content = draft.content, sources = coalesce(nullif(draft.sources, ''), messages.sources)
  FROM unnest($1::text[], $2::text[], $3::text[]) AS draft (turn_id, content, sources), hurried
  WHERE messages.turn_id = draft.turn_id AND role = 'assistant'
    AND status IS NOT DISTINCT FROM 'streaming'`;

/** Bounds how long questions wait behind the answers of a replica that has died. */
const ORPHANS_AT_ONCE = 32;

/** The answers that nobody generates any more. Their owners are declared dead or have left. */
const ORPHANS = `SELECT turn_id, content, created_at::float8 AS at FROM messages
  WHERE status = 'streaming' AND owner NOT IN (SELECT id FROM replicas)
  LIMIT ${ORPHANS_AT_ONCE}`;

interface OrphanRow {
  readonly turn_id: string;
  readonly content: string;
  readonly at: number;
}

interface TurnStoreParts {
  readonly pool: Pool;
  readonly lost: LostBeginnings;
  /** Called after every transaction with its duration. */
  readonly onWrite?: ((durationMs: number) => void) | undefined;
  readonly dayOf: DayOf;
}

/** Turns on PostgreSQL. The functions of turn-functions.ts decide what begins and what ends. */
export function createTurnStore({ pool, lost, onWrite, dayOf }: TurnStoreParts): TurnStore {
  async function timed<Result>(write: Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    const result = await write;
    onWrite?.(performance.now() - startedAt);
    return result;
  }

  async function findTurn(turnId: string): Promise<StoredTurn | undefined> {
    const [row] = await pool.query<TurnRow>(
      `${TURNS} WHERE m.turn_id = $1 AND m.role = 'assistant'`,
      [turnId],
    );
    return row && toStoredTurn(row);
  }

  async function beginTurn(turn: NewTurn): Promise<Beginning> {
    const { turnId, owner } = turn;
    lost.add(turnId);
    try {
      const beginning = await begin(turn);
      if (beginning.kind !== "begun") lost.remove(turnId);
      return beginning;
    } catch (error) {
      if (error instanceof StoreUnavailableError) lost.lose(turnId, owner);
      else lost.remove(turnId);
      const index = violatedIndex(error);
      // Only somebody who does not lock the conversation gets so far. The index is the last judge.
      if (index === "one_answer") return { kind: "busy" };
      if (index === "messages_idempotency") return beginTurn(turn);
      throw error;
    }
  }

  async function begin(turn: NewTurn): Promise<Beginning> {
    const words = await searchVector(turn.question);
    const [row] = await timed(
      pool.query<BegunRow>(BEGIN, (isRepeated) => [
        ...beginValues(turn, words, isRepeated),
        dayOf(turn.at),
        reservationText(turn.reservation),
        turn.isForPerson === true,
      ]),
    );
    if (row === undefined) throw new Error("The turn could not be stored.");
    if (row.kind === "full") throw new ConversationFullError();
    if (row.kind === "busy") return { kind: "busy" };
    const refused = toRefused(row);
    if (refused !== undefined) return { kind: "refused", ...refused };
    if (row.kind === "earlier") {
      const earlier = await findTurn(row.earlier_turn ?? "");
      if (row.earlier_turn === turn.turnId) {
        return { kind: "person", turn: earlier ?? goneTurn(turn, row.conversation_id) };
      }
      // It was erased meanwhile, and the key is free again.
      return earlier ? { kind: "earlier", turn: earlier } : begin(turn);
    }
    const history = new HistoryBuilder(turn.question, turn.history);
    for (const [questionId, status, question, answer, ownersWords] of row.history ?? []) {
      history.add({ questionId, status, question, answer, ownersWords });
    }
    return { kind: "begun", conversationId: row.conversation_id, history: history.messages() };
  }

  async function finishTurn(turnId: string, outcome: Outcome): Promise<boolean> {
    const words = await searchVector(outcome.content);
    const [row] = await timed(
      pool.query<{ finished: boolean }>(FINISH, (isRepeated) => [
        ...finishValues(turnId, outcome, words, isRepeated),
        dayOf(askedAt(outcome)),
        spentText(outcome.spent),
      ]),
    );
    lost.remove(turnId);
    return row?.finished === true;
  }

  return {
    beginTurn,
    findTurn,

    async saveDrafts(drafts) {
      const turnIds = drafts.map(({ turnId }) => turnId);
      const contents = drafts.map(({ content }) => content);
      // Bun takes no null inside an array.
      const sources = drafts.map((draft) => toSourcesText(draft.sources) ?? "");
      await timed(pool.query(SAVE_DRAFTS, [turnIds, contents, sources]));
    },

    finishTurn,

    async interruptUnfinishedTurns() {
      for (let interrupted = 0; ;) {
        const orphans = await pool.query<OrphanRow>(ORPHANS);
        const endings = orphans.map(({ turn_id: turnId, content, at }) =>
          finishTurn(turnId, { content, status: "interrupted", errorCode: "interrupted", at }),
        );
        interrupted += (await Promise.all(endings)).filter(Boolean).length;
        if (orphans.length < ORPHANS_AT_ONCE) return interrupted;
      }
    },

    async activeTurnId(sessionId) {
      const [row] = await pool.query<{ turn_id: string }>(
        `SELECT turn_id FROM messages WHERE status = 'streaming'
         AND conversation_seq = (SELECT seq FROM conversations WHERE session_id = $1)`,
        [sessionId],
      );
      return row?.turn_id;
    },

    async findTurnByIdempotencyKey(sessionId, key) {
      const [row] = await pool.query<TurnRow>(
        `${TURNS} WHERE c.session_id = $1 AND m.idempotency_key = $2`,
        [sessionId, key],
      );
      return row && toStoredTurn(row);
    },
  };
}

/**
 * A question that was left to a person, in a conversation that was hidden or erased right after it: the visitor is answered
 * as if that had come a moment later. No row has the id 0.
 */
function goneTurn(turn: NewTurn, conversationId: string): StoredTurn {
  const { turnId, sessionId, question, at: createdAt } = turn;
  const end = { status: "complete", finishReason: "person" } as const;
  const answer = { id: 0, turnId, role: "assistant", content: "", ...end, createdAt } as const;
  return { turnId, sessionId, conversationId, question, answer };
}

function beginValues(turn: NewTurn, words: string, isRepeated: boolean) {
  const { history } = turn;
  return [
    turn.turnId,
    turn.sessionId,
    `c_${randomText(16)}`,
    turn.owner,
    turn.question,
    words,
    preview(turn.question),
    turn.idempotencyKey,
    turn.model,
    turn.at,
    MAX_CONVERSATION_MESSAGES,
    maxExchanges(history),
    Math.max(0, maxPairs(history)),
    BYTES_PER_TOKEN * history.tokens,
    isRepeated,
  ];
}

function finishValues(turnId: string, outcome: Outcome, words: string, isRepeated: boolean) {
  const { content, usage } = outcome;
  const { tokens, errors, firstTokenMs } = countsOf(outcome);
  return [
    turnId,
    content,
    words,
    preview(content),
    outcome.status,
    outcome.finishReason,
    outcome.errorCode,
    usage?.promptTokens,
    usage?.completionTokens,
    usage?.totalTokens,
    outcome.firstTokenMs,
    outcome.durationMs,
    outcome.at,
    tokens,
    errors,
    firstTokenMs,
    isRepeated,
    outcome.grounding,
    toSourcesText(outcome.sources),
  ];
}
