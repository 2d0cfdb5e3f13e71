import type { NoticeKind } from "../conversation/notice-kinds.ts";
import type { Message } from "../conversation/records.ts";
import type { Channel, Delivery } from "./channel.ts";
import type { Notice } from "./notice.ts";
import { failureOf, isSuccess, type Post } from "./post.ts";

interface WebhookDeps {
  readonly url: string;
  /** `whsec_…`, each of which signs. */
  readonly secrets: () => Promise<readonly string[]>;
  readonly post: Post;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Sends notices to the owner's own program, as Standard Webhooks 1.0 says (https://www.standardwebhooks.com). */
export function createWebhook({ url, secrets, post, now }: WebhookDeps): Channel {
  return {
    async send(notice, signal): Promise<Delivery> {
      const body = JSON.stringify(toEvent(notice));
      const timestamp = Math.floor(now() / 1000);
      const { eventId } = notice;
      const signatures = (await secrets()).map((secret) =>
        sign(secret, `${eventId}.${timestamp}.${body}`),
      );
      const headers = {
        "webhook-id": eventId,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": signatures.join(" "),
      };
      const answer = await post({ url, headers, body }, signal);
      if (!isSuccess(answer)) throw failureOf(answer);
      return { says: answer.says };
    },
  };
}

/**
 * What is sent: which conversation it is about, and no word of a visitor. A program that wants to know more asks the admin
 * API for it.
 */
function toEvent({ kind, at, conversation, turn, requests, budget, link }: Notice): object {
  return {
    type: kind,
    timestamp: new Date(at).toISOString(),
    data: {
      ...(conversation && { conversationId: conversation.id }),
      ...(turn && { turnId: turn.turnId }),
      ...(requests.length > 0 && { requestIds: requests.map(({ id }) => id) }),
      ...ABOUT_ANSWER[kind]?.(turn?.answer),
      ...budget,
      ...(link && { url: link }),
    },
  };
}

type About = (answer: Message | undefined) => object;

/** What a program wants to know of an answer at once, by the kind of the notice. */
const ABOUT_ANSWER: Readonly<Partial<Record<NoticeKind, About>>> = {
  "answer.failed": (answer) => ({ errorCode: answer?.errorCode }),
  "answer.rated": (answer) => ({
    rating: answer?.rating?.value,
    reasons: answer?.rating?.reasons ?? [],
  }),
};

/** @param secret `whsec_` and a key in base64 */
export function sign(secret: string, text: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return `v1,${new Bun.CryptoHasher("sha256", key).update(text).digest("base64")}`;
}
