import type { Config } from "../config/config.ts";
import type { NoticeChannel } from "../conversation/notice-kinds.ts";
import { sentenceOf, toDeliveryError } from "../notices/attempt.ts";
import { channelsOf } from "../notices/set-up.ts";
import { printable } from "./printable.ts";
import type { Finding } from "./report.ts";

/** Looks whether the receiver of a channel is there, and throws DeliveryError where it is not. */
export type ProbeChannel = (name: NoticeChannel, signal: AbortSignal) => Promise<string>;

const SUBJECTS: Readonly<Record<NoticeChannel, string>> = {
  mail: "mail",
  webhook: "webhook",
  ntfy: "ntfy",
  telegram: "Telegram",
};
const TIMEOUT_MS = 15_000;
const MEND =
  "Notices are tried again for three days, and then given up. Settings › Notices says more, and has a test.";

/** Looks at each channel that is set up, all at once. Sends no notice. */
export function checkNotices(
  { notices }: Pick<Config, "notices">,
  probe: ProbeChannel,
): Promise<Finding[]> {
  return Promise.all(channelsOf(notices).map((name) => checkChannel(name, probe)));
}

async function checkChannel(name: NoticeChannel, probe: ProbeChannel): Promise<Finding> {
  const subject = SUBJECTS[name];
  try {
    return { mark: "ok", subject, says: await probe(name, AbortSignal.timeout(TIMEOUT_MS)) };
  } catch (error) {
    const says = printable(sentenceOf(toDeliveryError(error)));
    return { mark: "wrong", subject, says, mend: MEND };
  }
}
