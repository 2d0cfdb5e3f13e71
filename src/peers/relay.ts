import type { Gauge } from "../metrics/gauge.ts";
import type { Turn, TurnReader } from "../turns/turn.ts";
import type { Bus } from "./bus.ts";
import { type Ask, encodeMessage, toTurnEvents, type TurnEvents } from "./messages.ts";
import type { Pace } from "./pace.ts";

interface RelayDeps {
  readonly bus: Pick<Bus, "send">;
  readonly pace: Pick<Pace, "leaseMs">;
  /** The turns of this process. */
  readonly find: (turnId: string) => Turn | undefined;
  readonly served: Pick<Gauge, "set">;
}

/** From so many followed turns on, their events are sent together for a while: each message has its price. */
const MANY_TURNS = 100;
const WINDOW_MS = 10;
/** About this many characters go into one message, so that none holds up the others. */
const MESSAGE_CHARACTERS = 256 * 1024;

/** Another replica that reads turns of this one. */
interface Follower {
  readonly turns: Map<string, Lease>;
  /** The turns that have something to send. */
  readonly due: Set<string>;
  readonly unknown: Set<string>;
}

interface Lease {
  readonly reader: TurnReader;
  /** Milliseconds of the monotonic clock. */
  readonly until: number;
}

/**
 * Sends the events of this process's turns to the replicas that ask for them, and does nothing while nobody
 * asks. A follower is an ordinary reader of the turn, so it is not abandoned meanwhile.
 */
export class Relay {
  readonly #deps: RelayDeps;
  /** By address. */
  readonly #followers = new Map<string, Follower>();
  /** Turns that are read at other replicas, which the bus does not reach. */
  readonly #kept = new Map<string, Lease>();
  readonly #sending = new Set<Promise<boolean>>();
  #served = 0;
  #isFlushing = false;

  constructor(deps: RelayDeps) {
    this.#deps = deps;
  }

  /** Begins to send turns, or sends again from what the follower has. */
  follow(from: string, asks: readonly Ask[]): void {
    const follower = this.#followers.get(from) ?? {
      turns: new Map(),
      due: new Set(),
      unknown: new Set(),
    };
    this.#followers.set(from, follower);
    for (const { turnId, after } of asks) {
      const lease = this.#read(turnId, after, () => this.#mark(follower, turnId));
      if (lease) this.#replace(follower.turns, turnId, lease);
      else follower.unknown.add(turnId);
      this.#mark(follower, turnId);
    }
    this.#count();
  }

  unfollow(from: string, turnIds: readonly string[]): void {
    const follower = this.#followers.get(from);
    if (!follower) return;
    for (const turnId of turnIds) end(follower.turns, turnId);
    this.#count();
  }

  /** Keeps turns from being abandoned: they are read elsewhere, although nobody can be sent their events. */
  keep(turnIds: readonly string[]): void {
    for (const turnId of turnIds) {
      const lease = this.#read(turnId, 0, () => {});
      if (lease) this.#replace(this.#kept, turnId, lease);
    }
  }

  /** Gives up the readers whose followers have not asked again. */
  expire(): void {
    const now = performance.now();
    expireIn(this.#kept, now);
    for (const [address, { turns, due, unknown }] of this.#followers) {
      expireIn(turns, now);
      if (turns.size + due.size + unknown.size === 0) this.#followers.delete(address);
    }
    this.#count();
  }

  /** Sends what there is, and leaves all turns. */
  async close(): Promise<void> {
    this.#flush();
    for (const turns of [this.#kept, ...this.#followers.values().map((each) => each.turns)]) {
      for (const turnId of turns.keys()) end(turns, turnId);
    }
    this.#followers.clear();
    this.#count();
    await Promise.all(this.#sending);
  }

  #read(turnId: string, after: number, onEvents: () => void): Lease | undefined {
    const reader = this.#deps.find(turnId)?.read(after, { onEvents });
    return reader && { reader, until: performance.now() + this.#deps.pace.leaseMs };
  }

  /** The old reader leaves last, so that the turn is never without one. */
  #replace(turns: Map<string, Lease>, turnId: string, lease: Lease): void {
    const old = turns.get(turnId);
    turns.set(turnId, lease);
    old?.reader.close();
  }

  #mark(follower: Follower, turnId: string): void {
    follower.due.add(turnId);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    const flush = () => this.#flush();
    if (this.#served > MANY_TURNS) setTimeout(flush, WINDOW_MS);
    else setImmediate(flush);
  }

  #flush(): void {
    this.#isFlushing = false;
    for (const [address, follower] of this.#followers) {
      if (follower.due.size > 0) this.#send(address, follower);
    }
  }

  #send(address: string, { turns, due, unknown }: Follower): void {
    let batch: TurnEvents[] = [];
    let characters = 0;
    const send = () => {
      const message = encodeMessage({ kind: "events", turns: batch, unknown: [...unknown] });
      const sending = this.#deps.bus.send(address, message);
      this.#sending.add(sending);
      void sending.then(() => this.#sending.delete(sending));
      unknown.clear();
      batch = [];
      characters = 0;
    };
    for (const turnId of due) {
      const reader = turns.get(turnId)?.reader;
      if (!reader) continue;
      const events = toTurnEvents(turnId, reader.take());
      if (reader.isDone) end(turns, turnId);
      batch.push(events);
      characters += charactersIn(events);
      if (characters > MESSAGE_CHARACTERS) send();
    }
    due.clear();
    if (batch.length > 0 || unknown.size > 0) send();
    this.#count();
  }

  #count(): void {
    this.#served = 0;
    for (const { turns } of this.#followers.values()) this.#served += turns.size;
    this.#deps.served.set(this.#served);
  }
}

function end(turns: Map<string, Lease>, turnId: string): void {
  turns.get(turnId)?.reader.close();
  turns.delete(turnId);
}

function expireIn(turns: Map<string, Lease>, now: number): void {
  for (const [turnId, { until, reader }] of turns) {
    if (until < now || reader.isDone) end(turns, turnId);
  }
}

function charactersIn({ tokens, end: last }: TurnEvents): number {
  let characters = last?.type === "done" ? last.message.length : 0;
  for (const token of tokens) characters += token.length;
  return characters;
}
