import type { Conversation } from "./conversation.ts";
import type { MenuItem } from "./menu.ts";
import type { Moments } from "./moments.ts";
import type { PanelSettings } from "./panel-settings.ts";
import type { Sentences } from "./sentences.ts";
import { download, transcriptOf } from "./transcript.ts";

interface ChatMenuOptions {
  readonly t: Sentences;
  readonly title: string;
  readonly conversation: Conversation;
  readonly settings: PanelSettings;
  readonly moments: Moments;
  readonly focusInput: () => void;
}

/** What the menu of the chat has at this moment. */
export function chatMenu(options: ChatMenuOptions): MenuItem[] {
  const { t, title, conversation, settings, moments, focusInput } = options;
  const entries = conversation.entries();
  const hasBegun = entries.length > 0;
  const earlier = conversation.earlier();
  const turning = (turn: () => void) => () => {
    turn();
    focusInput();
  };
  const listEarlier = () =>
    earlier.map(({ sessionId, question = "" }) => ({
      text: question,
      pick: turning(() => conversation.goTo(sessionId)),
    }));
  const transcript = () => {
    const day = new Date().toISOString().slice(0, 10);
    download(`chat-${day}.md`, transcriptOf(entries, title, t, moments));
  };
  return [
    hasBegun && { text: t.fresh, pick: turning(conversation.begin) },
    earlier.length > 0 && { text: t.earlier, pick: listEarlier },
    hasBegun && { text: t.transcript, pick: transcript },
    hasBegun && { text: t.erase, pick: turning(conversation.erase) },
    settings.privacyUrl !== undefined && { text: t.privacy, href: settings.privacyUrl },
  ].flatMap((item) => item || []);
}
