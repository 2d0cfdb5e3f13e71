import type { Logger } from "../../runtime/logger.ts";

interface BusHealthOptions {
  readonly log: Pick<Logger, "info" | "warn">;
  /** Called with each change. It begins as down. */
  readonly onChange: (isUp: boolean) => void;
}

/** What is known of the Redis server. Each change is logged once. */
export class BusHealth {
  readonly #options: BusHealthOptions;
  #isUp = false;
  #downSince: number | undefined;
  #refusal: string | undefined;

  constructor(options: BusHealthOptions) {
    this.#options = options;
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
      this.#options.log.info("Redis is back", { downMs });
    }
    this.#downSince = undefined;
    this.#options.onChange(true);
  }

  down(reason: string): void {
    if (this.#downSince !== undefined) return;
    this.#downSince = performance.now();
    this.#isUp = false;
    this.#options.log.warn("Redis is away: replicas are connected by the database alone", {
      reason,
    });
    this.#options.onChange(false);
  }

  writes(): void {
    if (this.#refusal !== undefined) this.#options.log.info("Redis takes writes again");
    this.#refusal = undefined;
  }

  refusesWrites(reason: string): void {
    if (this.#refusal === undefined) {
      this.#options.log.warn("Redis takes no writes: each replica counts requests for itself", {
        reason,
      });
    }
    this.#refusal = reason;
  }
}
