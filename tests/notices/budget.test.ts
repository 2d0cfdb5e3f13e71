import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { OWNERS_CHAT, TELEGRAM_TOKEN, TelegramServer } from "../../harness/telegram-server.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../../harness/webhook-receiver.ts";
import { lookUpHost } from "../../src/net/find-host.ts";
import { mailTextOf, subjectOf } from "../../src/notices/mail-text.ts";
import type { Notice } from "../../src/notices/notice.ts";
import { createNtfy } from "../../src/notices/ntfy.ts";
import { createPost } from "../../src/notices/post.ts";
import { createTelegramApi } from "../../src/notices/telegram-api.ts";
import { createTelegram } from "../../src/notices/telegram.ts";
import { UTC_DAYS } from "../../src/runtime/local-days.ts";
import type { Store } from "../../src/store/store.ts";
import { forEachStore } from "../store/contract/stores.ts";
import { noticeOfNone } from "../support/notice-samples.ts";
import { eventsOf, startDelivery } from "../support/notices.ts";

/** What the owner hears of his budget. */

const LINK = "https://chat.example.com/dashboard/settings/spending";
const MONEY = {
  period: "2026-11-26",
  unit: "money",
  spent: 4_050_000,
  limit: 5_000_000,
  currency: "USD",
} as const;
const TOKENS = {
  ...MONEY,
  period: "2026-11",
  unit: "tokens",
  spent: 1_200_000,
  limit: 1_000_000,
} as const;
const POST = createPost({
  lookUp: lookUpHost,
  allowsPrivate: true,
  userAgent: "chatporch",
  secrets: [],
});

function warning(over: Partial<Notice> = {}): Notice {
  return noticeOfNone({ kind: "budget.warning", budget: MONEY, link: LINK, ...over });
}

function reached(): Notice {
  return warning({ kind: "budget.reached", budget: TOKENS });
}

let receiver: WebhookReceiver;
beforeEach(() => {
  receiver = startWebhookReceiver();
});
afterEach(() => receiver.stop());

describe("a notice of the budget", () => {
  test("says by mail how much of it is spent and what comes next", () => {
    expect(subjectOf(warning())).toBe("Chat: 80 % of the budget of a day is spent");
    expect(mailTextOf(warning(), [], UTC_DAYS)).toBe(`80 % of the budget of a day is spent.

$4.05 of $5.00 are spent on 2026-11-26. When it is all spent, questions are not answered any more.

${LINK}
`);
    expect(mailTextOf(reached(), [], UTC_DAYS)).toBe(`The budget of a month is spent.

1,200,000 of 1,000,000 tokens are spent in 2026-11. Questions are not answered until the month is over, or you raise the budget.

${LINK}
`);
  });

  test("says the same by ntfy, and rings when nothing is answered any more", async () => {
    receiver.answer(() => Response.json({}));
    const server = `${new URL(receiver.url).origin}/`;
    const channel = createNtfy({ server, topic: "shop", token: undefined }, POST);
    for (const notice of [warning(), reached()])
      await channel.send(notice, AbortSignal.timeout(5000));
    const sent = receiver.received.map(({ body }) => JSON.parse(body));
    expect(sent).toMatchObject([
      { title: "80 % of the budget of a day is spent", priority: 3, click: LINK },
      { title: "The budget of a month is spent", priority: 4, tags: ["moneybag"] },
    ]);
    expect(sent[1].message).toStartWith("1,200,000 of 1,000,000 tokens are spent in 2026-11.");
  });

  test("says the same in Telegram, without a hint that a reply would reach somebody", async () => {
    using telegram = Object.assign(new TelegramServer(), {
      [Symbol.dispose](this: TelegramServer) {
        void this.stop();
      },
    });
    const api = createTelegramApi({ token: TELEGRAM_TOKEN, post: POST, api: telegram.url });
    const channel = createTelegram({ token: TELEGRAM_TOKEN, chat: String(OWNERS_CHAT) }, api);
    await channel.send(warning(), AbortSignal.timeout(5000));
    expect(telegram.sent[0]?.text).toBe(`80 % of the budget of a day is spent

$4.05 of $5.00 are spent on 2026-11-26. When it is all spent, questions are not answered any more.

${LINK}`);
  });
});

let store: Store;
forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("what is noted of a budget", () => {
      const env = { BUDGET_UNIT: "tokens", BUDGET_PER_DAY: "1000", BUDGET_PER_MONTH: "20000" };
      const amount = { inputTokens: 800, outputTokens: 100, cost: 0 };
      const period = { day: "2026-11-23", month: "2026-11" };

      test("is delivered once, with the sums of then, for the day and the month", async () => {
        const delivery = await startDelivery(store, receiver, { env });
        await store.settle("c_1", { ...period, amount, isReserved: false });
        const at = delivery.clock.now();
        expect(
          await store.noteSpending({ period: period.day, mark: "warning", limit: 1000, at }),
        ).toBe(true);
        expect(
          await store.noteSpending({ period: period.day, mark: "warning", limit: 1000, at }),
        ).toBe(false);
        await store.noteSpending({ period: period.month, mark: "reached", limit: 1000, at });
        await store.settle("c_2", { ...period, amount, isReserved: false });
        await delivery.deliver();
        const shared = {
          id: expect.any(String),
          unit: "tokens",
          spent: 1800,
          currency: "USD",
          url: LINK,
        };
        // Only the events of one conversation have an order.
        const events = eventsOf(receiver).toSorted((a, b) => a.type.localeCompare(b.type));
        expect(events as object[]).toEqual([
          { ...shared, type: "budget.reached", period: period.month, limit: 20_000 },
          { ...shared, type: "budget.warning", period: period.day, limit: 1000 },
        ]);
      });

      test("is dropped where the owner has taken the budget away meanwhile", async () => {
        const delivery = await startDelivery(store, receiver, { env: {} });
        await store.settle("c_1", { ...period, amount, isReserved: false });
        await store.noteSpending({
          period: period.day,
          mark: "reached",
          limit: 1000,
          at: delivery.clock.now(),
        });
        await delivery.deliver();
        expect(receiver.received).toEqual([]);
        expect(await store.nextNoticeAt(["webhook"])).toBeUndefined();
      });
    });
  },
);
