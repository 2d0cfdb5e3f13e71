import type { NoticeSettings } from "../config/notices.ts";
import type { NoticeMetrics } from "../metrics/notice-metrics.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../runtime/time.ts";
import type { NoticeStore } from "../store/notice-store.ts";
import { channelsOf } from "./set-up.ts";

interface UpkeepDeps {
  readonly store: Pick<NoticeStore, "channelStates" | "forgetNotices">;
  readonly notices: () => NoticeSettings;
  readonly metrics: Pick<NoticeMetrics, "waiting">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const COUNT_INTERVAL_MS = 15 * SECOND_MS;
const FORGET_INTERVAL_MS = HOUR_MS;
/** Nothing refers to it any more, and a busy website has many. */
const KEEP_DELIVERED_MS = DAY_MS;
/** The owner answers a message that he finds in his chat. */
const KEEP_ANSWERABLE_MS = 30 * DAY_MS;
const KEEP_GIVEN_UP_MS = 90 * DAY_MS;
/** As long as the attempts of one notice take, and a day. */
const WAITED_TOO_LONG_MS = 4 * DAY_MS;

/** Counts what waits in the outbox, and forgets what is old. */
export class Upkeep {
  readonly #deps: UpkeepDeps;
  #countedAt = -Infinity;
  #forgottenAt = -Infinity;

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
  }

  /** Does what is due. Call it every few seconds. */
  async tend(): Promise<void> {
    const at = performance.now();
    if (at - this.#forgottenAt >= FORGET_INTERVAL_MS) {
      if (await this.#forget()) this.#forgottenAt = at;
    }
    if (at - this.#countedAt < COUNT_INTERVAL_MS) return;
    const states = await this.#deps.store.channelStates();
    this.#deps.metrics.waiting.set(states.reduce((sum, { waiting }) => sum + waiting, 0));
    this.#countedAt = at;
  }

  async #forget(): Promise<boolean> {
    const now = this.#deps.now();
    return this.#deps.store.forgetNotices({
      now,
      channels: channelsOf(this.#deps.notices()),
      waiting: now - WAITED_TOO_LONG_MS,
      delivered: now - KEEP_DELIVERED_MS,
      answerable: now - KEEP_ANSWERABLE_MS,
      givenUp: now - KEEP_GIVEN_UP_MS,
    });
  }
}
