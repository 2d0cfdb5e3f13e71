import type { NoticeSettings } from "../config/notices.ts";
import type { NoticeChannel } from "../conversation/notice-kinds.ts";
import { pause } from "../runtime/pause.ts";
import { randomText } from "../runtime/random-text.ts";
import { SECOND_MS } from "../runtime/time.ts";
import type { ClaimedNotice, NoticeStore } from "../store/notice-store.ts";
import { StoreUnavailableError } from "../store/unavailable.ts";
import { attempt, type AttemptDeps, type AttemptResult } from "./attempt.ts";
import type { NoticeContents } from "./compose-notice.ts";
import { MAX_RETRY_AFTER_MS } from "./retry-schedule.ts";
import { channelsOf, receiverOf } from "./set-up.ts";
import { Upkeep } from "./upkeep.ts";

export interface DelivererDeps extends AttemptDeps {
  readonly store: NoticeStore & NoticeContents;
  readonly notices: () => NoticeSettings;
}

/** Whoever has claimed a notice for so long is dead, and somebody else tries it. */
const LEASE_MS = 30 * SECOND_MS;
/** Of each channel, so that a slow receiver keeps no other waiting. */
const MAX_ATTEMPTS_AT_ONCE = 4;
/** How often to look for what another process has written. This process's own work calls `wake`. */
const LOOK_INTERVAL_MS = 5 * SECOND_MS;
/** Many changes at the same time are looked at together. */
const WAKE_DELAY_MS = 200;
/** The least pause before a look for what is due and could not be claimed. */
const MIN_PAUSE_MS = SECOND_MS;
/** How long attempts may go on when the server stops. */
const LAST_ATTEMPTS_MS = 3 * SECOND_MS;
const OWNER_BYTES = 9;

/**
 * Sends what is in the outbox. Several processes may do so: each notice is claimed for one attempt at a time. What was
 * under way in a process that was killed is tried again by whoever looks next.
 */
export class Deliverer {
  readonly #deps: DelivererDeps;
  readonly #owner = randomText(OWNER_BYTES);
  readonly #upkeep: Upkeep;
  readonly #attempts = new Map<NoticeChannel, Set<Promise<void>>>();
  readonly #failing = new Set<NoticeChannel>();
  /** Receivers that have asked to be left alone, and until when. */
  readonly #pausedUntil = new Map<NoticeChannel, number>();
  readonly #stop = new AbortController();
  readonly #cutOff = new AbortController();
  #looking: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;
  #wakesAt = Infinity;

  constructor(deps: DelivererDeps) {
    this.#deps = deps;
    this.#upkeep = new Upkeep(deps);
  }

  /** Something may be due. Cheap enough for every message. */
  wake(): void {
    this.#lookAfter(WAKE_DELAY_MS);
  }

  /** Claims what is due. Resolves when the attempts have begun. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  /** Resolves when no attempt is under way. */
  async settle(): Promise<void> {
    await this.#looking;
    const running = [...this.#attempts.values()].flatMap((set) => [...set]);
    if (running.length === 0) return;
    await Promise.all(running);
    await this.settle();
  }

  /** Resolves when the attempts under way have ended or are cut off. The next start continues. */
  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    const settled = new AbortController();
    const settling = this.settle().finally(() => settled.abort());
    await pause(LAST_ATTEMPTS_MS, settled.signal);
    this.#cutOff.abort();
    await settling;
  }

  #lookAfter(delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    const at = performance.now() + delayMs;
    if (at >= this.#wakesAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = at;
    this.#timer = setTimeout(() => void this.look(), delayMs);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#wakesAt = Infinity;
    let pauseMs = LOOK_INTERVAL_MS;
    try {
      await this.#upkeep.tend();
      let dueMs = await this.#dueInMs();
      if (dueMs <= 0) {
        for (const channel of this.#free()) await this.#claim(channel);
        dueMs = await this.#dueInMs();
      }
      pauseMs = Math.min(LOOK_INTERVAL_MS, Math.max(MIN_PAUSE_MS, dueMs));
    } catch (error) {
      this.#report("notices could not be looked up yet", error);
    }
    this.#lookAfter(pauseMs);
  }

  /** How long until a notice is due of the channels that take another one. Infinity: none waits. */
  async #dueInMs(): Promise<number> {
    const nextAt = await this.#deps.store.nextNoticeAt(this.#free());
    return (nextAt ?? Infinity) - this.#deps.now();
  }

  /** The channels that are set up and take another notice now. */
  #free(): readonly NoticeChannel[] {
    const now = this.#deps.now();
    return channelsOf(this.#deps.notices()).filter(
      (channel) =>
        this.#underWay(channel).size < MAX_ATTEMPTS_AT_ONCE && !this.#isPaused(channel, now),
    );
  }

  /** A pause that is longer than any is from before the clock was set back. */
  #isPaused(channel: NoticeChannel, now: number): boolean {
    const restMs = (this.#pausedUntil.get(channel) ?? now) - now;
    return restMs > 0 && restMs <= MAX_RETRY_AFTER_MS;
  }

  #underWay(channel: NoticeChannel): Set<Promise<void>> {
    const known = this.#attempts.get(channel) ?? new Set();
    this.#attempts.set(channel, known);
    return known;
  }

  async #claim(channel: NoticeChannel): Promise<void> {
    const now = this.#deps.now();
    const underWay = this.#underWay(channel);
    const limit = MAX_ATTEMPTS_AT_ONCE - underWay.size;
    const claim = { channel, limit, owner: this.#owner, now, until: now + LEASE_MS };
    for (const notice of await this.#deps.store.claimNotices(claim)) {
      const trying = this.#try(notice).finally(() => {
        underWay.delete(trying);
        // The next one may have waited for this one.
        this.#lookAfter(0);
      });
      underWay.add(trying);
    }
  }

  /** Never rejects. What could not be stored is tried again when the claim has ended. */
  async #try(claimed: ClaimedNotice): Promise<void> {
    const { channel, seq } = claimed;
    try {
      const { end, isGone, pauseMs } = await attempt(claimed, this.#cutOff.signal, this.#deps);
      this.#noteHealth(channel, end);
      const at = this.#deps.now();
      if (pauseMs !== undefined) this.#pausedUntil.set(channel, at + pauseMs);
      await this.#deps.store.endAttempt(seq, { owner: this.#owner, at, ...end });
      if (isGone === true) await this.#switchOff(channel);
    } catch (error) {
      this.#report("the result of sending a notice could not be stored", error);
    }
  }

  async #switchOff(channel: NoticeChannel): Promise<void> {
    const { store, notices, log, now } = this.#deps;
    await store.switchChannelOff(channel, receiverOf(channel, notices()), now());
    log.error("the receiver of notices wants no more: the channel is off until it is tested", {
      channel,
    });
  }

  /** A receiver that is down for days is logged once, and once more when it is back. */
  #noteHealth(channel: NoticeChannel, { state, error: reason }: AttemptResult["end"]): void {
    const { log } = this.#deps;
    const wasFailing = this.#failing.has(channel);
    if (reason !== undefined && !wasFailing) {
      this.#failing.add(channel);
      log.warn("notices are not delivered; they will be tried again", { channel, reason });
    }
    if (state === "delivered" && this.#failing.delete(channel)) {
      log.info("notices are delivered again", { channel });
    }
  }

  /** That the database does not answer is logged once, by whoever asks it all the time. */
  #report(what: string, error: unknown): void {
    if (!(error instanceof StoreUnavailableError)) this.#deps.log.error(what, { error });
  }
}
