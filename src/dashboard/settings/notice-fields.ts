import {
  NOTICE_EVENTS,
  type NoticeChannel,
  type NoticeEvent,
} from "../../conversation/notice-kinds.ts";
import type { Field } from "./fields.ts";

/** What the events are called on the page. */
export const EVENT_WORDS: Readonly<Record<NoticeEvent, string>> = {
  "conversation.started": "A conversation begins",
  "answer.failed": "An answer fails",
  "answer.rated": "An answer is rated",
  "question.unanswered": "Your pages do not hold an answer",
  "handoff.requested": "A visitor wants a person",
  "visitor.wrote": "A visitor who waits for a person, or talks to one, writes",
  "budget.warning": "80 % of a budget are spent",
  "budget.reached": "A budget is spent, and nothing is answered",
};

function eventsField(name: string): Field {
  const choices = NOTICE_EVENTS.map((event) => [event, EVENT_WORDS[event]] as const);
  return { name, label: "Send a notice when", kind: "set", choices };
}

export interface ChannelForm {
  readonly channel: NoticeChannel;
  readonly name: string;
  readonly hint: string;
  readonly fields: readonly Field[];
  /** What its button says that lists chats, where these are not easily named. */
  readonly findsChats?: string;
}

/** The channels, each a form of its own. */
export const CHANNEL_FORMS: readonly ChannelForm[] = [
  {
    channel: "mail",
    name: "Mail",
    hint: "With the newest messages. Answer a mail, and your answer goes to the visitor’s address, if he left one.",
    fields: [
      {
        name: "SMTP_URL",
        label: "Mail server",
        hint: "Such as smtps://you%40example.com:password@mail.example.com:465, or smtp:// with port 587. In a user name, write @ as %40. Name and password are not shown again: to change it, enter all of it.",
        kind: "line",
      },
      {
        name: "MAIL_FROM",
        label: "Sender",
        hint: "An address that the mail server lets you send from, such as Example <chat@example.com>.",
        kind: "line",
      },
      {
        name: "MAIL_TO",
        label: "Your addresses",
        hint: "Mail goes nowhere else.",
        kind: "lines",
      },
      eventsField("MAIL_EVENTS"),
      {
        name: "WEEKLY_SUMMARY",
        label: "A summary of the week",
        hint: "On Mondays at 08:00: figures, who waits, and what was asked without a good answer.",
        kind: "choice",
        choices: [
          ["", "no"],
          ["on", "by mail"],
        ],
      },
    ],
  },
  {
    channel: "telegram",
    name: "Telegram",
    hint: "Reply to a message, and the visitor reads it in the chat.",
    fields: [
      {
        name: "TELEGRAM_TOKEN",
        label: "Token of your bot",
        hint: "Write /newbot to @BotFather in Telegram. The token is not shown again.",
        kind: "secret",
      },
      {
        name: "TELEGRAM_CHAT",
        label: "Number of your chat",
        hint: "Save the token, write something to your bot in Telegram, or add it to a group, then press “Find my chat”. In a group, everybody can answer visitors.",
        kind: "line",
      },
      eventsField("TELEGRAM_EVENTS"),
    ],
    findsChats: "Find my chat",
  },
  {
    channel: "ntfy",
    name: "Phone, by ntfy",
    hint: "Install the app ntfy, subscribe to a topic with a name that nobody guesses, and enter its address.",
    fields: [
      {
        name: "NTFY_URL",
        label: "Address of the topic",
        hint: "Such as https://ntfy.sh/your-long-topic. Whoever knows the topic reads what is sent: an excerpt of the question.",
        kind: "line",
      },
      {
        name: "NTFY_TOKEN",
        label: "Token",
        hint: "Where the topic needs one.",
        kind: "secret",
      },
      eventsField("NTFY_EVENTS"),
    ],
  },
  {
    channel: "webhook",
    name: "Webhook",
    hint: "For your own program, or a service such as n8n. It is signed, and holds no word of a visitor.",
    fields: [
      {
        name: "WEBHOOK_URL",
        label: "Address",
        hint: "Its path is not shown again. Enter the whole address to change it.",
        kind: "line",
      },
      {
        name: "WEBHOOK_SECRET",
        label: "Signing secrets",
        hint: "Empty: the server makes one. To change it, enter the new and the old one: both sign.",
        kind: "secret-lines",
      },
      eventsField("WEBHOOK_EVENTS"),
    ],
  },
];

export const PRIVATE_FIELDS: readonly Field[] = [
  {
    name: "NOTICES_PRIVATE_ADDRESSES",
    label: "Addresses inside of your network, and plain http",
    hint: "For a mail server on this machine, or a receiver beside it, such as http://n8n:5678.",
    kind: "choice",
    choices: [
      ["", "refused"],
      ["on", "allowed"],
    ],
  },
];

export const NOTICE_FIELDS: readonly Field[] = [
  ...CHANNEL_FORMS.flatMap(({ fields }) => fields),
  ...PRIVATE_FIELDS,
];
