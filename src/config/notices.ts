import {
  NOTICE_EVENTS,
  type NoticeChannel,
  type NoticeEvent,
} from "../conversation/notice-kinds.ts";
import { mailPlace, type MailSettings, readMail } from "./mail.ts";
import { secretsInUrl } from "./server-url.ts";
import { countKeys, setOrNot, type SettingGroup } from "./setting-group.ts";
import { HEADER_SAFE, type SettingReader } from "./setting-reader.ts";

/** Where the owner is notified. A channel that is not set up is undefined. */
export interface NoticeSettings {
  readonly mail: MailSettings | undefined;
  readonly webhook: WebhookSettings | undefined;
  readonly ntfy: NtfySettings | undefined;
  readonly telegram: TelegramSettings | undefined;
  /** The events that each channel wants. */
  readonly events: Readonly<Record<NoticeChannel, readonly NoticeEvent[]>>;
  /** Whether notices may go to addresses inside of a network, and over plain http. */
  readonly allowsPrivate: boolean;
  /** Whether a summary of the week is sent by mail. */
  readonly weeklySummary: boolean;
  /** What is shown of settings that stand alone, while their channel is not set up. */
  readonly parts: NoticeParts;
}

/** The settings of channels as they are set, also where others are missing. */
interface NoticeParts {
  readonly smtp: string | undefined;
  readonly mailFrom: string | undefined;
  readonly mailTo: readonly string[];
  readonly telegramToken: string | undefined;
  readonly telegramChat: string | undefined;
  readonly ntfyToken: string | undefined;
  readonly webhookSecrets: readonly string[];
}

export interface WebhookSettings {
  readonly url: string;
  /** `whsec_…` of Standard Webhooks. Each signs. Empty: the server's own, which is kept in the database. */
  readonly secrets: readonly string[];
}

export interface NtfySettings {
  /** The address of the server, with a slash at its end. */
  readonly server: string;
  readonly topic: string;
  readonly token: string | undefined;
}

export interface TelegramSettings {
  readonly token: string;
  /** The number of a chat, or the name of a channel with its @. */
  readonly chat: string;
}

const MAX_ADDRESS = 2000;
const EXAMPLE_SECRET = "whsec_ and the output of: openssl rand -base64 32";
const EXAMPLE_WEBHOOK = "https://example.com/chatporch";
const EXAMPLE_NTFY = "https://ntfy.sh/your-long-topic";

/** A person waits. The others are for programs, or to be read when there is time. */
const URGENT: readonly NoticeEvent[] = [
  "handoff.requested",
  "visitor.wrote",
  "budget.warning",
  "budget.reached",
];

const onOrOff = (isOn: boolean) => (isOn ? "on" : "off");

export const NOTICES: SettingGroup<NoticeSettings> = {
  read: readNoticeSettings,
  shown: {
    SMTP_URL: ({ parts }) => (parts.smtp === undefined ? "not set" : mailPlace(parts.smtp)),
    MAIL_FROM: ({ parts }) => parts.mailFrom ?? "not set",
    MAIL_TO: ({ parts }) => parts.mailTo.join(", ") || "not set",
    MAIL_EVENTS: ({ events }) => eventsText(events.mail),
    WEEKLY_SUMMARY: ({ weeklySummary }) => onOrOff(weeklySummary),
    WEBHOOK_URL: ({ webhook }) => (webhook === undefined ? "not set" : webhookPlace(webhook.url)),
    WEBHOOK_SECRET: ({ parts }) => countKeys(parts.webhookSecrets),
    WEBHOOK_EVENTS: ({ events }) => eventsText(events.webhook),
    NTFY_URL: ({ ntfy }) => (ntfy === undefined ? "not set" : `${ntfy.server}${ntfy.topic}`),
    NTFY_TOKEN: ({ parts }) => setOrNot(parts.ntfyToken),
    NTFY_EVENTS: ({ events }) => eventsText(events.ntfy),
    TELEGRAM_TOKEN: ({ parts }) => setOrNot(parts.telegramToken),
    TELEGRAM_CHAT: ({ parts }) => parts.telegramChat ?? "not set",
    TELEGRAM_EVENTS: ({ events }) => eventsText(events.telegram),
    NOTICES_PRIVATE_ADDRESSES: ({ allowsPrivate }) => onOrOff(allowsPrivate),
  },
  secrets: ["WEBHOOK_SECRET", "NTFY_TOKEN", "TELEGRAM_TOKEN"],
  files: ["SMTP_URL", "WEBHOOK_URL"],
  editable: [
    "SMTP_URL",
    "MAIL_FROM",
    "MAIL_TO",
    "MAIL_EVENTS",
    "WEEKLY_SUMMARY",
    "WEBHOOK_URL",
    "WEBHOOK_SECRET",
    "WEBHOOK_EVENTS",
    "NTFY_URL",
    "NTFY_TOKEN",
    "NTFY_EVENTS",
    "TELEGRAM_TOKEN",
    "TELEGRAM_CHAT",
    "TELEGRAM_EVENTS",
    "NOTICES_PRIVATE_ADDRESSES",
  ],
};

