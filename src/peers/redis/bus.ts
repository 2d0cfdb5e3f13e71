import type { RedisClient } from "bun";

import { withDeadline } from "../../runtime/deadline.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Bus, BusListener } from "../bus.ts";
import { messageOf, RedisConnection } from "./connection.ts";
import { BusHealth } from "./health.ts";
import type { RedisNames } from "./names.ts";

const BEAT_MS = 1000;
/** A replica that has not heard so many of its own messages is deaf. */
const MAX_UNHEARD_ECHOES = 2;
const ECHO = "\0echo";
const ALIVE_SECONDS = 10;
const SEND_DEADLINE_MS = 1500;
/** What may wait for a server that is silent, but not yet given up, in characters. The rest is dropped. */
const MAX_WAITING_CHARACTERS = 16 * 1024 * 1024;
/** Refused writes that a new connection does not help against: no memory, no disk, no right. */
const LASTING_REFUSAL = /^(?:OOM|MISCONF|NOPERM)\b/;

interface RedisBusOptions {
  readonly url: string;
  readonly names: RedisNames;
  readonly log: Pick<Logger, "info" | "warn">;
}

/**
 * The bus over Redis or Valkey: a channel for each replica, and one for all. It begins to connect when it
 * begins to listen. While the server is away, messages are dropped at once.
 */
export class RedisBus implements Bus {
  readonly #options: RedisBusOptions;
  readonly #health: BusHealth;
  #address = "";
  #listener: BusListener | undefined;
  #commands: RedisConnection | undefined;
  #subscription: RedisConnection | undefined;
  #beats: Timer | undefined;
  #unheardEchoes = 0;
  #waitingCharacters = 0;

  constructor(options: RedisBusOptions) {
    this.#options = options;
    this.#health = new BusHealth(options.log);
  }

  get isUp(): boolean {
    return this.#health.isUp;
  }

  /** For commands that write. Undefined while the server is away, or takes no writes. */
  get writer(): RedisClient | undefined {
    return this.#health.isWritable ? this.#commands?.client : undefined;
  }

  async send(address: string, message: string): Promise<boolean> {
    return (await this.#publish(this.#options.names.channelOf(address), message)) > 0;
  }

  sendToAll(message: string): void {
    // The sender hears it, too, and knows it by its address.
    void this.#publish(this.#options.names.everybody, `${this.#address} ${message}`);
  }

  listen(address: string, listener: BusListener): void {
    this.#address = address;
    this.#listener = listener;
    const { url } = this.#options;
    const onUp = () => this.#onUp();
    const onDown = (reason: string) => this.#health.down(reason);
    this.#commands = new RedisConnection({
      url,
      prepare: (client) => this.#probeWrite(client),
      onUp,
      onDown,
    });
    const subscription = new RedisConnection({
      url,
      prepare: (client) => this.#subscribe(client),
      onUp() {
        onUp();
        listener.onGap();
      },
      onDown,
    });
    this.#subscription = subscription;
    this.#beats = setInterval(() => void this.#beat(), BEAT_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#beats);
    this.#commands?.close();
    this.#subscription?.close();
  }

  #onUp(): void {
    if (!this.#commands?.client || !this.#subscription?.client) return;
    this.#unheardEchoes = 0;
    this.#health.up();
  }

  async #subscribe(client: RedisClient): Promise<void> {
    const { names } = this.#options;
    await client.subscribe(
      [names.channelOf(this.#address), names.everybody],
      (message, channel) => {
        // A connection that was given up may still have brought something.
        if (client === this.#subscription?.client) this.#receive(message, channel);
      },
    );
  }

  #receive(text: string, channel: string): void {
    if (text === ECHO) {
      this.#unheardEchoes = 0;
    } else if (channel !== this.#options.names.everybody) {
      this.#listener?.onMessage(text);
    } else if (!text.startsWith(`${this.#address} `)) {
      this.#listener?.onMessage(text.slice(text.indexOf(" ") + 1));
    }
  }

  /** Notices what looks well from outside: a server that has become a replica, or is not heard. */
  async #beat(): Promise<void> {
    const client = this.#commands?.client;
    if (!client || !this.#subscription?.client) return;
    if (this.#unheardEchoes >= MAX_UNHEARD_ECHOES)
      return this.#redial("own messages do not arrive");
    this.#unheardEchoes += 1;
    void this.send(this.#address, ECHO);
    try {
      await this.#probeWrite(client);
    } catch (error) {
      const isLost = client !== this.#commands?.client || !client.connected;
      if (!isLost) this.#redial(messageOf(error));
    }
  }

  #redial(reason: string): void {
    this.#commands?.redial(reason);
    this.#subscription?.redial(reason);
  }

  /** Rejects if another server may be behind the address by now, as with READONLY. */
  async #probeWrite(client: RedisClient): Promise<void> {
    const key = this.#options.names.aliveKeyOf(this.#address);
    try {
      await client.send("SET", [key, "", "EX", `${ALIVE_SECONDS}`]);
      this.#health.writes();
    } catch (error) {
      const reason = messageOf(error);
      if (!LASTING_REFUSAL.test(reason)) throw error;
      this.#health.refusesWrites(reason);
    }
  }

  /** Resolves to the number of receivers. Never rejects. */
  async #publish(channel: string, message: string): Promise<number> {
    const client = this.#commands?.client;
    const size = message.length;
    if (!client || this.#waitingCharacters + size > MAX_WAITING_CHARACTERS) return 0;
    this.#waitingCharacters += size;
    const sent = client.publish(channel, message).finally(() => {
      this.#waitingCharacters -= size;
    });
    try {
      return await withDeadline(sent, SEND_DEADLINE_MS);
    } catch {
      // Messages may be lost. A connection that is lost says so by itself.
      return 0;
    }
  }
}
