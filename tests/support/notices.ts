import type { WebhookReceiver } from "../../harness/webhook-receiver.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { NoticeSettings } from "../../src/config/notices.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import type { NoticeChannel } from "../../src/conversation/notice-kinds.ts";
import { Metrics } from "../../src/metrics/metrics.ts";
import { NoticeMetrics } from "../../src/metrics/notice-metrics.ts";
import { lookUpHost } from "../../src/net/find-host.ts";
import type { Channel } from "../../src/notices/channel.ts";
import { Deliverer } from "../../src/notices/deliverer.ts";
import { createPost } from "../../src/notices/post.ts";
import { wantedOf } from "../../src/notices/set-up.ts";
import { createWebhook } from "../../src/notices/webhook.ts";
import type { Store } from "../../src/store/store.ts";
import { FakeClock } from "./fake-clock.ts";
import { begin, newTurn, outcome } from "./stored-turns.ts";

export const WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** The settings of notices, from the variables of an environment. */
export function noticeSettings(env: Env): NoticeSettings {
  return settingsOf(env).notices;
}

function settingsOf(env: Env) {
  return loadConfig({ NODE_ENV: "test", ...env }, () => "").config;
}

function webhookTo(url: string, now: () => number): Channel {
  const options = { lookUp: lookUpHost, allowsPrivate: true, userAgent: "chatporch", secrets: [] };
  return createWebhook({
    url,
    secrets: async () => [WEBHOOK_SECRET],
    post: createPost(options),
    now,
  });
}

interface DeliveryOptions {
  readonly channels?: Readonly<Partial<Record<NoticeChannel, Channel>>>;
  readonly env?: Env;
  readonly clock?: FakeClock;
}

/** A process that sends the notices of a store to a receiver, by a clock that stands still. */
export async function startDelivery(
  store: Store,
  receiver: Pick<WebhookReceiver, "url" | "received">,
  options: DeliveryOptions = {},
) {
  const { clock = new FakeClock(), env = {} } = options;
  const notices = noticeSettings({ WEBHOOK_URL: receiver.url, ...env });
  const channels = { webhook: webhookTo(receiver.url, clock.now), ...options.channels };
  const lines: string[] = [];
  const metrics = new Metrics();
  const say = (message: string, about?: object) =>
    void lines.push(`${message} ${JSON.stringify(about)}`);
  await store.wantNotices(wantedOf(notices, await store.channelStates()));
  const start = () =>
    new Deliverer({
      store,
      notices: () => notices,
      spending: () => settingsOf(env).spending,
      publicUrl: "https://chat.example.com",
      async openChannel(name) {
        const { [name as keyof typeof channels]: channel } = channels;
        if (channel === undefined) throw new Error(`There is no ${name}.`);
        return channel;
      },
      metrics: new NoticeMetrics(metrics),
      log: { info: say, warn: say, error: say },
      now: clock.now,
      random: () => 0,
    });
  const deliverer = start();
  return {
    clock,
    deliverer,
    lines,
    metrics,
    /** Another process on the same store. */
    start,
    /** Tries everything that is due, also what becomes due by it. */
    async deliver(by = deliverer) {
      for (let sent = -1; sent < receiver.received.length;) {
        sent = receiver.received.length;
        await by.look();
        await by.settle();
      }
    },
    /** Stores a question whose answer fails: a conversation that begins, and a failure. */
    async fail(sessionId: string) {
      const turn = newTurn({ sessionId, at: clock.now() });
      const { conversationId } = await begin(store, turn);
      const failed = { status: "failed", content: "", errorCode: "model_error" } as const;
      await store.finishTurn(turn.turnId, outcome({ ...failed, durationMs: 0, at: clock.now() }));
      return { conversationId, turnId: turn.turnId };
    },
  };
}

type ReceivedEvent = Readonly<Record<string, string>> & {
  readonly id: string;
  readonly type: string;
};

/** The events that a receiver was sent, in their order. */
export function eventsOf({ received }: Pick<WebhookReceiver, "received">): ReceivedEvent[] {
  return received.map(({ headers, body }) => {
    const event: unknown = JSON.parse(body);
    const { type, data } = event as { type: string; data: Record<string, string> };
    return { id: headers["webhook-id"] ?? "", type, ...data };
  });
}
