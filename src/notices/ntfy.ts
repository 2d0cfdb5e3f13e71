import type { NtfySettings } from "../config/notices.ts";
import type { NoticeKind } from "../conversation/notice-kinds.ts";
import type { Channel, Delivery } from "./channel.ts";
import { budgetText, titleOf, wordsOf } from "./notice-words.ts";
import type { Notice } from "./notice.ts";
import { failureOf, isSuccess, type Post } from "./post.ts";

/** Whoever reads the topic reads it, so it is an excerpt, without the visitor's address. */
const MAX_WORDS = 300;
/** Of ntfy's five. `high` also rings. */
const HIGH = 4;
const USUAL = 3;

/** What ntfy shows beside the title, by its own names (https://docs.ntfy.sh/emojis). */
const TAGS: Readonly<Partial<Record<NoticeKind, string>>> = {
  "handoff.requested": "raising_hand",
  "visitor.wrote": "speech_balloon",
  "answer.failed": "warning",
  "question.unanswered": "question",
  "budget.warning": "moneybag",
  "budget.reached": "moneybag",
};

/** For these, a phone rings. */
const RINGING: ReadonlySet<NoticeKind> = new Set([
  "handoff.requested",
  "visitor.wrote",
  "budget.reached",
]);

/** Sends notices to a phone by ntfy (https://docs.ntfy.sh/publish/#publish-as-json). */
export function createNtfy({ server, topic, token }: NtfySettings, post: Post): Channel {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    async send(notice, signal): Promise<Delivery> {
      const body = JSON.stringify({ topic, ...toMessage(notice) });
      const answer = await post({ url: server, headers, body }, signal);
      if (!isSuccess(answer)) throw failureOf(answer);
      return {};
    },
  };
}

function toMessage(notice: Notice): object {
  const { kind, link } = notice;
  const tag = TAGS[kind];
  const isUrgent = RINGING.has(kind);
  return {
    title: titleOf(notice),
    message:
      budgetText(notice) ?? (wordsOf(notice, MAX_WORDS) || "Notices of your chat arrive here."),
    priority: isUrgent ? HIGH : USUAL,
    ...(tag && { tags: [tag] }),
    ...(link && { click: link, actions: [{ action: "view", label: "Open", url: link }] }),
  };
}
