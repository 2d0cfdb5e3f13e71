import { AppError, type ErrorCode } from "../errors.ts";
import { type Json, object } from "../model/json.ts";
import type { Takeovers } from "../people/takeovers.ts";
import type { NoticeStore } from "../store/notice-store.ts";
import { telegramReceipt } from "./telegram-api.ts";

export interface TelegramReplyDeps {
  readonly store: Pick<NoticeStore, "findReceipt">;
  readonly takeovers: Pick<Takeovers, "write" | "end">;
  /** Of the bot. */
  readonly token: string;
  /** The number of the owner's chat, or its name with an @. */
  readonly chat: string;
}

/**
 * What became of a message to the bot. `ignored`: it is not for this server. `done`: it is stored, or obeyed. Otherwise the
 * owner is to read why it was not.
 */
export type ReplyResult = "ignored" | "done" | { readonly says: string };

/** What a visitor is sent at once. Telegram has a little more. */
const MAX_TEXT = 4000;
/** The last paragraph but one (telegram.ts). A visitor's words come before it, in quotation marks. */
const LINK_OF_NOTICE = /\/dashboard\/conversations\/(c_[\w-]+)\n\n[^\n]+$/;
const DONE = /^\/done(?:@\w+)?$/i;

const HOW = "Notices of your chat arrive here. Reply to one, and its visitor reads what you write.";
const NO_NOTICE =
  "This is not a notice that I know a conversation of. Reply to a newer one, or write in the dashboard.";
const ONLY_TEXT = "Only text reaches the visitor. This was not sent.";
const TOO_LONG = `A visitor is sent at most ${MAX_TEXT} characters at once. This was not sent.`;

const REFUSALS: Readonly<Partial<Record<ErrorCode, string>>> = {
  not_found: "This conversation does not exist any more. Nothing was sent.",
  visitor_unreachable:
    "This visitor's program shows no messages of a person. Nothing was sent. The assistant goes on answering.",
  conversation_full: "This conversation is as long as it may be. Nothing was sent.",
  turn_in_progress: "The assistant is still writing there. This was not sent: please try again.",
};

/**
 * Does what the owner has written to the bot: a reply to a notice goes to the visitor whom it is about, and `/done` gives the
 * conversation back. Whoever writes in another chat is ignored. May be repeated with the same message: it is stored once.
 * @param message a Message of the Bot API
 * @throws what the store does
 */
export async function answerReply(
  message: unknown,
  { store, takeovers, token, chat }: TelegramReplyDeps,
): Promise<ReplyResult> {
  const { chat: from, reply_to_message: notice, text } = object(message) ?? {};
  const key = telegramReceipt(token, message);
  if (key === undefined || !isChat(object(from), chat)) return "ignored";
  if (!isOfBot(object(notice), token)) {
    // In a group, people also talk to each other.
    return object(from)?.type === "private" ? { says: HOW } : "ignored";
  }
  const conversationId = await findConversation(store, notice, token);
  if (conversationId === undefined) return { says: NO_NOTICE };
  if (typeof text !== "string" || text.trim() === "") return { says: ONLY_TEXT };
  if (text.length > MAX_TEXT) return { says: TOO_LONG };
  try {
    if (DONE.test(text.trim())) await takeovers.end(conversationId);
    else {
      const words = text.replaceAll("\0", "").toWellFormed();
      await takeovers.write(conversationId, {
        text: words,
        idempotencyKey: `telegram:${key}`,
      });
    }
    return "done";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { says: REFUSALS[error.code] ?? `${error.message} Nothing was sent.` };
  }
}

/** @param wanted as it is in the settings */
function isChat(chat: Json | undefined, wanted: string): boolean {
  const { id, username } = chat ?? {};
  if (!wanted.startsWith("@")) return String(id) === wanted;
  return typeof username === "string" && `@${username}`.toLowerCase() === wanted.toLowerCase();
}

/** The bot's number is the first part of its token. */
function isOfBot(message: Json | undefined, token: string): boolean {
  return String(object(message?.from)?.id) === token.split(":")[0];
}

/**
 * Which conversation a message of the bot is about, by its receipt. Where Telegram took the message and its answer never came,
 * there is no receipt, and the link tells.
 */
async function findConversation(
  store: Pick<NoticeStore, "findReceipt">,
  notice: unknown,
  token: string,
): Promise<string | undefined> {
  const receipt = telegramReceipt(token, notice);
  const place = receipt && (await store.findReceipt("telegram", receipt));
  if (place) return place.conversationId;
  return LINK_OF_NOTICE.exec(String(object(notice)?.text))?.[1];
}
