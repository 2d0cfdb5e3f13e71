import type { Gauge } from "../metrics/gauge.ts";
import type { Logger } from "../runtime/logger.ts";
import type { ClusterStore } from "../store/cluster-store.ts";
import type { StoredTurn, TurnStore } from "../store/turn-store.ts";
import { errorEvent } from "../turns/final-event.ts";
import type { Turn } from "../turns/turn.ts";
import type { Bus } from "./bus.ts";
import { FollowedTurn } from "./followed-turn.ts";
import { type Ask, encodeMessage, type Message } from "./messages.ts";
import { addressOf } from "./owner.ts";
import type { Pace } from "./pace.ts";

interface FollowingDeps {
  readonly store: Pick<TurnStore, "findTurn">;
  readonly cluster: Pick<ClusterStore, "requestStop">;
  readonly bus: Pick<Bus, "isUp" | "send">;
  readonly log: Logger;
  readonly followed: Pick<Gauge, "set">;
  readonly pace: Pace;
  /** This process's address on the bus. */
  readonly address: string;
  /** Whether the owner's answers go on. */
  readonly isAlive: (owner: string) => boolean;
}

/** What is known about a turn's owner. Times are milliseconds of the monotonic clock. */
interface Follow {
  readonly turn: FollowedTurn;
  readonly owner: string;
  readonly begunAt: number;
  /** Resolves when it is known how far the turn is, or after a moment without news. */
  readonly firstNews: PromiseWithResolvers<void>;
  heardAt: number;
  askedAt: number;
  lookedAt: number;
  unreadSince: number;
  /** The owner does not have it, or is not to be reached. */
  isLost: boolean;
  isLooking: boolean;
  isStopping: boolean;
  isStopRequested: boolean;
}

/**
 * Follows the turns of other replicas. The bus brings their events; what is lost is asked for again. When
 * the owner is silent or dead, the database is asked for the end.
 */
export class Following {
  readonly #deps: FollowingDeps;
  readonly #follows = new Map<string, Follow>();
  /** Asks that are sent together, by address. */
  readonly #asks = new Map<string, Ask[]>();
  #rounds: Timer | undefined;

  constructor(deps: FollowingDeps) {
    this.#deps = deps;
  }

