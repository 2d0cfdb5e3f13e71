import type { TelegramSettings } from "../config/notices.ts";
import { object } from "../model/json.ts";
import type { Takeovers } from "../people/takeovers.ts";
import type { Logger } from "../runtime/logger.ts";
import { pause } from "../runtime/pause.ts";
import { SECOND_MS } from "../runtime/time.ts";
import type { NoticeStore } from "../store/notice-store.ts";
import { StoreUnavailableError } from "../store/unavailable.ts";
import { sentenceOf, toDeliveryError } from "./attempt.ts";
import type { RunningCompanion } from "./companion.ts";
import { boundedMs } from "./retry-schedule.ts";
import type { CallTelegram } from "./telegram-api.ts";
import { answerReply } from "./telegram-reply.ts";

export interface TelegramRepliesDeps {
  readonly store: Pick<NoticeStore, "findReceipt" | "noteTrial">;
  readonly takeovers: Pick<Takeovers, "write" | "end">;
  /** The settings in force, and the API with their token. Undefined while it is not set up. */
  readonly telegram: () => Promise<TelegramAccess | undefined>;
  /** Whether this process is the one of its replicas that reads. */
  readonly isReader: () => Promise<boolean>;
  readonly log: Pick<Logger, "warn" | "error">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface TelegramAccess {
  readonly settings: TelegramSettings;
  readonly call: CallTelegram;
}

/** Telegram answers as soon as somebody writes, or after so long. */
const POLL_SECONDS = 25;
const POLL_MS = (POLL_SECONDS + 10) * SECOND_MS;
const ANSWER_MS = 15 * SECOND_MS;
const MAX_UPDATES = 10;
const NOT_READER_MS = 2 * SECOND_MS;
/** After an answer without a message, which should have taken POLL_SECONDS. */
const PAUSE_MS = SECOND_MS;
const RETRY_MS = 15 * SECOND_MS;

interface Update {
  readonly id: number;
  readonly message: unknown;
}

/**
 * Reads what the owner replies to notices, by long polling, so that it also works behind a router. Telegram keeps what was
 * not confirmed. It is confirmed after it is stored, and stored once however often it comes: a kill neither loses nor repeats it.
 */
export class TelegramReplies implements RunningCompanion {
  readonly #deps: TelegramRepliesDeps;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  /** The first update that is not confirmed yet, and whose bot it is. */
  #next = { token: "", offset: 0 };
  #isFailing = false;

  constructor(deps: TelegramRepliesDeps) {
    this.#deps = deps;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const pauseMs = await this.#readOnce().catch((error: unknown) => this.#noteFailure(error));
      if (pauseMs > 0) await pause(pauseMs, signal);
    }
  }

  /** Returns how long to wait. */
  async #readOnce(): Promise<number> {
    const access = await this.#deps.telegram();
    if (access === undefined || !(await this.#deps.isReader())) return NOT_READER_MS;
    const { token } = access.settings;
    if (token !== this.#next.token) this.#next = { token, offset: 0 };
    const updates = await this.#poll(access.call);
    this.#isFailing = false;
    for (const update of updates) {
      await this.#answer(update, access);
      this.#next = { token, offset: update.id + 1 };
    }
    return updates.length === 0 ? PAUSE_MS : 0;
  }

  async #poll(call: CallTelegram): Promise<readonly Update[]> {
    const params = {
      offset: this.#next.offset,
      timeout: POLL_SECONDS,
      limit: MAX_UPDATES,
      allowed_updates: ["message"],
    };
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(POLL_MS)]);
    const result = await call("getUpdates", params, signal);
    return (Array.isArray(result) ? result : []).flatMap((each: unknown) => {
      const { update_id: id, message } = object(each) ?? {};
      return typeof id === "number" ? [{ id, message }] : [];
    });
  }

  /** @throws StoreUnavailableError: then the same message is read again */
  async #answer({ message }: Update, access: TelegramAccess): Promise<void> {
    const { store, takeovers, log } = this.#deps;
    try {
      const result = await answerReply(message, { store, takeovers, ...access.settings });
      if (result !== "ignored") await this.#confirm(message, result, access.call);
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      // The next ones must not wait for it for ever.
      log.error("a reply in Telegram could not be stored", { error });
    }
  }

  /** Shows the owner what became of a message: a sign on it, or a sentence below it. */
  async #confirm(
    message: unknown,
    result: "done" | { readonly says: string },
    call: CallTelegram,
  ): Promise<void> {
    const { message_id: id, chat } = object(message) ?? {};
    const place = { chat_id: object(chat)?.id };
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ANSWER_MS)]);
    const calling =
      result === "done"
        ? call(
            "setMessageReaction",
            { ...place, message_id: id, reaction: [{ type: "emoji", emoji: "👍" }] },
            signal,
          )
        : call(
            "sendMessage",
            { ...place, text: result.says, reply_parameters: { message_id: id } },
            signal,
          );
    // What was written is stored, or refused, whether the owner sees it or not.
    await calling.catch(() => undefined);
  }

  /** Notes the first failure of several, for the owner's page. Returns how long to wait. */
  async #noteFailure(error: unknown): Promise<number> {
    const { store, log, now } = this.#deps;
    if (this.#stop.signal.aborted) return 0;
    if (error instanceof StoreUnavailableError) return RETRY_MS;
    const fault = toDeliveryError(error);
    if (!this.#isFailing) {
      this.#isFailing = true;
      log.warn("replies in Telegram cannot be read; it will be tried again", {
        reason: fault.message,
      });
      const says = `Replies cannot be read: ${sentenceOf(fault)}`;
      await store.noteTrial("telegram", now(), says).catch(() => undefined);
    }
    return Math.max(RETRY_MS, boundedMs(fault.failure.retryAfterMs));
  }
}
