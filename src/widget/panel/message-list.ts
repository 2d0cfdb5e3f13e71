import { element, setAria } from "../element.ts";
import type { Message } from "../people/contract.ts";
import { answerActions } from "./actions.ts";
import { type Announcer, createAnnouncer } from "./announcer.ts";
import type { LoadBeside } from "./beside.ts";
import type { Colours } from "./colours.ts";
import { copyButtons } from "./copy-button.ts";
import type { Entry } from "./entry.ts";
import { createMarkdownView } from "./markdown-view.ts";
import { createMessageView, createSigns, type MessageView } from "./message-view.ts";
import type { Moments } from "./moments.ts";
import { move } from "./motion.ts";
import type { ReadingPlace } from "./reading-place.ts";
import { createScrollArea } from "./scroll-area.ts";
import type { Sentences } from "./sentences.ts";
import { nameOf, spokenEntry } from "./spoken-entry.ts";

interface MessageList {
  readonly node: HTMLElement;
  render(entries: readonly Entry[], isLoading: boolean): void;
  /** Where the reader is. */
  readonly place: ReadingPlace;
  /** Below the messages. */
  readonly end: HTMLElement;
  readonly views: ReadonlyMap<Message, MessageView>;
  readonly announcer: Announcer;
}

interface MessageListOptions {
  readonly t: Sentences;
  readonly title: string;
  readonly welcome: string;
  readonly suggestions: HTMLElement;
  readonly moments: Moments;
  readonly colours: Colours;
  readonly load: LoadBeside;
  /** Asks the last question once more. */
  readonly onAskAgain: () => void;
  /** Those that need not be announced any more. */
  readonly announced: WeakSet<Entry>;
  readonly signal: AbortSignal;
}

/** More new messages than one question and its answer are history, and are not read aloud. */
const MAX_ANNOUNCED = 2;
const COMING_MS = 160;
/** Whoever cannot see that an answer is on its way is told when it has not begun by then. */
const PATIENCE_MS = 1500;
/** A greeting whose first line has more characters is text rather than a headline. */
const LONG_GREETING = /^.{91}/;
/** Whoever sees that somebody writes wonders by then whether that is true. */
const LONG_PATIENCE_MS = 6000;

/** The list of messages. Assistive technology announces each once it has ended, so no token is announced. */
export function createMessageList(options: MessageListOptions): MessageList {
  const { t, title, welcome, suggestions, announced, moments, colours, signal } = options;
  const views = new Map<Message, MessageView>();
  const announcer = createAnnouncer();
  const createCopyButton = copyButtons(t, announcer);
  const actions = answerActions(t, createCopyButton, options.onAskAgain);
  const log = element("div", { className: "log" });
  const skeleton = createSigns("skeleton");
  let isHidden = true;
  const end = element("div");
  const content = element("div", {}, skeleton, log, end, suggestions);
  const area = createScrollArea(content, title, t, signal);
  const size = LONG_GREETING.test(welcome) ? " long" : "";
  const bubble = element("div", { className: `bubble${size}` });
  const greet = createMarkdownView(bubble, t, createCopyButton, colours);
  const speaker = element("h3", { className: "sr" }, title);
  skeleton.before(element("div", { className: "message assistant welcome" }, speaker, bubble));

  function viewOf(entry: Entry, before: Entry | undefined, isHistory: boolean): MessageView {
    const old = views.get(entry);
    if (old) return old;
    const name = nameOf(entry, title, t);
    const view = createMessageView({ ...options, entry, name, createCopyButton, actions });
    const isOtherDay = moments.day(entry.time) !== moments.day(before?.time ?? Date.now());
    if (isOtherDay)
      view.node.prepend(element("div", { className: "day" }, moments.day(entry.time)));
    views.set(entry, view);
    if (!isHistory && !announced.has(entry)) move(view.node, COMING_MS);
    if (isWaiting(entry)) {
      setTimeout(sayWriting, PATIENCE_MS, entry, t.typing);
      setTimeout(sayWriting, LONG_PATIENCE_MS, entry, t.thinking);
    }
    return view;
  }

  function sayWriting(entry: Entry, sentence: string): void {
    if (!isWaiting(entry) || signal.aborted) return;
    announcer.say(sentence);
    if (sentence === t.thinking) views.get(entry)?.explain(sentence);
  }

  function sayLoading(): void {
    if (!isHidden && !signal.aborted) announcer.say(t.loading);
  }

  /** @param isHistory what has been said before is not said again */
  function announce(entry: Entry, isHistory: boolean): void {
    if (/streaming|waiting/.test(entry.status) || announced.has(entry)) return;
    announced.add(entry);
    const spoken = isHistory ? "" : spokenEntry(entry, t);
    if (spoken) announcer.say(`${nameOf(entry, title, t)}: ${spoken}`);
  }

  function render(entries: readonly Entry[], isLoading: boolean): void {
    // Again, because colours of code may have come.
    greet(welcome, new Map(), false);
    for (const [entry, view] of views) {
      if ((entries as readonly Message[]).includes(entry)) continue;
      view.node.remove();
      views.delete(entry);
    }
    const isHistory = entries.filter((entry) => !views.has(entry)).length > MAX_ANNOUNCED;
    for (const [at, entry] of entries.entries()) {
      const { node, update } = viewOf(entry, entries[at - 1], isHistory);
      update();
      // One that is there stays where it is: what is selected in it or has the focus stays so.
      if (log.children[at] !== node) log.insertBefore(node, log.children[at] ?? null);
      announce(entry, isHistory);
    }
    const isFirst = !isLoading && !entries[0];
    content.className = isFirst ? "first" : "";
    suggestions.hidden = !isFirst;
    skeleton.hidden = !isLoading || entries.some(({ status }) => status !== "waiting");
    if (skeleton.hidden === isHidden) return;
    isHidden = skeleton.hidden;
    setAria(log, "ariaBusy", !isHidden);
    if (!isHidden) setTimeout(sayLoading, PATIENCE_MS);
  }

  const node = element("div", { className: "list" }, ...area.nodes, announcer.node);
  return {
    node,
    render,
    place: area.place,
    end,
    views,
    announcer,
  };
}

function isWaiting({ status, text }: Entry): boolean {
  return status === "streaming" && !text;
}
