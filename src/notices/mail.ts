import { type MailSettings, toMailbox } from "../config/mail.ts";
import type { Message } from "../conversation/records.ts";
import type { LocalDays } from "../runtime/local-days.ts";
import type { Channel, Delivery } from "./channel.ts";
import type { SubmitMail } from "./mail-server.ts";
import { mailTextOf, type MailWords, subjectOf } from "./mail-text.ts";
import { addressOf } from "./notice-words.ts";
import type { Notice } from "./notice.ts";

interface MailDeps {
  readonly submit: SubmitMail;
  /** The newest messages of a conversation, the oldest of them first. */
  readonly messagesOf: (conversationId: string) => Promise<readonly Message[]>;
  /** The subject and the text of a weekly summary. */
  readonly summaryAt: (at: number, link: string | undefined) => Promise<MailWords>;
  /** By which times are shown. */
  readonly days: LocalDays;
}

/**
 * An out-of-office note of the owner must not go to whatever address a visitor has typed (RFC 3834, and the same for
 * Microsoft Exchange).
 */
const NO_AUTOMATIC_ANSWERS = {
  "Auto-Submitted": "auto-generated",
  "X-Auto-Response-Suppress": "All",
};

/**
 * Sends notices by mail, to the owner's addresses only. What a visitor wrote is in the text and in the subject, and his
 * address is where an answer goes; nothing else of a mail is his.
 */
export function createMail({ from, to }: Omit<MailSettings, "url">, deps: MailDeps): Channel {
  const sender = toMailbox(from);
  const host = sender.address.slice(sender.address.lastIndexOf("@") + 1);

  async function wordsOf(notice: Notice): Promise<MailWords> {
    const { kind, at, link, conversation } = notice;
    if (kind === "summary.weekly") return deps.summaryAt(at, link);
    const messages = conversation === undefined ? [] : await deps.messagesOf(conversation.id);
    return { subject: subjectOf(notice), text: mailTextOf(notice, messages, deps.days) };
  }

  return {
    async send(notice, signal): Promise<Delivery> {
      const { eventId, conversation } = notice;
      const address = addressOf(notice);
      // No mail has this id, but all of a conversation refer to it: so they are one thread.
      const thread = conversation && `<${conversation.id}@${host}>`;
      const mail = {
        ...(await wordsOf(notice)),
        from: { ...sender },
        to: [...to],
        envelope: { from: sender.address, to: [...to] },
        // The same in every attempt, so that a mail that arrives twice is shown once.
        messageId: `<${eventId}@${host}>`,
        ...(thread && { inReplyTo: thread, references: thread }),
        ...(address !== undefined && { replyTo: { name: "", address } }),
        headers: NO_AUTOMATIC_ANSWERS,
      };
      const { refused, says } = await deps.submit(mail, signal);
      const without = refused.length === 0 ? "" : ` It refuses: ${refused.join(", ")}.`;
      return { says: `${says}${without}` };
    },
  };
}
