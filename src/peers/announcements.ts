import type { Activity } from "../conversation/activity.ts";
import type { OtherReplica } from "../store/cluster-store.ts";
import type { Bus } from "./bus.ts";
import { encodeMessage, type Message } from "./messages.ts";
import { addressOf } from "./owner.ts";
import type { OwnTurns } from "./peers.ts";

interface AnnouncementsDeps {
  readonly bus: Pick<Bus, "sendToAll">;
  readonly address: string;
  readonly own: () => Pick<OwnTurns, "onActivity" | "onMissedActivity"> | undefined;
}

/**
 * Lets the feeds of all replicas know what one has stored. The bus carries the activities, and each beat says how
 * many there were, so that a lost one is noticed within two seconds, even if there is no bus at all.
 */
export class Announcements {
  readonly #deps: AnnouncementsDeps;
  /** How many activities are known of each other replica, by address. */
  readonly #heard = new Map<string, number>();
  #announced = 0;
  #pending: Activity[] = [];

  constructor(deps: AnnouncementsDeps) {
    this.#deps = deps;
  }

  /** How many activities this replica has announced. */
  get announced(): number {
    return this.#announced;
  }

  /** Activities of one turn of the event loop share a message. */
  announce(activity: Activity): void {
    this.#announced += 1;
    if (this.#pending.push(activity) > 1) return;
    queueMicrotask(() => {
      const { bus, address: from } = this.#deps;
      const activities = this.#pending;
      this.#pending = [];
      const { announced } = this;
      bus.sendToAll(encodeMessage({ kind: "activities", from, announced, activities }));
    });
  }

  receive({ from, announced, activities }: Extract<Message, { kind: "activities" }>): void {
    const { address, own } = this.#deps;
    const heard = this.#heard.get(from);
    if (from === address || (heard !== undefined && announced <= heard)) return;
    if (heard !== undefined && announced - activities.length > heard) own()?.onMissedActivity();
    this.#heard.set(from, announced);
    for (const activity of activities) own()?.onActivity(activity);
  }

  /** Compares what was heard with what the others say in their beats. */
  compare(others: ReadonlyMap<string, OtherReplica>): void {
    let hasMissed = false;
    const addresses = new Set<string>();
    for (const [id, { announced }] of others) {
      const from = addressOf(id);
      addresses.add(from);
      // What was announced before this replica served anybody concerns none of its feeds.
      const heard = this.#heard.get(from) ?? (this.#deps.own() === undefined ? announced : 0);
      if (announced > heard) hasMissed = true;
      this.#heard.set(from, Math.max(heard, announced));
    }
    for (const from of this.#heard.keys()) {
      if (!addresses.has(from)) this.#heard.delete(from);
    }
    if (hasMissed) this.#deps.own()?.onMissedActivity();
  }
}
