import { element, END_ICON, icon, setAria } from "../element.ts";
import { parseMarkdown } from "../markdown/parse.ts";
import { plainText } from "../markdown/plain-text.ts";
import { createAnnouncer } from "./announcer.ts";
import type { Entry } from "./conversation.ts";
import { copyButtons } from "./copy-button.ts";
import { createMarkdownView } from "./markdown-view.ts";
import { createMessageView, type MessageView } from "./message-view.ts";
import { createReadingPlace } from "./reading-place.ts";
import type { Sentences } from "./sentences.ts";

interface MessageList {
  readonly node: HTMLElement;
  render(entries: readonly Entry[], isLoading: boolean): void;
  /** Shows the newest message, wherever the reader is. */
  toEnd(): void;
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
  const scroll = element(
    "div",
    { className: "scroll", tabIndex: 0, role: "group", ariaLabel: title },
    content,
  );
  const newText = element("span", {}, t.newText);
  const button = element("button", { className: "end", hidden: true }, icon(END_ICON), newText);
  const place = createReadingPlace({
    node: scroll,
    content,
    signal,
    onChange(isAway, hasNewText) {
      if (!isAway && button.matches(":focus")) scroll.focus();
      button.hidden = !isAway;
      setAria(button, "ariaLabel", hasNewText ? t.newText : t.toEnd);
      newText.hidden = !hasNewText;
    },
  });
  button.onclick = place.breakOffToEnd;
  const bubble = element("div", { className: "bubble" });
  createMarkdownView(bubble, t, createCopyButton)(welcome, new Map(), false);
  const speaker = element("h3", { className: "sr" }, title);
  log.before(element("div", { className: "message assistant" }, speaker, bubble));

  function viewOf(entry: Entry): MessageView {
    const old = views.get(entry);
    if (old) return old;
    const view = createMessageView(entry, nameOf(entry), t, createCopyButton);
    views.set(entry, view);
    log.append(view.node);
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
    const { role, text, status, sources } = entry;
    if (isHistory) return;
    const said = role === "user" ? text : plainText(parseMarkdown(text, { sources }));
    const ending = status === "stopped" ? t.stopped : status === "cut" ? t.cut : "";
    const whole = [said, ending].filter(Boolean).join("\n");
    if (whole) announcer.say(`${nameOf(entry)}: ${whole}`);
  }

  function render(entries: readonly Entry[], isLoading: boolean): void {
    for (const [entry, view] of views) {
      if (entries.includes(entry)) continue;
      view.node.remove();
      views.delete(entry);
    }
    const isHistory = entries.filter((entry) => !views.has(entry)).length > MAX_ANNOUNCED;
    for (const entry of entries) {
      viewOf(entry).update();
      announce(entry, isHistory);
    }
    suggestions.hidden = isLoading || entries.length > 0;
  }

  const node = element("div", { className: "list" }, scroll, button, announcer.node);
  return { node, render, toEnd: place.toEnd };
}
