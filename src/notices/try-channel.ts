import type { NoticeChannel } from "../conversation/notice-kinds.ts";
import { randomText } from "../runtime/random-text.ts";
import { SECOND_MS } from "../runtime/time.ts";
import type { NoticeStore } from "../store/notice-store.ts";
import { sentenceOf, toDeliveryError } from "./attempt.ts";
import type { Channel } from "./channel.ts";
import { OF_NO_CONVERSATION } from "./compose-notice.ts";

export interface TrialResult {
  readonly isDelivered: boolean;
  /** A sentence for the owner, or the receiver's own words. May be empty. */
  readonly says: string;
}

/** Sends a notice of the kind `test`, at once and only once. Never rejects for what the receiver does. */
export type TryChannel = (channel: NoticeChannel) => Promise<TrialResult>;

interface TryChannelDeps {
  readonly store: Pick<NoticeStore, "noteTrial">;
  readonly publicUrl: string | undefined;
  readonly openChannel: (channel: NoticeChannel) => Promise<Channel>;
  readonly now: () => number;
}

const TRIAL_MS = 15 * SECOND_MS;
const EVENT_BYTES = 18;

export function createTryChannel(deps: TryChannelDeps): TryChannel {
  const { store, publicUrl, openChannel, now } = deps;

  async function send(channel: NoticeChannel): Promise<TrialResult> {
    const notice = {
      eventId: `msg_${randomText(EVENT_BYTES)}`,
      kind: "test",
      at: now(),
      ...OF_NO_CONVERSATION,
      link: publicUrl === undefined ? undefined : `${publicUrl}/dashboard`,
    } as const;
    try {
      const signal = AbortSignal.timeout(TRIAL_MS);
      const { says = "" } = await (await openChannel(channel)).send(notice, signal);
      return { isDelivered: true, says };
    } catch (error) {
      return { isDelivered: false, says: sentenceOf(toDeliveryError(error)) };
    }
  }

  return async (channel) => {
    const result = await send(channel);
    await store.noteTrial(channel, now(), result.isDelivered ? undefined : result.says);
    return result;
  };
}
