import type { KnowledgeSettings } from "../config/knowledge.ts";
import type { LoopWatch } from "../runtime/event-loop-watch.ts";
import type { Logger } from "../runtime/logger.ts";
import { pause } from "../runtime/pause.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../runtime/time.ts";
import type { KnowledgeSource, KnowledgeStore } from "../store/knowledge-store.ts";
import { KnowledgeUpkeep } from "../store/knowledge-upkeep.ts";
import { StoreUnavailableError } from "../store/unavailable.ts";
import { hoursBetween } from "./hours-between.ts";
import { LearningProgress } from "./learning-progress.ts";
import type { ReadSourceDeps, SourceReading } from "./read-source.ts";
import { SourceClaims } from "./source-claims.ts";

export interface LearnerDeps {
  readonly store: KnowledgeStore;
  /** Reads one source. Its code is loaded when the first one is due. */
  readonly readSource: (
    source: KnowledgeSource,
    deps: Pick<ReadSourceDeps, "progress" | "isFree">,
    signal: AbortSignal,
  ) => Promise<SourceReading>;
  readonly knowledge: () => Pick<KnowledgeSettings, "refreshHours">;
  readonly loop: LoopWatch;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to 1. Default: Math.random. */
  readonly random?: (() => number) | undefined;
}

/** Leaves time to serve the visitors who come back after a restart first. */
const FIRST_LOOK_MS = 2 * SECOND_MS;
const LOOK_INTERVAL_MS = 30 * SECOND_MS;
/** A slow website must not keep the others waiting. */
const MAX_READINGS = 3;
/** The pause while the event loop is behind: answers under way come first. */
const BUSY_PAUSE_MS = SECOND_MS;
/** After a reading that could not be done: sooner than usual, and not at once. */
const RETRY_MS = HOUR_MS;

/**
 * Reads the sources that are due, in the background, and tends the index of what was read. Of several replicas, each
 * source is read by one.
 */
export class Learner {
  readonly progress = new LearningProgress();
  readonly #deps: LearnerDeps;
  readonly #claims: SourceClaims;
  readonly #readings = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #upkeep: KnowledgeUpkeep | undefined;
  #timer: Timer | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(deps: LearnerDeps) {
    this.#deps = deps;
    const { store, log, now } = deps;
    const onFault = (error: unknown) =>
      log.warn("a claim to a source could not be renewed yet", { error });
    this.#claims = new SourceClaims({ store, now, onFault });
  }

  start(): void {
    this.#upkeep = new KnowledgeUpkeep(this.#deps);
    this.#lookAfter(FIRST_LOOK_MS);
  }

  /** Something may be due: a source is new, or is to be read again now. */
  look(): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#looking = this.#looking.then(() => this.#claimAll());
  }

  /** Resolves when what was under way has ended. The next start reads on. */
  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all([...this.#readings, this.#upkeep?.stop()]);
  }

  #lookAfter(delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), delayMs);
    this.#timer.unref();
  }

  async #claimAll(): Promise<void> {
    const { log } = this.#deps;
    try {
      while (this.#readings.size < MAX_READINGS && !this.#stop.signal.aborted) {
        const source = await this.#claims.claim();
        if (source === undefined) break;
        const reading = this.#read(source).finally(() => {
          this.#readings.delete(reading);
          // Another source may have waited for this one.
          this.look();
        });
        this.#readings.add(reading);
      }
    } catch (error) {
      // That the database does not answer is logged once, by whoever asks it all the time.
      const isOutage = error instanceof StoreUnavailableError;
      if (!isOutage) log.error("it could not be looked up which sources are due", { error });
    }
    this.#lookAfter(LOOK_INTERVAL_MS);
  }

  /** Never rejects. */
  async #read(source: KnowledgeSource): Promise<void> {
    const { log } = this.#deps;
    const { lost, release } = this.#claims.keep(source.id);
    const signal = AbortSignal.any([lost, this.#stop.signal]);
    const about = { source: source.uri };
    log.info("reading a source", about);
    try {
      const isFree = () => this.#isFree(signal);
      const reading = await this.#deps.readSource(
        source,
        { progress: this.progress, isFree },
        signal,
      );
      // Removed by the owner, or read by another replica: there is nothing to end.
      if (lost.aborted) return;
      log.info("read a source", { ...about, ...reading });
      await this.#end(source, reading);
    } catch (error) {
      log.error("a source could not be read; it will be tried again", { ...about, error });
      const fault = error instanceof StoreUnavailableError ? OUTAGE : FAULT;
      await this.#end(source, fault).catch((reason: unknown) => {
        log.error("the end of a reading could not be stored", { ...about, error: reason });
      });
    } finally {
      release();
    }
  }

  async #end({ id }: KnowledgeSource, reading: SourceReading | Fault): Promise<void> {
    const { store, knowledge, now } = this.#deps;
    const at = now();
    if (this.#stop.signal.aborted) return this.#claims.end(id, { error: CUT_OFF, nextAt: at });
    // The owner may have changed meanwhile how often it is read.
    const hours = hoursBetween((await store.findSource(id))?.everyHours, knowledge());
    const usualMs = hours && hours * HOUR_MS;
    if ("retryMs" in reading) {
      const { error, retryMs } = reading;
      const nextAt = at + Math.min(retryMs, usualMs ?? retryMs);
      return this.#claims.end(id, { error, nextAt });
    }
    const { error, hasFailed } = reading;
    const waitMs = usualMs && (hasFailed ? Math.min(RETRY_MS, usualMs) : usualMs);
    const nextAt = waitMs && Math.round(at + waitMs * this.#jitter());
    return this.#claims.end(id, { error, nextAt });
  }

  /** Sources that were added together are not read together for ever. */
  #jitter(): number {
    const { random = Math.random } = this.#deps;
    return 0.95 + random() / 10;
  }

  async #isFree(signal: AbortSignal): Promise<void> {
    while (this.#deps.loop.isBehind && !signal.aborted) await pause(BUSY_PAUSE_MS, signal);
  }
}

const CUT_OFF =
  "The reading was cut off when the server stopped. It begins again at the next start.";

/** What has ended a reading from inside of the server. */
interface Fault {
  /** A sentence for the owner. */
  readonly error: string;
  /** When it is tried again, in milliseconds. */
  readonly retryMs: number;
}

const FAULT: Fault = {
  error: "The reading was cut off by a fault of the server, which is in its log.",
  retryMs: RETRY_MS,
};
/** A database that restarts is back in seconds. */
const OUTAGE: Fault = {
  error:
    "The reading was cut off because the database did not answer. It begins again in a minute.",
  retryMs: MINUTE_MS,
};
