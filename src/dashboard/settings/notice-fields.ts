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
}

/** The channels, each a form of its own. */
export const CHANNEL_FORMS: readonly ChannelForm[] = [
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
    hint: "For a receiver beside this server, such as http://n8n:5678.",
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
