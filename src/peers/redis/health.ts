import type { Logger } from "../../runtime/logger.ts";

type HealthLog = Pick<Logger, "info" | "warn">;

/** What is known of the Redis server. Each change is logged once. */
export class BusHealth {
  readonly #log: HealthLog;
  #isUp = false;
  #downSince: number | undefined;
  #refusal: string | undefined;

  constructor(log: HealthLog) {
    this.#log = log;
  }

  /** Whether messages get through. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Whether the server takes writes, too. A full one does not. */
  get isWritable(): boolean {
    return this.#isUp && this.#refusal === undefined;
  }

  up(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    if (this.#downSince !== undefined) {
      const downMs = Math.round(performance.now() - this.#downSince);
      this.#log.info("Redis is back", { downMs });
    }
    this.#downSince = undefined;
  }

  down(reason: string): void {
    if (this.#downSince !== undefined) return;
    this.#downSince = performance.now();
    this.#isUp = false;
    this.#log.warn("Redis is away: replicas are connected by the database alone", {
      reason,
    });
  }

  writes(): void {
    if (this.#refusal !== undefined) this.#log.info("Redis takes writes again");
    this.#refusal = undefined;
  }

  refusesWrites(reason: string): void {
    if (this.#refusal === undefined) {
      this.#log.warn("Redis takes no writes: each replica counts requests for itself", {
        reason,
      });
    }
    this.#refusal = reason;
  }
}
