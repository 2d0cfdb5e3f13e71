import { hostname } from "node:os";

import type { ClusterMetrics } from "../metrics/cluster-metrics.ts";
import { withDeadline } from "../runtime/deadline.ts";
import type { Logger } from "../runtime/logger.ts";
import { VERSION } from "../runtime/version.ts";
import type { Beat, ClusterStore, ReplicaNews } from "../store/cluster-store.ts";
import { StoreUnavailableError } from "../store/unavailable.ts";
import { LeaseWatch, type SilentReplica } from "./lease-watch.ts";
import { ownerName } from "./owner.ts";
import type { Pace } from "./pace.ts";

interface MembershipDeps {
  readonly cluster: ClusterStore;
  readonly address: string;
  readonly pace: Pace;
  readonly log: Logger;
  readonly metrics: ClusterMetrics;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly news: () => ReplicaNews;
  /** Called for each beat that the database has taken. */
  readonly onBeat: (beat: Beat) => void;
  /** Called when answers of dead replicas have ended. */
  readonly onSwept: () => void;
  /** Called when this process was declared dead and has a new name. */
  readonly onFenced: () => void;
}

/** This process's place among the replicas: it shows that it lives, and finds out who has died. */
export class Membership {
  readonly #deps: MembershipDeps;
  readonly #watch: LeaseWatch;
  /** Grows with each name. */
  #names = 1;
  #isFenced = false;
  /** Whether an outage of the database has been logged, and not its end. */
  #isOutage = false;
  #others: Beat["others"] | undefined;
  #beatAt = performance.now();
  #timer: Timer | undefined;
  #isSweeping = false;
  #hasLeft = false;

  constructor(deps: MembershipDeps) {
    this.#deps = deps;
    this.#watch = new LeaseWatch(deps.pace);
  }

  /** The owner of the turns that begin now. */
  get self(): string {
    return ownerName(this.#deps.address, this.#names);
  }

  /** Whether the owner's answers go on. True as long as nothing is known of the others. */
  isAlive(owner: string): boolean {
    return owner === this.self || this.#others === undefined || this.#others.has(owner);
  }

  /** Takes the place, and begins to beat. A busy database is asked again. */
  async enter(): Promise<void> {
    const { enterPatienceMs, roundMs } = this.#deps.pace;
    const giveUpAt = performance.now() + enterPatienceMs;
    while (!(await this.#tryToEnter(giveUpAt))) await Bun.sleep(roundMs);
    this.#beatAt = performance.now();
    await this.#beat();
  }

  /** @throws StoreUnavailableError while this process has not shown for a while that it lives */
  async ping(): Promise<void> {
    if (performance.now() - this.#beatAt <= this.#deps.pace.maxSilenceMs) return;
    throw new StoreUnavailableError("this replica cannot show the others that it lives");
  }

  /** Gives up the place, so that nobody waits for this replica. */
  async leave(): Promise<void> {
    this.#hasLeft = true;
    clearTimeout(this.#timer);
    try {
      const { cluster, pace } = this.#deps;
      await withDeadline(cluster.leave(this.self), pace.beatDeadlineMs);
    } catch (error) {
      this.#deps.log.warn("the others will notice later that this replica has left", { error });
    }
  }

  /** @throws what the store throws, once the time is over or asking again is no use */
  async #tryToEnter(giveUpAt: number): Promise<boolean> {
    try {
      await this.#enterAs(this.self);
      return true;
    } catch (error) {
      const mayPass = error instanceof StoreUnavailableError && performance.now() < giveUpAt;
      if (!mayPass) throw error;
      return false;
    }
  }

  async #enterAs(id: string): Promise<void> {
    const { cluster, now } = this.#deps;
    await cluster.enter({ id, host: hostname(), version: VERSION, startedAt: now() });
  }

  async #beat(): Promise<void> {
    const beganAt = performance.now();
    const wasFenced = this.#isFenced;
    const { metrics, cluster, news, log, pace } = this.#deps;
    try {
      if (wasFenced) await withDeadline(this.#enterAnew(), pace.beatDeadlineMs);
      const beat = await withDeadline(cluster.beat(this.self, news()), pace.beatDeadlineMs);
      metrics.beats.add(1, { outcome: beat.isAlive ? "ok" : "fenced" });
      this.#noteAnswer();
      if (beat.isAlive) this.#take(beat);
      else this.#isFenced = true;
    } catch (error) {
      metrics.beats.add(1, { outcome: "failed" });
      log.debug("beat failed", { error });
      this.#noteSilence(error);
    }
    if (this.#hasLeft) return;
    const isJustFenced = this.#isFenced && !wasFenced;
    const pauseMs = isJustFenced ? 0 : pace.beatMs - (performance.now() - beganAt);
    this.#timer = setTimeout(() => void this.#beat(), Math.max(0, pauseMs));
    this.#timer.unref();
  }

  /** Logs an outage of the database once, however much fails meanwhile. */
  #noteSilence(error: unknown): void {
    const { log, pace } = this.#deps;
    if (this.#isOutage || performance.now() - this.#beatAt <= pace.maxSilenceMs) return;
    this.#isOutage = true;
    log.error("the database does not answer: /ready says 503 until it does", { error });
  }

  #noteAnswer(): void {
    if (!this.#isOutage) return;
    this.#isOutage = false;
    const silentMs = Math.round(performance.now() - this.#beatAt);
    this.#deps.log.info("the database answers again", { silentMs });
  }

  /** The others have declared this process dead. It goes on under a new name. */
  async #enterAnew(): Promise<void> {
    const { address, log, onFenced } = this.#deps;
    const names = this.#names + 1;
    await this.#enterAs(ownerName(address, names));
    // An attempt that came too late may have done it already.
    if (this.#names === names) return;
    log.warn("the other replicas had declared this one dead", { replica: this.self });
    this.#names = names;
    this.#isFenced = false;
    onFenced();
  }

  #take(beat: Beat): void {
    const { metrics, onBeat } = this.#deps;
    this.#beatAt = performance.now();
    this.#others = beat.others;
    metrics.alive.set(beat.others.size + 1);
    const silent = this.#watch.look(beat.others, this.#beatAt);
    if (silent.length > 0 || beat.hasOrphans) void this.#sweep(silent);
    onBeat(beat);
  }

  /** Does not hold up the beats, which may not wait. */
  async #sweep(silent: readonly SilentReplica[]): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    const { cluster, log, metrics, onSwept } = this.#deps;
    try {
      for (const { id, beat } of silent) {
        if (!(await cluster.bury(id, beat))) continue;
        metrics.buried.add(1, {});
        log.warn("a replica is silent and was declared dead", { replica: id });
      }
      const interruptedTurns = await cluster.sweep();
      if (interruptedTurns > 0) log.warn("ended answers of dead replicas", { interruptedTurns });
      onSwept();
    } catch (error) {
      log.debug("answers of dead replicas could not be ended yet", { error });
    } finally {
      this.#isSweeping = false;
    }
  }
}