function readNoticeSettings(reader: SettingReader): NoticeSettings {
  const { mail, parts } = readMail(reader);
  const webhookSecrets = readWebhookSecrets(reader);
  const ntfyToken = readNtfyToken(reader);
  const telegramToken = readTelegramToken(reader);
  const telegramChat = readTelegramChat(reader);
  const url = readUrl(reader, "WEBHOOK_URL", EXAMPLE_WEBHOOK);
  const isTelegram = telegramToken !== undefined && telegramChat !== undefined;
  return {
    mail,
    webhook: url === undefined ? undefined : { url, secrets: webhookSecrets },
    ntfy: readNtfy(reader, ntfyToken),
    telegram: isTelegram ? { token: telegramToken, chat: telegramChat } : undefined,
    events: {
      mail: readEvents(reader, "MAIL_EVENTS", URGENT),
      webhook: readEvents(reader, "WEBHOOK_EVENTS", NOTICE_EVENTS),
      ntfy: readEvents(reader, "NTFY_EVENTS", URGENT),
      telegram: readEvents(reader, "TELEGRAM_EVENTS", URGENT),
    },
    allowsPrivate: reader.choice("NOTICES_PRIVATE_ADDRESSES", ["on", "off"], "off") === "on",
    weeklySummary: reader.choice("WEEKLY_SUMMARY", ["on", "off"], "off") === "on",
    parts: { ...parts, telegramToken, telegramChat, ntfyToken, webhookSecrets },
  };
}

function eventsText(events: readonly NoticeEvent[]): string {
  return events.join(",") || "none";
}

function readEvents(
  reader: SettingReader,
  name: string,
  fallback: readonly NoticeEvent[],
): readonly NoticeEvent[] {
  const wanted = reader.list(name);
  if (wanted.length === 0) return fallback;
  if (wanted.join() === "none") return [];
  const known = NOTICE_EVENTS.filter((event) => wanted.includes(event));
  if (wanted.every((word) => known.some((event) => event === word))) return known;
  reader.refuse(
    name,
    `has something other than none and ${NOTICE_EVENTS.join(", ")}`,
    fallback.slice(0, 2).join(","),
  );
  return fallback;
}

/** An address that notices are sent to. Its path may be a secret. */
function readUrl(reader: SettingReader, name: string, example: string): string | undefined {
  const text =
    name === "WEBHOOK_URL"
      ? reader.textOrFile(name, "/run/secrets/webhook_url")
      : reader.text(name);
  if (text === undefined) return undefined;
  const refuse = (problem: string) => {
    reader.refuse(name, problem, example);
    return undefined;
  };
  const url = URL.parse(text);
  const isAddress = url !== null && /^https?:\/\/[^#\s…]+$/i.test(text);
  if (!isAddress || text.length > MAX_ADDRESS) {
    return refuse("must be an http or https address, without #");
  }
  if (url.username !== "" || url.password !== "") {
    return refuse("has a user name or a password in it, which is not sent");
  }
  return text;
}

/** The path of a webhook may be the secret that opens it. */
function webhookPlace(text: string): string {
  const { origin, pathname, search } = new URL(text);
  return pathname === "/" && search === "" ? `${origin}/` : `${origin}/…`;
}

/** Standard Webhooks wants 24 to 64 bytes. */
const WEBHOOK_SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

function readWebhookSecrets(reader: SettingReader): string[] {
  const secrets = reader.secrets("WEBHOOK_SECRET");
  if (!secrets.every((secret) => WEBHOOK_SECRET.test(secret))) {
    reader.refuse(
      "WEBHOOK_SECRET",
      "has an entry that is not whsec_ with 24 to 64 random bytes in base64 after it",
      EXAMPLE_SECRET,
    );
  }
  return secrets;
}

const NTFY_TOPIC = /^[-\w]{1,64}$/;

function readNtfy(reader: SettingReader, token: string | undefined): NtfySettings | undefined {
  const text = readUrl(reader, "NTFY_URL", EXAMPLE_NTFY);
  if (text === undefined) return undefined;
  const slash = text.lastIndexOf("/");
  const [server, topic] = [text.slice(0, slash + 1), text.slice(slash + 1)];
  if (!NTFY_TOPIC.test(topic) || !URL.canParse(server) || /^https?:\/\/$/i.test(server)) {
    reader.refuse("NTFY_URL", "must be the address of a server and a topic", EXAMPLE_NTFY);
    return undefined;
  }
  return { server: new URL(server).href, topic, token };
}

function readNtfyToken(reader: SettingReader): string | undefined {
  const token = reader.secret("NTFY_TOKEN");
  if (token !== undefined && !HEADER_SAFE.test(token)) {
    reader.refuse("NTFY_TOKEN", "has characters that cannot travel in a header", "tk_…");
  }
  return token;
}

function readTelegramToken(reader: SettingReader): string | undefined {
  const token = reader.secret("TELEGRAM_TOKEN");
  if (token !== undefined && !/^\d{3,20}:[\w-]{20,100}$/.test(token)) {
    reader.refuse("TELEGRAM_TOKEN", "is not a token as BotFather gives it", "123456789:AA…");
  }
  return token;
}

function readTelegramChat(reader: SettingReader): string | undefined {
  const chat = reader.text("TELEGRAM_CHAT");
  if (chat !== undefined && !/^(?:-?\d{1,20}|@\w{3,64})$/.test(chat)) {
    reader.refuse("TELEGRAM_CHAT", "is neither the number of a chat nor @name", "123456789");
  }
  return chat;
}

/** Values that must never be shown or logged. */
export function noticeSecrets({ webhook, parts }: NoticeSettings): string[] {
  const path = webhook === undefined ? "" : webhook.url.slice(new URL(webhook.url).origin.length);
  const all = [...parts.webhookSecrets, parts.ntfyToken, parts.telegramToken];
  return [
    ...all.filter((secret) => secret !== undefined),
    ...(parts.smtp === undefined ? [] : secretsInUrl(parts.smtp)),
    // A short path is no secret, and masking it would make the log unreadable.
    ...(path.length >= MIN_SECRET_PATH ? [path] : []),
  ];
}

const MIN_SECRET_PATH = 20;
