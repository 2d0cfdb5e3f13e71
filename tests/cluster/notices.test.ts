import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { ask } from "../../harness/chat-requests.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { compareNotices } from "../../harness/faults/notice-ledger.ts";
import { cleanUp } from "../../harness/process.ts";
import type { Replica } from "../../harness/replica.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../../harness/webhook-receiver.ts";
import { hasServers } from "./servers.ts";

/** Two replicas that send what is in one outbox, one of which dies while it does. */

setDefaultTimeout(120_000);

const VISITORS = 12;
/** A claim of a dead replica ends after 30 s. */
const PATIENCE_MS = 60_000;

let cluster: Cluster;
let receiver: WebhookReceiver;

/** Asks a question whose answer fails. */
async function askInVain({ url }: Replica, visitor: number): Promise<void> {
  const asked = await ask(url, "Hi", { path: "/v1/chat", sessionId: `visitor-${visitor}` });
  expect(asked.ok).toBe(false);
}

/** By conversation, what the owner must be told of. */
async function expectedEvents(): Promise<Map<string, string[]>> {
  const rows = await cluster.asDatabaseOwner(
    `SELECT c.id, m.turn_id AS turn FROM conversations AS c JOIN messages AS m ON m.conversation_seq = c.seq
     WHERE m.status = 'failed'`,
  );
  return new Map(
    rows.map(({ id, turn }) => [String(id), ["conversation.started", `answer.failed ${turn}`]]),
  );
}

describe.if(hasServers)("two replicas with a webhook", () => {
  beforeAll(async () => {
    receiver = startWebhookReceiver();
    cluster = await startCluster({
      replicas: 2,
      hasBus: false,
      script: () => new Response("broken", { status: 500 }),
      settings: {
        WEBHOOK_URL: receiver.url,
        WEBHOOK_EVENTS: "conversation.started,answer.failed",
        NOTICES_PRIVATE_ADDRESSES: "on",
        RATE_LIMIT_MAX_REQUESTS: "10000",
      },
    });
  });
  afterAll(async () => {
    await cluster.stop();
    await receiver.stop();
    await cleanUp();
  });

  test("send every event once, in order, and again what one of them was sending when it was killed", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    receiver.answer(async () => {
      await released;
      return new Response(null, { status: 204 });
    });
    const [one, two] = cluster.replicas;
    if (!one || !two) throw new Error("There are not two replicas.");
    const visitors = Array.from({ length: VISITORS }, (_, visitor) => visitor);
    await Promise.all(visitors.map((visitor) => askInVain(visitor % 2 === 0 ? one : two, visitor)));
    // Four of each.
    while (receiver.received.length < 8) await Bun.sleep(20);
    const underWay = new Set(receiver.received.map(({ headers }) => headers["webhook-id"]));
    expect(underWay.size).toBe(8);
    await one.kill();
    release();
    const ids = () => receiver.received.map(({ headers }) => headers["webhook-id"]);
    const giveUpAt = performance.now() + PATIENCE_MS;
    const isWaiting = async () => {
      const [row] = await cluster.asDatabaseOwner(
        "SELECT count(*)::integer AS count FROM notices WHERE state = 'waiting'",
      );
      return row?.count !== 0;
    };
    while ((await isWaiting()) && performance.now() < giveUpAt) await Bun.sleep(100);
    expect(compareNotices(receiver.received, await expectedEvents())).toEqual([]);
    expect(new Set(ids()).size).toBe(2 * VISITORS);
    expect(ids().length).toBe(2 * VISITORS + 4);
  });
});
