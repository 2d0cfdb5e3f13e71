import type { PeopleHost } from "../people/contract.ts";
import type { LoadBeside } from "./beside.ts";
import type { Conversation } from "./conversation.ts";
import type { MenuItem } from "./menu.ts";
import type { Moments } from "./moments.ts";
import type { PanelSettings } from "./panel-settings.ts";
import type { Sentences } from "./sentences.ts";
import { withSources } from "./sources.ts";
import { endingOf, nameOf } from "./spoken-entry.ts";
import type { TranscriptMessage } from "./transcript.ts";

interface ChatMenuOptions {
  readonly t: Sentences;
  readonly title: string;
  readonly conversation: Conversation;
  readonly settings: PanelSettings;
  readonly moments: Moments;
  readonly focusInput: () => void;
  readonly load: LoadBeside;
  /** Its people's lines come first. */
  readonly host: PeopleHost;
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
      act: turning(() => conversation.goTo(sessionId)),
    }));
  const save = async () => {
    const messages = entries.map((entry): TranscriptMessage => {
      const { text, sources, time } = entry;
      const heading = `${nameOf(entry, title, t)}, ${moments.full(time)}`;
      return [heading, withSources(text, sources), endingOf(entry, t)];
    });
    (await options.load("extras")).saveTranscript?.(title, messages);
  };
  return [
    ...(options.host.people?.menu() ?? []),
    hasBegun && { text: t.fresh, act: turning(conversation.begin) },
    earlier.length > 0 && { text: t.earlier, act: listEarlier },
    hasBegun && { text: t.transcript, act: () => void save() },
    hasBegun && { text: t.erase, act: turning(conversation.erase) },
    settings.privacyUrl !== undefined && { text: t.privacy, href: settings.privacyUrl },
  ].flatMap((item) => item || []);
}
