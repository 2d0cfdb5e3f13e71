/** A call of the Bot API, as it came. */
export interface TelegramCall {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface SentMessage {
  readonly id: number;
  readonly text: string;
}

interface Update {
  readonly update_id: number;
  readonly message: object;
}

interface OwnersMessage {
  readonly text?: string;
  /** The number of the bot's message that it answers. */
  readonly replyTo?: number;
  /** By default the owner's private chat. */
  readonly chat?: object;
}

export const TELEGRAM_TOKEN = "123456789:AA-test_token_of_no_bot-0123456789";
export const OWNERS_CHAT = 42_000_000_001;

const BOT = { id: 123_456_789, is_bot: true, first_name: "Shop", username: "shop_bot" };
const OWNER = { id: OWNERS_CHAT, is_bot: false, first_name: "Mia" };
const PRIVATE_CHAT = { id: OWNERS_CHAT, type: "private", first_name: "Mia" };

/**
 * Telegram's Bot API (https://core.telegram.org/bots/api) on loopback, as far as chatporch uses it, with one bot: updates are
 * kept until a later offset confirms them, and two readers at the same time are a conflict.
 */
export class TelegramServer {
  readonly calls: TelegramCall[] = [];
  readonly #server: ReturnType<typeof Bun.serve>;
  readonly #messages = new Map<number, string>();
  #updates: Update[] = [];
  #nextUpdate = 900_000_001;
  #nextMessage = 1;
  #waiting: (() => void) | undefined;
  #answer: ((call: TelegramCall) => Response | undefined) | undefined;
  #readers = 0;
  /** The most that have read at the same time. */
  mostReaders = 0;

  constructor() {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      idleTimeout: 60,
      fetch: async (request) => {
        const [, bot, method = ""] = new URL(request.url).pathname.split("/");
        const params = (await request.json()) as TelegramCall["params"];
        if (bot !== `bot${TELEGRAM_TOKEN}`) return failure(401, "Unauthorized");
        const call = { method, params };
        this.calls.push(call);
        return this.#answer?.(call) ?? this.#call(call, request.signal);
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** What the bot has written, the oldest first. */
  get sent(): readonly SentMessage[] {
    return [...this.#messages].map(([id, text]) => ({ id, text }));
  }

  /** How many updates nobody has confirmed yet. */
  get unconfirmed(): number {
    return this.#updates.length;
  }

  get reactions(): readonly unknown[] {
    return this.calls
      .filter(({ method }) => method === "setMessageReaction")
      .map(({ params }) => params.message_id);
  }

  /** From now on, calls are answered like this; undefined as usual. */
  answer(how: (call: TelegramCall) => Response | undefined): void {
    this.#answer = how;
  }

  /** Somebody writes to the bot. Returns the number of the message. */
  write({ text, replyTo, chat = PRIVATE_CHAT }: OwnersMessage): number {
    const id = this.#nextMessage++;
    const replied = replyTo === undefined ? undefined : this.#replied(replyTo, chat);
    const message = {
      message_id: id,
      from: OWNER,
      chat,
      date: 1_795_000_000,
      ...(text === undefined ? { photo: [] } : { text }),
      ...(replied && { reply_to_message: replied }),
    };
    this.#updates.push({ update_id: this.#nextUpdate++, message });
    this.#waiting?.();
    return id;
  }

  stop(): Promise<void> {
    return this.#server.stop(true);
  }

  #replied(id: number, chat: object): object {
    const text = this.#messages.get(id);
    return {
      message_id: id,
      from: text === undefined ? OWNER : BOT,
      chat,
      date: 1_795_000_000,
      text,
    };
  }

  async #call({ method, params }: TelegramCall, signal: AbortSignal): Promise<Response> {
    if (method === "getUpdates") return this.#getUpdates(params, signal);
    if (method === "setMessageReaction") return success(true);
    if (method === "getMe") return success(BOT);
    if (method !== "sendMessage" && method !== "getChat") return failure(404, "Not Found");
    const { chat_id: chat, text } = params;
    if (String(chat) !== String(OWNERS_CHAT)) return failure(400, "Bad Request: chat not found");
    if (method === "getChat") return success(PRIVATE_CHAT);
    if (typeof text !== "string" || text === "") {
      return failure(400, "Bad Request: message text is empty");
    }
    if (text.length > 4096) return failure(400, "Bad Request: message is too long");
    const id = this.#nextMessage++;
    this.#messages.set(id, text);
    return success({ message_id: id, from: BOT, chat: PRIVATE_CHAT, date: 1_795_000_000, text });
  }

  async #getUpdates(params: TelegramCall["params"], signal: AbortSignal): Promise<Response> {
    const { offset, timeout, limit } = params;
    this.#updates = this.#updates.filter(({ update_id: id }) => id >= Number(offset ?? 0));
    this.#readers += 1;
    this.mostReaders = Math.max(this.mostReaders, this.#readers);
    try {
      if (this.#readers > 1) {
        return failure(409, "Conflict: terminated by other getUpdates request");
      }
      if (this.#updates.length === 0) await this.#wait(Number(timeout), signal);
      return success(this.#updates.slice(0, Number(limit)));
    } finally {
      this.#readers -= 1;
    }
  }

  async #wait(seconds: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = resolve;
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => resolve());
    await promise;
    clearTimeout(timer);
    this.#waiting = undefined;
  }
}

function success(result: unknown): Response {
  return Response.json({ ok: true, result });
}

/** An error as the Bot API writes it. */
export function failure(status: number, description: string, parameters?: object): Response {
  const body = { ok: false, error_code: status, description, ...(parameters && { parameters }) };
  return Response.json(body, { status });
}
