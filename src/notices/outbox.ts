import type { Config } from "../config/config.ts";
import type { NoticeChannel } from "../conversation/notice-kinds.ts";
import type { Takeovers } from "../people/takeovers.ts";
import type { Logger } from "../runtime/logger.ts";
import { SECOND_MS } from "../runtime/time.ts";
import type { NoticeStore } from "../store/notice-store.ts";
import { StoreUnavailableError } from "../store/unavailable.ts";
import type { Companion, RunningCompanion } from "./companion.ts";
import type { Deliverer } from "./deliverer.ts";
import { channelsOf, isOff, wantedOf } from "./set-up.ts";
import type { FoundChat } from "./telegram-chats.ts";
import type { TrialResult, TryChannel } from "./try-channel.ts";

export interface OutboxDeps {
  readonly store: Pick<NoticeStore, "wantNotices" | "channelStates" | "switchChannelOn">;
  readonly config: Pick<Config, "notices">;
  /** Loads what sends notices. Called when the first channel is set up. */
  readonly loadDeliverer: () => Promise<Deliverer>;
  readonly tryChannel: TryChannel;
  readonly companions: readonly Companion[];
  readonly findChats: () => Promise<readonly FoundChat[]>;
  readonly log: Pick<Logger, "error">;
}

const RETRY_MS = 5 * SECOND_MS;

/**
 * Keeps the outbox in step with the settings: what is noted in it, and whether this process sends what is there. Without a
 * channel, nothing of it is loaded.
 */
export class Outbox {
  readonly #deps: OutboxDeps;
  #deliverer: Deliverer | undefined;
  readonly #companions = new Map<Companion, RunningCompanion>();
  #takeovers: Takeovers | undefined;
  #syncing: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  /** Sets how the owner answers in a conversation from where he is notified. */
  serve(takeovers: Takeovers): void {
    this.#takeovers = takeovers;
  }

  /** Something was stored that may be a notice. Called for every message. */
  wake(): void {
    this.#deliverer?.wake();
  }

  /**
   * The settings may have changed.
   * @throws Error before `serve`
   */
  sync(): Promise<void> {
    const takeovers = this.#takeovers;
    if (takeovers === undefined) throw new Error("The outbox cannot begin before serve().");
    this.#syncing = this.#syncing.then(() => this.#sync(takeovers));
    return this.#syncing;
  }

  /** Sends a notice to see whether a channel works. One that was off is on again if it does. */
  async try(channel: NoticeChannel): Promise<TrialResult> {
    const result = await this.#deps.tryChannel(channel);
    const { store, config } = this.#deps;
    const state = (await store.channelStates()).find((each) => each.channel === channel);
    if (result.isDelivered && state !== undefined && isOff(state, config.notices)) {
      await store.switchChannelOn(channel);
      await this.sync();
    }
    return result;
  }

  /**
   * The chats that an owner may mean, for the token that is stored.
   * @throws DeliveryError
   */
  findChats(): Promise<readonly FoundChat[]> {
    return this.#deps.findChats();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#syncing;
    await Promise.all([...this.#companions.values()].map((each) => each.stop()));
    await this.#deliverer?.stop();
  }

  async #sync(takeovers: Takeovers): Promise<void> {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    const { store, config, log } = this.#deps;
    const { notices } = config;
    const isUsed = channelsOf(notices).length > 0;
    try {
      await this.#syncCompanions(takeovers);
      await store.wantNotices(isUsed ? wantedOf(notices, await store.channelStates()) : []);
      if (isUsed) {
        this.#deliverer ??= await this.#deps.loadDeliverer();
        this.#deliverer.wake();
        return;
      }
      await this.#deliverer?.stop();
      this.#deliverer = undefined;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) {
        log.error("the outbox could not be set up yet; it will be tried again", { error });
      }
      this.#timer = setTimeout(() => void this.sync(), RETRY_MS);
      this.#timer.unref();
    }
  }

  async #syncCompanions(takeovers: Takeovers): Promise<void> {
    const { companions, config } = this.#deps;
    for (const companion of companions) {
      const isWanted = companion.isWanted(config.notices);
      const running = this.#companions.get(companion);
      if (isWanted && running === undefined) {
        this.#companions.set(companion, await companion.start(takeovers));
      } else if (!isWanted && running !== undefined) {
        this.#companions.delete(companion);
        await running.stop();
      }
    }
  }
}
