import type { LiveTurn } from "./live-turn.ts";
import type { Turn } from "./turn.ts";

/** The turn that a session has under way. The promise exists before the turn, so no other turn can begin first. */
interface RunningTurn {
  readonly idempotencyKey: string | undefined;
  readonly message: string;
  readonly turn: Promise<Turn>;
}

interface EndedEntry {
  readonly turnId: string;
  /** Milliseconds of the monotonic clock. */
  readonly endedAt: number;
}

/** How long an ended turn can be resumed event by event. After that, the stored answer is sent. */
const ENDED_TURN_RETENTION_MS = 120_000;
const MAX_ENDED_TURNS = 256;

/** The turns of this process: those under way (one for each session) and those that ended recently. */
export class TurnDirectory {
  readonly #running = new Map<string, RunningTurn>();
  /** Turns under way and turns that ended recently, by id. */
  readonly #turns = new Map<string, LiveTurn>();
  /** Ended turns that can still be resumed, the oldest first. */
  readonly #ended: EndedEntry[] = [];

  /** How many answers are under way. */
  get running(): number {
    return this.#running.size;
  }

  /** The turn that a session has under way, even if its question is still being stored. */
  runningIn(sessionId: string): RunningTurn | undefined {
    return this.#running.get(sessionId);
  }

  /** All turns under way whose question could be stored. */
  async allRunning(): Promise<Turn[]> {
    const turns = await Promise.allSettled([...this.#running.values()].map(({ turn }) => turn));
    return turns.flatMap((turn) => (turn.status === "fulfilled" ? [turn.value] : []));
  }

  find(turnId: string): LiveTurn | undefined {
    return this.#turns.get(turnId);
  }

  /** Every turn in this directory, under way or ended. */
  known(): Iterable<LiveTurn> {
    return this.#turns.values();
  }

  /**
   * Reserves the session for a turn that begins. If the beginning fails, the session is free again.
   * @throws what the beginning throws
   */
  async begin(sessionId: string, beginning: RunningTurn): Promise<Turn> {
    this.#running.set(sessionId, beginning);
    try {
      return await beginning.turn;
    } catch (error) {
      // It may have released the session before, and then another turn may have it.
      if (this.#running.get(sessionId) === beginning) this.#running.delete(sessionId);
      throw error;
    }
  }

  /** Call it as soon as the turn is stored. */
  add(turn: LiveTurn): void {
    this.#turns.set(turn.id, turn);
  }

  /** The session may ask its next question. */
  release(sessionId: string): void {
    this.#running.delete(sessionId);
  }

  /** Keeps an ended turn for a while, so that readers can resume it. */
  retain(turn: LiveTurn): void {
    this.#ended.push({ turnId: turn.id, endedAt: performance.now() });
    if (this.#ended.length > MAX_ENDED_TURNS) this.forgetEnded();
  }

  /** Drops the turns that ended long ago, and the oldest ones when there are too many. */
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

  /** Drops all turns of a conversation that is being erased, so that nobody can resume them. */
  forgetConversation(conversationId: string): void {
    for (const turn of this.#turns.values()) {
      if (turn.conversationId !== conversationId) continue;
      turn.abort("stopped");
      this.#turns.delete(turn.id);
    }
  }
}
