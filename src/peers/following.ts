import type { Gauge } from "../metrics/gauge.ts";
import type { Logger } from "../runtime/logger.ts";
import type { ClusterStore } from "../store/cluster-store.ts";
import type { StoredTurn, TurnStore } from "../store/turn-store.ts";
import type { Turn } from "../turns/turn.ts";
import { Asks } from "./asks.ts";
import type { Bus } from "./bus.ts";
import { Follow } from "./follow.ts";
import { encodeMessage, type Message } from "./messages.ts";
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

/**
 * Follows the turns of other replicas. The bus brings their events; what is lost is asked for again. When
 * the owner is silent or dead, the database is asked for the end.
 */
export class Following {
  readonly #deps: FollowingDeps;
  readonly #follows = new Map<string, Follow>();
  readonly #asks: Asks;
  #rounds: Timer | undefined;
  #isClosed = false;

  constructor(deps: FollowingDeps) {
    this.#deps = deps;
    this.#asks = new Asks({ ...deps, onMissed: (turnId) => this.#missed(turnId) });
  }

  /** As Peers.follow. */
  async follow(stored: StoredTurn, offersPerson: boolean): Promise<Turn | undefined> {
    const hasEnded = stored.answer.status !== "streaming";
    // The owner of an ended turn has its events for a while, by which a reader can go on exactly.
    if (hasEnded && !this.#deps.bus.isUp) return undefined;
    const known = this.#follows.get(stored.turnId);
    if (known) this.#refresh(known);
    const follow = known ?? this.#begin(stored, offersPerson);
    await follow.news;
    if (!hasEnded || follow.turn.hasBegun) return follow.turn;
    // Somebody who reads it already must be sent the end, too.
    follow.turn.endAsStored(stored);
    this.#drop(follow);
    return undefined;
  }

  take({ turns, unknown }: Extract<Message, { kind: "events" }>): void {
    for (const events of turns) {
      const follow = this.#follows.get(events.turnId);
      if (!follow) continue;
      if (!follow.take(events)) this.#ask(follow);
      if (follow.turn.hasEnded) this.#drop(follow);
    }
    for (const turnId of unknown) {
      const follow = this.#follows.get(turnId);
      if (!follow) continue;
      follow.unknown();
      void this.#lookUp(follow);
    }
  }

  /** Messages may have been lost. */
  askForAll(): void {
    for (const follow of this.#follows.values()) this.#ask(follow);
  }

  /** Looks for the ends of the turns whose owners have died. */
  lookForOrphans(): void {
    for (const follow of this.#follows.values()) {
      if (!this.#deps.isAlive(follow.owner)) void this.#lookUp(follow);
    }
  }

  /** The turns that are read here and whose events do not come. */
  unheard(): string[] {
    const now = performance.now();
    const lost = this.#follows.values().filter((follow) => this.#isLost(follow, now));
    const read = lost.filter(({ turn }) => turn.hasReaders);
    return Array.from(read, ({ turn }) => turn.id);
  }

  /** Cuts the readers, so that they can read on at another replica. */
  close(): void {
    this.#isClosed = true;
    for (const follow of this.#follows.values()) {
      this.#drop(follow);
      follow.turn.cutReaders();
    }
  }

  /** Whoever comes now may have read more elsewhere than has arrived here. */
  #refresh(follow: Follow): void {
    if (follow.turn.hasEnded) return;
    follow.doubt();
    if (this.#deps.bus.isUp) this.#ask(follow);
    else follow.settle();
  }

  #begin(stored: StoredTurn, offersPerson: boolean): Follow {
    const follow = new Follow(stored, this.#deps.pace, {
      offersPerson,
      onStop: () => this.#stop(follow),
      onReader: () => this.#goOn(follow),
    });
    this.#goOn(follow);
    return follow;
  }

  /** Follows the turn, if it is not followed already. */
  #goOn(follow: Follow): void {
    const { turn } = follow;
    if (turn.hasEnded || this.#follows.has(turn.id)) return;
    if (this.#isClosed) {
      follow.settle();
      // Whoever has just begun to read does not hold the reader yet.
      queueMicrotask(() => turn.cutReaders());
      return;
    }
    const { bus, followed, pace } = this.#deps;
    this.#follows.set(turn.id, follow);
    followed.set(this.#follows.size);
    follow.begin();
    if (bus.isUp) this.#ask(follow);
    else this.#missed(turn.id);
    this.#rounds ??= setInterval(() => this.#round(), pace.roundMs);
    this.#rounds.unref();
  }

  #drop(follow: Follow): void {
    const { turn, owner } = follow;
    follow.settle();
    if (this.#follows.get(turn.id) !== follow) return;
    const { address: from, bus, followed } = this.#deps;
    this.#follows.delete(turn.id);
    followed.set(this.#follows.size);
    if (this.#follows.size === 0) {
      clearInterval(this.#rounds);
      this.#rounds = undefined;
    }
    if (turn.hasEnded || !bus.isUp) return;
    void bus.send(addressOf(owner), encodeMessage({ kind: "unfollow", from, turnIds: [turn.id] }));
  }

  #round(): void {
    const now = performance.now();
    for (const follow of this.#follows.values()) {
      if (follow.isUnread(now)) {
        this.#drop(follow);
        continue;
      }
      if (this.#deps.bus.isUp && follow.isAskDue(now)) this.#ask(follow);
      if (follow.isStopping && !follow.isStopRequested) void this.#requestStop(follow);
      if (this.#isLost(follow, now) && follow.isLookDue(now)) void this.#lookUp(follow);
    }
  }

  /** Whether the database must be asked, too. */
  #isLost(follow: Follow, now: number): boolean {
    const { bus, isAlive } = this.#deps;
    return !bus.isUp || !isAlive(follow.owner) || follow.isUnheard(now);
  }

  #ask(follow: Follow): void {
    const { turn, owner } = follow;
    follow.asked();
    this.#asks.add(addressOf(owner), { turnId: turn.id, after: turn.lastEventNumber });
  }

  #missed(turnId: string): void {
    const follow = this.#follows.get(turnId);
    if (!follow) return;
    follow.missed();
    if (this.#deps.bus.isUp) void this.#lookUp(follow);
    else follow.settle();
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
    const { id: turnId } = follow.turn;
    follow.isStopRequested = true;
    try {
      await cluster.requestStop(turnId);
    } catch (error) {
      log.debug("stop could not be requested yet", { turnId, error });
      follow.isStopRequested = false;
    }
  }

  /** Looks into the database, whether the turn has ended. */
  async #lookUp(follow: Follow): Promise<void> {
    if (follow.isBeingLookedUp) return;
    follow.isBeingLookedUp = true;
    follow.lookedUp();
    const { turn } = follow;
    try {
      const stored = await this.#deps.store.findTurn(turn.id);
      if (stored === undefined) turn.endAsErased();
      else if (stored.answer.status !== "streaming") turn.endAsStored(stored);
    } catch (error) {
      this.#deps.log.debug("followed turn could not be looked up yet", { turnId: turn.id, error });
    } finally {
      follow.isBeingLookedUp = false;
      if (turn.hasEnded) this.#drop(follow);
    }
  }
}
