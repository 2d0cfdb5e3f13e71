import { mailPlace, type MailSettings } from "../config/mail.ts";
import type { NtfySettings, TelegramSettings, WebhookSettings } from "../config/notices.ts";
import { object } from "../model/json.ts";
import { DeliveryError } from "./channel.ts";
import { failureOf, type Post } from "./post.ts";
import type { CallTelegram } from "./telegram-api.ts";

/*
 * Each looks whether a receiver is there, without sending a notice. It resolves with what was found, in a sentence for the
 * owner, and throws DeliveryError.
 */

const OK = 200;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const NOT_FOUND = 404;

/** Any answer will do: a receiver need not know what a HEAD request is. */
export async function probeWebhook(
  { url }: Pick<WebhookSettings, "url">,
  post: Post,
  signal: AbortSignal,
): Promise<string> {
  const { status } = await post({ method: "HEAD", url, headers: {} }, signal);
  return `${new URL(url).host} answers (${status})`;
}

/** Asks whether the token is good (https://docs.ntfy.sh/subscribe/api). One that may only write cannot read the topic. */
export async function probeNtfy(
  { server, topic, token }: NtfySettings,
  post: Post,
  signal: AbortSignal,
): Promise<string> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await post({ method: "GET", url: `${server}${topic}/auth`, headers }, signal);
  if (answer.status === OK || answer.status === FORBIDDEN) {
    return `${new URL(server).host} answers${token === undefined ? "" : ", and knows the token"}`;
  }
  if (answer.status === UNAUTHORIZED) {
    throw new DeliveryError("ntfy does not know NTFY_TOKEN.", { kind: "refused" });
  }
  if (answer.status === NOT_FOUND) {
    throw new DeliveryError("No ntfy server is at NTFY_URL.", { kind: "refused" });
  }
  throw failureOf(answer);
}

/** Asks who the bot is, and whether it knows the owner's chat. */
export async function probeTelegram(
  { chat }: Pick<TelegramSettings, "chat">,
  call: CallTelegram,
  signal: AbortSignal,
): Promise<string> {
  const { username } = object(await call("getMe", {}, signal)) ?? {};
  await call("getChat", { chat_id: chat }, signal);
  return `@${String(username)} is known, and so is the chat`;
}

/** @param verified resolves when the mail server has taken the connection and the login */
export async function probeMail(
  { url }: Pick<MailSettings, "url">,
  verified: Promise<void>,
): Promise<string> {
  await verified;
  return `${mailPlace(url)} answers${new URL(url).username === "" ? "" : ", and knows the user"}`;
}
