import type { Entry } from "./conversation.ts";
import { COPY_ICON, DONE_ICON, element, icon, iconButton } from "./element.ts";
import type { Sentences } from "./language.ts";
import { createMarkdownView } from "./markdown-view.ts";

export interface MessageList {
  readonly node: HTMLElement;
  render(entries: readonly Entry[], isLoading: boolean): void;
}

interface MessageListOptions {
  readonly t: Sentences;
  readonly title: string;
  readonly welcome: string;
  readonly suggestions: readonly string[];
  readonly onSuggestion: (text: string) => void;
}

/** Closer to the end than this counts as reading the newest, in pixels. */
const NEAR_END = 60;
/** More new messages than a question and its answer are history, which nobody wants read aloud. */
const MAX_ANNOUNCED = 2;
const COPIED_MS = 2000;

/**
 * The messages. Finished ones are in the log, which assistive technology announces; the answer that is
 * being written stands below it and moves in when it is complete, so that no token is announced.
 */
export function createMessageList(options: MessageListOptions): MessageList {
  const { t, title, welcome, suggestions, onSuggestion } = options;
  const views = new Map<Entry, MessageView>();
  const log = element("div", { className: "log", role: "log", "aria-relevant": "additions" });
  const pending = element("div", { className: "pending" });
  const greeting = element("div", { className: "bubble", dir: "auto" });
  createMarkdownView(greeting)(welcome);
  const chips = suggestions.map((text) => {
    const onclick = () => onSuggestion(text);
    return element(
      "button",
      { className: "suggestion", type: "button", dir: "auto", onclick },
      text,
    );
  });
  const suggestionBox = element("div", { className: "suggestions" }, ...chips);
  const loading = element("div", { className: "message" }, dots(t.typing));
  const node = element(
    "div",
    { className: "scroll", tabIndex: 0, role: "group", "aria-label": title },
    element("div", { className: "message" }, greeting),
    log,
    pending,
    loading,
    suggestionBox,
  );

  function render(entries: readonly Entry[], isLoading: boolean): void {
    const isAtEnd = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR_END;
    for (const [entry, view] of views) {
      if (entries.includes(entry)) continue;
      view.node.remove();
      views.delete(entry);
    }
    const added = entries.filter((entry) => !views.has(entry));
    log.setAttribute("aria-live", added.length > MAX_ANNOUNCED ? "off" : "polite");
    for (const entry of entries) {
      const view = views.get(entry) ?? createMessageView(entry, t, title);
      views.set(entry, view);
      view.update();
      const place = entry.status === "streaming" ? pending : log;
      if (view.node.parentNode !== place) place.append(view.node);
    }
    loading.hidden = !isLoading;
    suggestionBox.hidden = entries.length > 0 || isLoading || suggestions.length === 0;
    const isOwnNew = added.some(({ role }) => role === "user");
    if (isAtEnd || isOwnNew) node.scrollTop = node.scrollHeight;
  }

  return { node, render };
}

interface MessageView {
  readonly node: HTMLElement;
  update(): void;
}

function createMessageView(entry: Entry, t: Sentences, title: string): MessageView {
  const isUser = entry.role === "user";
  const bubble = element("div", { className: "bubble", dir: "auto" });
  const speaker = element("span", { className: "sr" }, `${isUser ? t.you : title}: `);
  const node = element("div", { className: isUser ? "message user" : "message" }, speaker, bubble);
  if (isUser) bubble.textContent = entry.text;
  if (isUser) return { node, update: () => undefined };

  const show = createMarkdownView(bubble);
  const waiting = dots(t.typing);
  let shown = "";

  function update(): void {
    const { text, status } = entry;
    if (shown === status + text) return;
    shown = status + text;
    const isWaiting = text === "" && status === "streaming";
    node.querySelector(".meta")?.remove();
    bubble.hidden = text === "" && !isWaiting;
    waiting.remove();
    if (!isWaiting) show(text);
    else {
      show("");
      bubble.append(waiting);
    }
    if (status !== "streaming") node.append(meta(entry, t));
  }

  return { node, update };
}

/** What stands under a finished answer: how it ended, and a button to copy it. */
function meta({ text, status }: Entry, t: Sentences): HTMLElement {
  const endings: Partial<Record<Entry["status"], string>> = {
    stopped: t.stopped,
    cut: t.cut,
    failed: t.down,
  };
  return element(
    "div",
    { className: "meta" },
    text ? copyButton(text, t) : undefined,
    endings[status],
  );
}

function copyButton(text: string, t: Sentences): HTMLElement | undefined {
  // Pages without TLS have no clipboard.
  if (!navigator.clipboard) return undefined;
  const button = iconButton("copy", t.copy, COPY_ICON);
  button.onclick = async () => {
    // What the visitor's browser does not allow stays undone.
    await navigator.clipboard.writeText(text).then(
      () => show(DONE_ICON),
      () => undefined,
    );
    setTimeout(show, COPIED_MS, COPY_ICON);
  };
  const show = (path: string) => button.replaceChildren(icon(path));
  return button;
}

function dots(label: string): HTMLElement {
  const parts = [1, 2, 3].map(() => element("i"));
  return element("div", { className: "dots", role: "img", "aria-label": label }, ...parts);
}