  /** As Peers.follow. */
  async follow(stored: StoredTurn): Promise<Turn | undefined> {
    const { turnId, owner = "" } = stored;
    const hasEnded = stored.answer.status !== "streaming";
    // The owner of an ended turn has its events for a while, by which a reader can go on exactly.
    if (hasEnded && !this.#deps.bus.isUp) return undefined;
    const follow = this.#follows.get(turnId) ?? this.#begin(stored, owner);
    await follow.firstNews.promise;
    if (!hasEnded || follow.turn.hasBegun) return follow.turn;
    this.#drop(follow);
    return undefined;
  }

  take({ turns, unknown }: Extract<Message, { kind: "events" }>): void {
    for (const events of turns) {
      const follow = this.#follows.get(events.turnId);
      if (!follow) continue;
      follow.heardAt = performance.now();
      follow.isLost = false;
      if (!follow.turn.take(events)) this.#ask(follow);
      if (follow.turn.hasBegun) follow.firstNews.resolve();
      if (follow.turn.hasEnded) this.#drop(follow);
    }
    for (const turnId of unknown) {
      const follow = this.#follows.get(turnId);
      if (!follow) continue;
      // A turn that is just beginning is in the database a moment before its owner knows it.
      follow.askedAt = Number.NEGATIVE_INFINITY;
      this.#lose(follow);
    }
  }

  /** Messages may have been lost. */
  askForAll(): void {
    for (const follow of this.#follows.values()) this.#ask(follow);
  }

  /** Looks for the ends of the turns whose owners have died. */
  lookForOrphans(): void {
    for (const follow of this.#follows.values()) {
      if (!this.#deps.isAlive(follow.owner)) void this.#look(follow);
    }
  }

  /** The turns that are read here and whose events do not come. */
  unheard(): string[] {
    const now = performance.now();
    const unheard = this.#follows.values().filter((follow) => this.#isLost(follow, now));
    return Array.from(
      unheard.filter(({ turn }) => turn.hasReaders),
      ({ turn }) => turn.id,
    );
  }

  /** Cuts the readers, so that they can read on at another replica. */
  close(): void {
    for (const follow of this.#follows.values()) {
      this.#drop(follow);
      follow.turn.cutReaders();
    }
  }

  #begin(stored: StoredTurn, owner: string): Follow {
    const now = performance.now();
    const follow: Follow = {
      turn: new FollowedTurn(stored, {
        onStop: () => this.#stop(follow),
        onReader: () => this.#goOn(follow),
      }),
      owner,
      begunAt: now,
      firstNews: Promise.withResolvers(),
      heardAt: now,
      askedAt: Number.NEGATIVE_INFINITY,
      lookedAt: now,
      unreadSince: now,
      isLost: false,
      isLooking: false,
      isStopping: false,
      isStopRequested: false,
    };
    this.#goOn(follow);
    return follow;
  }

  /** Follows the turn, if it is not followed already. */
  #goOn(follow: Follow): void {
    if (follow.turn.hasEnded || this.#follows.has(follow.turn.id)) return;
    this.#follows.set(follow.turn.id, follow);
    this.#deps.followed.set(this.#follows.size);
    follow.heardAt = performance.now();
    follow.unreadSince = follow.heardAt;
    if (this.#deps.bus.isUp) this.#ask(follow);
    else this.#lose(follow);
    this.#rounds ??= setInterval(() => this.#round(), this.#deps.pace.roundMs);
    this.#rounds.unref();
  }

  #drop(follow: Follow): void {
    const { turn, owner, firstNews } = follow;
    firstNews.resolve();
    if (this.#follows.get(turn.id) !== follow) return;
    this.#follows.delete(turn.id);
    this.#deps.followed.set(this.#follows.size);
    if (this.#follows.size === 0) {
      clearInterval(this.#rounds);
      this.#rounds = undefined;
    }
    const { address: from, bus } = this.#deps;
    if (turn.hasEnded || !bus.isUp) return;
    void bus.send(addressOf(owner), encodeMessage({ kind: "unfollow", from, turnIds: [turn.id] }));
  }

  #round(): void {
    const { pace } = this.#deps;
    const now = performance.now();
    for (const follow of this.#follows.values()) {
      if (now - follow.begunAt >= pace.firstNewsMs) follow.firstNews.resolve();
      if (follow.turn.hasReaders) follow.unreadSince = now;
      if (now - follow.unreadSince >= pace.unreadMs) this.#drop(follow);
      else this.#renew(follow, now);
    }
  }

  #renew(follow: Follow, now: number): void {
    const { askIntervalMs, askAfterSilenceMs, lookIntervalMs, lookWhileStoppingMs } =
      this.#deps.pace;
    const isSilent = now - follow.heardAt >= askAfterSilenceMs;
    const askAfterMs = isSilent ? askAfterSilenceMs : askIntervalMs;
    if (now - follow.askedAt >= askAfterMs && this.#deps.bus.isUp) this.#ask(follow);
    if (follow.isStopping && !follow.isStopRequested) void this.#requestStop(follow);
    const lookAfterMs = follow.isStopping ? lookWhileStoppingMs : lookIntervalMs;
    if (this.#isLost(follow, now) && now - follow.lookedAt >= lookAfterMs) void this.#look(follow);
  }

  #isReachable(owner: string): boolean {
    return this.#deps.bus.isUp && this.#deps.isAlive(owner);
  }

  #isLost({ isLost, heardAt, owner }: Follow, now: number): boolean {
    return (
      isLost || now - heardAt >= this.#deps.pace.lostAfterSilenceMs || !this.#isReachable(owner)
    );
  }

  #lose(follow: Follow): void {
    follow.isLost = true;
    if (this.#deps.bus.isUp) void this.#look(follow);
    else follow.firstNews.resolve();
  }

  /** Asks of one moment share a message to each owner. */
  #ask(follow: Follow): void {
    follow.askedAt = performance.now();
    const to = addressOf(follow.owner);
    const ask = { turnId: follow.turn.id, after: follow.turn.lastEventNumber };
    const asks = this.#asks.get(to);
    if (asks) asks.push(ask);
    else this.#asks.set(to, [ask]);
    if (this.#asks.size > 1 || asks) return;
    queueMicrotask(() => this.#sendAsks());
  }

  #sendAsks(): void {
    const { bus, address: from } = this.#deps;
    for (const [to, asks] of this.#asks) {
      void bus.send(to, encodeMessage({ kind: "follow", from, asks })).then((isHeard) => {
        if (isHeard) return;
        for (const { turnId } of asks) {
          const follow = this.#follows.get(turnId);
          if (follow) this.#lose(follow);
        }
      });
    }
    this.#asks.clear();
  }

  /** The owner usually ends it at once. If it does not, the next round asks for it in the database. */
  #stop(follow: Follow): void {
    const { bus } = this.#deps;
    const { turn, owner } = follow;
    follow.isStopping = true;
    if (bus.isUp) {
      void bus.send(addressOf(owner), encodeMessage({ kind: "stop", turnId: turn.id }));
    } else void this.#requestStop(follow);
  }

  async #requestStop(follow: Follow): Promise<void> {
    const { cluster, log } = this.#deps;
    follow.isStopRequested = true;
    try {
      await cluster.requestStop(follow.turn.id);
    } catch (error) {
      log.debug("stop could not be requested yet", { turnId: follow.turn.id, error });
      follow.isStopRequested = false;
    }
  }

  /** Looks into the database, whether the turn has ended. */
  async #look(follow: Follow): Promise<void> {
    if (follow.isLooking) return;
    follow.isLooking = true;
    follow.lookedAt = performance.now();
    const { turn } = follow;
    try {
      const stored = await this.#deps.store.findTurn(turn.id);
      if (stored === undefined) turn.endAs(errorEvent("interrupted"));
      else if (stored.answer.status !== "streaming") turn.endAsStored(stored);
    } catch (error) {
      this.#deps.log.debug("followed turn could not be looked up yet", { turnId: turn.id, error });
    } finally {
      follow.isLooking = false;
      if (turn.hasEnded) this.#drop(follow);
    }
  }
}
