import { loadOnce } from "../runtime/load-once.ts";
import type { NoticeStore } from "./notice-store.ts";

interface LazyNoticesParts {
  readonly load: () => Promise<NoticeStore>;
  /** Whether any event is wanted. */
  readonly wantsAny: () => Promise<boolean>;
}

/** A store whose code is loaded by the first call that needs it: without a channel, that is never. */
export function createLazyNotices({ load, wantsAny }: LazyNoticesParts): NoticeStore {
  const notices = loadOnce(load);

  return {
    async wantNotices(wanted) {
      if (wanted.length === 0 && !(await wantsAny())) return;
      await (await notices()).wantNotices(wanted);
    },
    addNotice: async (...all) => (await notices()).addNotice(...all),
    claimNotices: async (...all) => (await notices()).claimNotices(...all),
    endAttempt: async (...all) => (await notices()).endAttempt(...all),
    nextNoticeAt: async (...all) => (await notices()).nextNoticeAt(...all),
    channelStates: async (...all) => (await notices()).channelStates(...all),
    noteTrial: async (...all) => (await notices()).noteTrial(...all),
    switchChannelOff: async (...all) => (await notices()).switchChannelOff(...all),
    switchChannelOn: async (...all) => (await notices()).switchChannelOn(...all),
    listGivenUp: async (...all) => (await notices()).listGivenUp(...all),
    sendAgain: async (...all) => (await notices()).sendAgain(...all),
    findReceipt: async (...all) => (await notices()).findReceipt(...all),
    forgetNotices: async (...all) => (await notices()).forgetNotices(...all),
  };
}
