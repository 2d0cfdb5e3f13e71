/** How far the reading of a source is. */
export interface SourceProgress {
  readonly sourceId: number;
  /** Pages that were looked at, and pages that were found so far. */
  readonly read: number;
  readonly total: number;
  /** Of the page that was looked at last. Empty before the first. */
  readonly address: string;
}

/** Called when something has changed. `progress` is undefined when the reading has ended. */
export type ProgressListener = (sourceId: number, progress: SourceProgress | undefined) => void;

/** A page a fifth of a second is as much as an owner can follow. */
const LEAST_INTERVAL_MS = 200;

/** What this process is reading now, for the pages of the dashboard that watch it. */
export class LearningProgress {
  readonly #now: () => number;
  readonly #current = new Map<number, SourceProgress>();
  readonly #listeners = new Set<ProgressListener>();
  readonly #reportedAt = new Map<number, number>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The sources that are being read. */
  get current(): readonly SourceProgress[] {
    return [...this.#current.values()];
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: ProgressListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Passes a step on, unless one of the same source was passed on just before. */
  report(progress: SourceProgress): void {
    const { sourceId } = progress;
    this.#current.set(sourceId, progress);
    const now = this.#now();
    if (now - (this.#reportedAt.get(sourceId) ?? -Infinity) < LEAST_INTERVAL_MS) return;
    this.#reportedAt.set(sourceId, now);
    for (const listener of this.#listeners) listener(sourceId, progress);
  }

  end(sourceId: number): void {
    this.#current.delete(sourceId);
    this.#reportedAt.delete(sourceId);
    for (const listener of this.#listeners) listener(sourceId, undefined);
  }
}
