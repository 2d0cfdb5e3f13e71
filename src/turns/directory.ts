import type { LiveTurn } from "./live-turn.ts";
import type { Turn } from "./turn.ts";

/** The turn that a session has under way. The promise is there before the turn is, so nobody gets between. */
export interface RunningTurn {
  readonly idempotencyKey: string | undefined;
  readonly message: string;
  readonly turn: Promise<Turn>;
}

interface EndedEntry {
  readonly turnId: string;
  /** Milliseconds of the monotonic clock. */
  readonly endedAt: number;
}

/** How long a turn that has ended can be resumed event by event; later the stored answer is sent. */
const ENDED_TURN_RETENTION_MS = 120_000;
const MAX_ENDED_TURNS = 256;

/** The turns of this process: those under way, one a session, and those that ended lately. */
export class TurnDirectory {
  readonly #running = new Map<string, RunningTurn>();
  /** Turns under way and those that ended lately, by id. */
  readonly #turns = new Map<string, LiveTurn>();
  /** Turns that have ended and can still be resumed, the first to be forgotten first. */
  readonly #ended: EndedEntry[] = [];

  /** How many answers are under way. */
  get running(): number {
    return this.#running.size;
  }

  /** The turn that a session has under way, also one that is just being stored. */
  runningIn(sessionId: string): RunningTurn | undefined {
    return this.#running.get(sessionId);
  }

  /** Those under way that could be stored. */
  async allRunning(): Promise<Turn[]> {
    const turns = await Promise.allSettled([...this.#running.values()].map(({ turn }) => turn));
    return turns.flatMap((turn) => (turn.status === "fulfilled" ? [turn.value] : []));
  }

  find(turnId: string): LiveTurn | undefined {
    return this.#turns.get(turnId);
  }

  /** Every turn that is known, under way or ended. */
  known(): Iterable<LiveTurn> {
    return this.#turns.values();
  }

  /**
   * Takes the session for a turn that begins; where that fails, the session is free again.
   * @throws what the beginning throws
   */
  async begin(sessionId: string, beginning: RunningTurn): Promise<Turn> {
    this.#running.set(sessionId, beginning);
    try {
      return await beginning.turn;
    } catch (error) {
      this.#running.delete(sessionId);
      throw error;
    }
  }

  /** To be called as soon as the turn is stored. */
  add(turn: LiveTurn): void {
    this.#turns.set(turn.id, turn);
  }

  /** The session may ask its next question. */
  release(sessionId: string): void {
    this.#running.delete(sessionId);
  }

  /** Keeps an ended turn for a while, for those who resume it. */
  retain(turn: LiveTurn): void {
    this.#ended.push({ turnId: turn.id, endedAt: performance.now() });
    if (this.#ended.length > MAX_ENDED_TURNS) this.forgetEnded();
  }

  /** Forgets the turns that ended long ago, or that are too many. */
  forgetEnded(): void {
    const expired = performance.now() - ENDED_TURN_RETENTION_MS;
    for (;;) {
      const oldest = this.#ended[0];
      if (oldest === undefined) return;
      if (this.#ended.length <= MAX_ENDED_TURNS && oldest.endedAt > expired) return;
      this.#ended.shift();
      this.#turns.delete(oldest.turnId);
    }
  }

  /** Nobody resumes what is being erased. */
  forgetSession(sessionId: string): void {
    for (const turn of this.#turns.values()) {
      if (turn.sessionId === sessionId) this.#turns.delete(turn.id);
    }
  }
}
