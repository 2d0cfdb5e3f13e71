import type { NoticeSettings } from "../config/notices.ts";
import { NOTICE_CHANNELS, type NoticeChannel } from "../conversation/notice-kinds.ts";
import type { ChannelState, NoticeStore, WantedNotice } from "../store/notice-store.ts";

/** The channels that are set up. */
export function channelsOf(notices: NoticeSettings): readonly NoticeChannel[] {
  return NOTICE_CHANNELS.filter((channel) => notices[channel] !== undefined);
}

/** Stands for the receiver of a channel, so that another one is known from it. No secret can be read from it. */
export function receiverOf(channel: NoticeChannel, notices: NoticeSettings): string {
  const { mail, webhook, ntfy, telegram } = notices;
  const address = {
    mail: mail?.to.join(),
    webhook: webhook?.url,
    ntfy: ntfy && `${ntfy.server}${ntfy.topic}`,
    telegram: telegram?.chat,
  }[channel];
  return new Bun.CryptoHasher("sha256").update(`${channel} ${address}`).digest("hex");
}

/** Whether the present receiver of a channel has asked for nothing more. */
export function isOff({ channel, off }: ChannelState, notices: NoticeSettings): boolean {
  return off !== undefined && off.address === receiverOf(channel, notices);
}

/** The channels that are off, or whose last attempt failed and that have more to send. */
export async function failingChannels(
  notices: NoticeSettings,
  store: Pick<NoticeStore, "channelStates">,
): Promise<readonly NoticeChannel[]> {
  const channels = channelsOf(notices);
  if (channels.length === 0) return [];
  const failing = (await store.channelStates()).filter((state) => {
    const { failedAt = 0, deliveredAt = 0, waiting } = state;
    return isOff(state, notices) || (waiting > 0 && failedAt > deliveredAt);
  });
  return channels.filter((channel) => failing.some((state) => state.channel === channel));
}

/** What becomes a notice, by the settings and by the receivers that want nothing more. */
export function wantedOf(
  notices: NoticeSettings,
  states: readonly ChannelState[],
): readonly WantedNotice[] {
  const off = states.filter((state) => isOff(state, notices)).map(({ channel }) => channel);
  return channelsOf(notices)
    .filter((channel) => !off.includes(channel))
    .flatMap((channel) => notices.events[channel].map((kind) => ({ channel, kind })));
}
