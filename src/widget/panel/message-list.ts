import { element } from "../element.ts";
import { createAnnouncer } from "./announcer.ts";
import type { Entry } from "./conversation.ts";
import { copyButtons } from "./copy-button.ts";
import { createMarkdownView } from "./markdown-view.ts";
import { createMessageView, type MessageView } from "./message-view.ts";
import { move } from "./motion.ts";
import type { ReadingPlace } from "./reading-place.ts";
import { createScrollArea } from "./scroll-area.ts";
import type { Sentences } from "./sentences.ts";
import { spokenEntry } from "./spoken-entry.ts";

interface MessageList {
  readonly node: HTMLElement;
  render(entries: readonly Entry[], isLoading: boolean): void;
  /** Where the reader is. */
  readonly place: ReadingPlace;
}

interface MessageListOptions {
  readonly t: Sentences;
  readonly title: string;
  readonly welcome: string;
  readonly suggestions: HTMLElement;
  /** Those that need not be announced any more. */
  readonly announced: WeakSet<Entry>;
  readonly signal: AbortSignal;
}

/** More new messages than one question and its answer are history, and are not read aloud. */
const MAX_ANNOUNCED = 2;
const COMING_MS = 160;
/** Whoever cannot see that an answer is on its way is told when it has not begun by then. */
const PATIENCE_MS = 1500;

/** The list of messages. Assistive technology announces each once it has ended, so no token is announced. */
export function createMessageList(options: MessageListOptions): MessageList {
  const { t, title, welcome, suggestions, announced, signal } = options;
  const views = new Map<Entry, MessageView>();
  const announcer = createAnnouncer(signal);
  const createCopyButton = copyButtons(t, announcer);
  const log = element("div", { className: "log" });
  const content = element("div", {}, log, suggestions);
  const area = createScrollArea(content, title, t, signal);
  const bubble = element("div", { className: "bubble" });
  createMarkdownView(bubble, t, createCopyButton)(welcome, new Map(), false);
  const speaker = element("h3", { className: "sr" }, title);
  log.before(element("div", { className: "message assistant" }, speaker, bubble));

  function viewOf(entry: Entry, isHistory: boolean): MessageView {
    const old = views.get(entry);
    if (old) return old;
    const view = createMessageView(entry, nameOf(entry), t, createCopyButton);
    views.set(entry, view);
    log.append(view.node);
    if (!isHistory && !announced.has(entry)) move(view.node, COMING_MS);
    if (entry.status === "streaming" && !entry.text) setTimeout(sayWriting, PATIENCE_MS, entry);
    return view;
  }

  function nameOf({ role }: Entry): string {
    return role === "user" ? t.you : title;
  }

  function sayWriting(entry: Entry): void {
    const isWaiting = views.has(entry) && entry.status === "streaming" && !entry.text;
    if (isWaiting && !signal.aborted) announcer.say(t.typing);
  }

  /** @param isHistory what has been said before is not said again */
  function announce(entry: Entry, isHistory: boolean): void {
    if (entry.status === "streaming" || announced.has(entry)) return;
    announced.add(entry);
    const spoken = isHistory ? "" : spokenEntry(entry, t);
    if (spoken) announcer.say(`${nameOf(entry)}: ${spoken}`);
  }

  function render(entries: readonly Entry[], isLoading: boolean): void {
    for (const [entry, view] of views) {
      if (entries.includes(entry)) continue;
      view.node.remove();
      views.delete(entry);
    }
    const isHistory = entries.filter((entry) => !views.has(entry)).length > MAX_ANNOUNCED;
    for (const entry of entries) {
      viewOf(entry, isHistory).update();
      announce(entry, isHistory);
    }
    suggestions.hidden = isLoading || entries.length > 0;
  }

  const node = element("div", { className: "list" }, ...area.nodes, announcer.node);
  return { node, render, place: area.place };
}
