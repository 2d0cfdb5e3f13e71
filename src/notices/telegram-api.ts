import { type Json, object, parseJson } from "../model/json.ts";
import { SECOND_MS } from "../runtime/time.ts";
import { DeliveryError } from "./channel.ts";
import { type Answer, isSuccess, type Post } from "./post.ts";

const TELEGRAM_API = "https://api.telegram.org";

export interface TelegramOptions {
  /** As BotFather gives it: the bot's number, a colon and the secret. */
  readonly token: string;
  readonly post: Post;
  /** Where the Bot API is. */
  readonly api?: string | undefined;
}

/**
 * Calls a method of the Bot API (https://core.telegram.org/bots/api). Resolves with its result.
 * @throws DeliveryError
 */
export type CallTelegram = (
  method: string,
  params: object,
  signal: AbortSignal,
) => Promise<unknown>;

/** A few messages, each with the one that it answers. */
const MAX_ANSWER_BYTES = 1_000_000;

export function createTelegramApi({
  token,
  post,
  api = TELEGRAM_API,
}: TelegramOptions): CallTelegram {
  return async (method, params, signal) => {
    const request = {
      url: `${api}/bot${token}/${method}`,
      headers: {},
      body: JSON.stringify(params),
    };
    const answer = await post({ ...request, maxAnswerBytes: MAX_ANSWER_BYTES }, signal);
    const body = object(parseJson(answer.text));
    if (isSuccess(answer) && body?.ok === true) return body.result;
    throw failureOf(answer, body);
  };
}

const REASONS: Readonly<Record<number, string>> = {
  400: "Telegram does not take it (400).",
  401: "Telegram does not know this token (401).",
  403: "Telegram does not let the bot write there (403).",
  404: "Telegram does not know this token (404).",
  409: "Another program reads what is written to this bot (409).",
  429: "Telegram is asked too often (429).",
};

/** Nothing that the owner mends: it would be refused again. */
const OF_THE_MESSAGE = /^Bad Request: (?:message|text|can't parse)/i;

function failureOf({ status, says }: Answer, body: Json | undefined): DeliveryError {
  const description = typeof body?.description === "string" ? body.description : "";
  const pause = object(body?.parameters)?.retry_after;
  return new DeliveryError(REASONS[status] ?? `Telegram answered with status ${status}.`, {
    kind: status === 400 && OF_THE_MESSAGE.test(description) ? "refused" : "retry",
    // The description is a part of what the answer says, without secrets.
    says: description !== "" && says.includes(description) ? description : says,
    retryAfterMs: typeof pause === "number" && pause > 0 ? pause * SECOND_MS : undefined,
  });
}

/**
 * Stands for a message, whatever else has its number: another chat, or the same person's chat with another bot.
 * @param token of the bot
 */
export function telegramReceipt(token: string, message: unknown): string | undefined {
  const [bot] = token.split(":");
  const { message_id: id, chat } = object(message) ?? {};
  const chatId = object(chat)?.id;
  return typeof id === "number" && typeof chatId === "number"
    ? `${bot}:${chatId}:${id}`
    : undefined;
}
