import { type Json, object } from "../model/json.ts";
import type { CallTelegram } from "./telegram-api.ts";

/** A chat in which the bot has seen somebody. */
export interface FoundChat {
  /** Its number. */
  readonly id: string;
  /** What Telegram calls it: a person or a group. */
  readonly name: string;
}

const MAX_UPDATES = 100;
const MAX_CHATS = 10;
const MAX_NAME = 60;

/**
 * Where somebody has written to the bot in the last 24 hours, or has added it, the newest first: so an owner finds the number
 * of his chat. Strangers may be among them. Nothing is confirmed, so a reader of replies gets the same messages.
 * @throws DeliveryError
 */
export async function findTelegramChats(
  call: CallTelegram,
  signal: AbortSignal,
): Promise<readonly FoundChat[]> {
  const params = { timeout: 0, limit: MAX_UPDATES, allowed_updates: ["message", "my_chat_member"] };
  const updates = await call("getUpdates", params, signal);
  const found = new Map<string, FoundChat>();
  for (const update of Array.isArray(updates) ? updates.toReversed() : []) {
    const { message, my_chat_member: added } = object(update) ?? {};
    const chat = object((object(message) ?? object(added))?.chat);
    if (typeof chat?.id !== "number" || found.size === MAX_CHATS) continue;
    const id = String(chat.id);
    if (!found.has(id)) found.set(id, { id, name: nameOf(chat) });
  }
  return [...found.values()];
}

function nameOf({ title, first_name: first, last_name: last, username }: Json): string {
  const names = [title, first, last].filter((name) => typeof name === "string");
  const whole = names.join(" ") || String(username ?? "");
  return whole.slice(0, MAX_NAME).toWellFormed();
}
