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
    const dial = (prepare: (client: RedisClient) => Promise<void>) =>
      new RedisConnection({
        url: this.#options.url,
        prepare,
        onUp: () => this.#tryOut(),
        onDown: (reason) => this.#health.down(reason),
      });
    this.#commands = dial((client) => this.#probe(client));
    this.#subscription = dial((client) => this.#subscribe(client));
    this.#beats = setInterval(() => void this.#beat(), BEAT_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#beats);
    this.#commands?.close();
    this.#subscription?.close();
  }

  /** The bus is up when it has heard itself on new connections. */
  #tryOut(): void {
    this.#unheardEchoes = 0;
    void this.#beat();
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
      this.#hearEcho();
    } else if (channel !== this.#options.names.everybody) {
      this.#listener?.onMessage(text);
    } else if (!text.startsWith(`${this.#address} `)) {
      this.#listener?.onMessage(text.slice(text.indexOf(" ") + 1));
    }
  }

  #hearEcho(): void {
    this.#unheardEchoes = 0;
    if (this.isUp || !this.#commands?.client) return;
    this.#health.up();
    this.#listener?.onGap();
  }

  /** Notices what looks well from outside: a server that has become a replica, or is not heard. */
  async #beat(): Promise<void> {
    const client = this.#commands?.client;
    if (!client || !this.#subscription?.client) return;
    if (this.#unheardEchoes >= MAX_UNHEARD_ECHOES)
      return this.#redial("own messages do not arrive");
    this.#unheardEchoes += 1;
    try {
      await this.#probe(client);
    } catch (error) {
      const isLost = client !== this.#commands?.client || !client.connected;
      if (!isLost) this.#redial(messageOf(error));
    }
  }

  #redial(reason: string): void {
    this.#commands?.redial(reason);
    this.#subscription?.redial(reason);
  }

  /** Does what the bus does. Rejects if a new connection may do it better, as with READONLY. */
  async #probe(client: RedisClient): Promise<void> {
    const echo = client.publish(this.#options.names.channelOf(this.#address), ECHO);
    await Promise.all([echo, this.#probeWrite(client)]);
  }

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
