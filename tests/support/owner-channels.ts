import { Webhook } from "standardwebhooks";

import { type MailServer, startMailServer } from "../../harness/mail-server.ts";
import { type NtfyServer, startNtfyServer } from "../../harness/ntfy-server.ts";
import { OWNERS_CHAT, TELEGRAM_TOKEN, TelegramServer } from "../../harness/telegram-server.ts";
import { startWebhookReceiver } from "../../harness/webhook-receiver.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { WEBHOOK_SECRET } from "./notices.ts";

const NTFY_TOKEN = "tk_owner0123456789";

interface WebhookEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Everything on which an owner can be notified, on loopback. */
export interface OwnerChannels {
  /** The settings that lead to them. */
  readonly env: Env;
  /** What the webhook got, in its order, as its receiver reads it once the signature is checked. */
  events(): readonly WebhookEvent[];
  readonly ntfy: NtfyServer;
  readonly mail: MailServer;
  readonly telegram: TelegramServer;
  stop(): Promise<unknown>;
}

/** Telegram's address is an option of the app. */
export async function startOwnerChannels(): Promise<OwnerChannels> {
  const receiver = startWebhookReceiver();
  const ntfy = startNtfyServer({ topic: "shop", token: NTFY_TOKEN });
  const mail = await startMailServer();
  const telegram = new TelegramServer();
  const webhook = new Webhook(WEBHOOK_SECRET);
  return {
    env: {
      WEBHOOK_URL: receiver.url,
      WEBHOOK_SECRET,
      NTFY_URL: ntfy.url,
      NTFY_TOKEN,
      SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
      MAIL_FROM: "Shop <chat@shop.example>",
      MAIL_TO: "owner@shop.example",
      TELEGRAM_TOKEN,
      TELEGRAM_CHAT: String(OWNERS_CHAT),
      NOTICES_PRIVATE_ADDRESSES: "on",
    },
    events: () =>
      receiver.received.map(
        ({ headers, body }) => webhook.verify(body, { ...headers }) as WebhookEvent,
      ),
    ntfy,
    mail,
    telegram,
    stop: () => Promise.all([receiver, ntfy, mail, telegram].map((each) => each.stop())),
  };
}
