import { Database } from "bun:sqlite";

import { databaseIn } from "../chat-requests.ts";
import type { RunningServer, Settings } from "../process.ts";
import {
  type ReceivedRequest,
  startWebhookReceiver,
  type WebhookReceiver,
} from "../webhook-receiver.ts";
import type { Random } from "./random.ts";

/** Long enough for a kill to come while notices are under way. */
const MAX_ANSWER_MS = 800;
/** A claim of a killed process ends after 30 s. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** A receiver of the owner's webhooks, which counts them. */
export class NoticeLedger {
  readonly #receiver: WebhookReceiver;

  constructor(random: Random) {
    this.#receiver = startWebhookReceiver(async () => {
      await Bun.sleep(random.between(0, MAX_ANSWER_MS));
      return new Response(null, { status: 204 });
    });
  }

  /** What a server needs to send notices here. */
  get settings(): Settings {
    const WEBHOOK_EVENTS = "conversation.started,answer.failed";
    return { WEBHOOK_URL: this.#receiver.url, NOTICES_PRIVATE_ADDRESSES: "on", WEBHOOK_EVENTS };
  }

  /** How many notices have come, and how many of them were new. */
  get counts(): { readonly notices: number; readonly repeated: number } {
    const all = this.#receiver.received.length;
    const notices = new Set(this.#receiver.received.map(({ headers }) => headers["webhook-id"]))
      .size;
    return { notices, repeated: all - notices };
  }

  /**
   * Waits until the outbox is empty, and compares what has come with what is stored.
   * @returns what is missing, too much or in another order, one sentence each
   */
  async compare({ folder }: Pick<RunningServer, "folder">): Promise<string[]> {
    const db = new Database(databaseIn(folder), { readonly: true });
    try {
      const isEmpty = () =>
        db.query("SELECT 1 FROM notices WHERE state = 'waiting'").get() === null;
      const giveUpAt = performance.now() + PATIENCE_MS;
      while (!isEmpty() && performance.now() < giveUpAt) await Bun.sleep(LOOK_EVERY_MS);
      const waiting = isEmpty() ? [] : ["the outbox is not empty after a minute"];
      return [...waiting, ...compareNotices(this.#receiver.received, expectedNotices(db))];
    } finally {
      db.close();
    }
  }

  stop(): Promise<void> {
    return this.#receiver.stop();
  }
}

/** By conversation, the events in the order in which they happened. */
type Events = ReadonlyMap<string, readonly string[]>;

function expectedNotices(db: Database): Events {
  const rows = db
    .query<{ id: string; turn: string | null }, []>(
      `SELECT c.id, m.turn_id AS turn FROM conversations AS c LEFT JOIN messages AS m
         ON m.conversation_seq = c.seq AND m.status IN ('failed', 'interrupted')
       ORDER BY m.id`,
    )
    .all();
  const failed = Map.groupBy(rows, ({ id }) => id);
  return new Map(
    Array.from(failed, ([id, turns]) => {
      const failures = turns.flatMap(({ turn }) =>
        turn === null ? [] : [`answer.failed ${turn}`],
      );
      return [id, ["conversation.started", ...failures]];
    }),
  );
}

/** An event may come twice in a row, with the same id. Nothing else may differ. */
export function compareNotices(received: readonly ReceivedRequest[], expected: Events): string[] {
  const came = new Map<string, string[]>();
  const idOf = new Map<string, string>();
  const problems: string[] = [];
  for (const { headers, body } of received) {
    const { type, data } = JSON.parse(body) as { type: string; data: Record<string, string> };
    const { conversationId = "", turnId } = data;
    const event = turnId === undefined ? type : `${type} ${turnId}`;
    const id = headers["webhook-id"] ?? "";
    const place = `${conversationId} ${event}`;
    if ((idOf.get(place) ?? id) !== id) problems.push(`${place} came with two ids`);
    idOf.set(place, id);
    const events = came.get(conversationId) ?? [];
    came.set(conversationId, events);
    if (events.at(-1) !== event) events.push(event);
  }
  for (const [conversation, events] of came) {
    if (!expected.has(conversation)) problems.push(`${conversation}: ${events} of nothing stored`);
  }
  for (const [conversation, events] of expected) {
    const found = came.get(conversation) ?? [];
    if (Bun.deepEquals(found, events)) continue;
    problems.push(`${conversation}: notices ${found.join(", ")} instead of ${events.join(", ")}`);
  }
  return problems;
}
