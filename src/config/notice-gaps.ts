import { NOTICE_CHANNELS, type NoticeEvent } from "../conversation/notice-kinds.ts";
import type { NoticeSettings } from "./notices.ts";

/** Whether the owner hears of an event outside of the dashboard. */
export function isReported(event: NoticeEvent, notices: NoticeSettings): boolean {
  return NOTICE_CHANNELS.some(
    (channel) => notices[channel] !== undefined && notices.events[channel].includes(event),
  );
}

/** The settings without which a channel sends nothing, although others of it are set. */
export function missingSettings({ parts }: NoticeSettings): string[] {
  const { smtp, mailFrom, mailTo, telegramToken, telegramChat } = parts;
  return [
    ...missingOf({
      SMTP_URL: smtp !== undefined,
      MAIL_FROM: mailFrom !== undefined,
      MAIL_TO: mailTo.length > 0,
    }),
    ...missingOf({
      TELEGRAM_TOKEN: telegramToken !== undefined,
      TELEGRAM_CHAT: telegramChat !== undefined,
    }),
  ];
}

/** @param settings of a channel: whether each is set */
function missingOf(settings: Readonly<Record<string, boolean>>): string[] {
  const missing = Object.keys(settings).filter((name) => !settings[name]);
  return Object.values(settings).includes(true) ? missing : [];
}
