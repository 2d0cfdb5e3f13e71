import type { TelegramSettings } from "../config/notices.ts";
import { UNSEEN } from "../runtime/safe-text.ts";
import type { Channel, Delivery } from "./channel.ts";
import { budgetText, contactsOf, titleOf, wordsOf } from "./notice-words.ts";
import type { Notice } from "./notice.ts";
import { type CallTelegram, telegramReceipt } from "./telegram-api.ts";

/** What Telegram takes, in UTF-16 units. */
const MAX_TEXT = 4096;
/** A question. What it has no room for is in the dashboard. */
const MAX_WORDS = 3000;

const HINT =
  "Reply to this message to write to the visitor. /done lets the assistant answer again.";

/** Sends notices to a chat of Telegram. Replies to them are read elsewhere (telegram-replies.ts). */
export function createTelegram({ token, chat }: TelegramSettings, call: CallTelegram): Channel {
  return {
    async send(notice, signal): Promise<Delivery> {
      const message = {
        chat_id: chat,
        text: textOf(notice),
        // Telegram would ask for the pages that a visitor names.
        link_preview_options: { is_disabled: true },
      };
      return { receipt: telegramReceipt(token, await call("sendMessage", message, signal)) };
    },
  };
}

function textOf(notice: Notice): string {
  const { kind, conversation, link } = notice;
  const rating = kind === "answer.rated" ? notice.turn?.answer.rating : undefined;
  const contacts = contactsOf(notice).map(({ value }) => value);
  const before = [titleOf(notice), contacts.join("\n"), budgetText(notice)];
  const after = [
    rating?.comment && `The visitor says: “${rating.comment.replaceAll(UNSEEN, " ")}”`,
    link,
    kind === "test" && "Messages about your chat arrive here.",
    conversation && HINT,
  ];
  const room = MAX_TEXT - paragraphs([...before, "“”", ...after]).length;
  const words = wordsOf(notice, Math.min(MAX_WORDS, room)).replaceAll(UNSEEN, " ");
  return paragraphs([...before, words === "" ? undefined : `“${words}”`, ...after]);
}

function paragraphs(lines: readonly (string | false | undefined)[]): string {
  return lines.filter((line) => typeof line === "string" && line !== "").join("\n\n");
}
