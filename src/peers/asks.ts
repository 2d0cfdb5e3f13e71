import type { Bus } from "./bus.ts";
import { type Ask, encodeMessage } from "./messages.ts";

interface AsksDeps {
  readonly bus: Pick<Bus, "send">;
  /** This process's address on the bus. */
  readonly address: string;
  /** Called for each turn whose owner was not reached. */
  readonly onMissed: (turnId: string) => void;
}

/** Asks owners for the events of their turns. What is asked of one owner in one moment shares a message. */
export class Asks {
  readonly #deps: AsksDeps;
  /** By the owner's address. */
  #pending = new Map<string, Ask[]>();

  constructor(deps: AsksDeps) {
    this.#deps = deps;
  }

  add(to: string, ask: Ask): void {
    if (this.#pending.size === 0) queueMicrotask(() => this.#send());
    const asks = this.#pending.get(to);
    if (asks) asks.push(ask);
    else this.#pending.set(to, [ask]);
  }

  #send(): void {
    const pending = this.#pending;
    this.#pending = new Map();
    for (const [to, asks] of pending) void this.#sendTo(to, asks);
  }

  async #sendTo(to: string, asks: readonly Ask[]): Promise<void> {
    const { bus, address: from, onMissed } = this.#deps;
    const isReached = await bus.send(to, encodeMessage({ kind: "follow", from, asks }));
    if (isReached) return;
    for (const { turnId } of asks) onMissed(turnId);
  }
}
