import { createRandom } from "../../../harness/faults/random.ts";
import type { Bus, BusListener } from "../../../src/peers/bus.ts";

/** How likely it is, in percent, that the bus does this to a message. */
interface Chaos {
  readonly drops: number;
  readonly repeats: number;
  /** A message is late by up to this many milliseconds, and overtaken by others. */
  readonly lateMs: number;
}

const CALM: Chaos = { drops: 0, repeats: 0, lateMs: 0 };

/** A bus in this process, which the test disturbs. The same seed disturbs in the same way. */
export class FakeBusHub {
  chaos: Chaos = CALM;
  /** What was sent, for tests that count. */
  readonly sent: string[] = [];
  readonly #listeners = new Map<string, BusListener>();
  readonly #cutOff = new Set<string>();
  readonly #random;

  constructor(seed = 1) {
    this.#random = createRandom(seed);
  }

  /** The bus as one replica sees it. */
  connect(): Bus {
    return new FakeBus(this, this.#listeners);
  }

  isCutOff(address: string): boolean {
    return this.#cutOff.has(address);
  }

  /** From now on, the bus does not reach the address, which reaches nobody. */
  cutOff(address: string): void {
    this.#cutOff.add(address);
  }

  heal(address: string): void {
    this.#cutOff.delete(address);
    this.#listeners.get(address)?.onGap();
  }

  /** Delivers a message as if another version of chatporch had sent it. */
  inject(to: string, message: string): void {
    this.#listeners.get(to)?.onMessage(message);
  }

  send(to: string, message: string): boolean {
    const { drops, repeats } = this.chaos;
    this.sent.push(message);
    if (!this.#listeners.has(to) || this.isCutOff(to)) return false;
    if (this.#happens(drops)) return true;
    this.#deliver(to, message);
    if (this.#happens(repeats)) this.#deliver(to, message);
    return true;
  }

  #deliver(to: string, message: string): void {
    const { lateMs } = this.chaos;
    const deliver = () => {
      if (!this.isCutOff(to)) this.#listeners.get(to)?.onMessage(message);
    };
    // Before any timer: beats by a database in this process would overtake it, so that it would count as missed.
    if (lateMs === 0) queueMicrotask(deliver);
    else setTimeout(deliver, this.#random.between(0, lateMs));
  }

  #happens(percent: number): boolean {
    return this.#random.between(1, 100) <= percent;
  }
}

class FakeBus implements Bus {
  readonly #hub: FakeBusHub;
  readonly #listeners: Map<string, BusListener>;
  #address = "";

  constructor(hub: FakeBusHub, listeners: Map<string, BusListener>) {
    this.#hub = hub;
    this.#listeners = listeners;
  }

  get isUp(): boolean {
    return !this.#hub.isCutOff(this.#address);
  }

  async send(to: string, message: string): Promise<boolean> {
    return this.isUp && this.#hub.send(to, message);
  }

  sendToAll(message: string): void {
    for (const to of this.#listeners.keys()) {
      if (to !== this.#address) void this.send(to, message);
    }
  }

  listen(address: string, listener: BusListener): void {
    this.#address = address;
    this.#listeners.set(address, listener);
  }

  async close(): Promise<void> {
    this.#listeners.delete(this.#address);
  }
}
