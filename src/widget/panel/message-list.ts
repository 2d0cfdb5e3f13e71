import { COPY_ICON, DONE_ICON, element, icon, iconButton, setAria } from "../element.ts";
import type { Entry } from "./conversation.ts";
import { createMarkdownView } from "./markdown-view.ts";
import type { Sentences } from "./sentences.ts";
import { withoutHalfMark } from "./source-marks.ts";
import { createSourceList } from "./source-view.ts";
import { withSources } from "./sources.ts";

interface MessageList {
  readonly node: HTMLElement;
  render(entries: readonly Entry[], isLoading: boolean): void;
}

/** In pixels. A visitor who is closer to the end than this is reading the newest message. */
const NEAR_END = 60;
/** More new messages than one question and its answer are history, and are not read aloud. */
const MAX_ANNOUNCED = 2;
const COPIED_MS = 2000;

/**
 * The list of messages. Finished messages are in the log, which assistive technology announces. The answer
 * that is being written stands below the log and moves into it when complete, so no token is announced.
 */
export function createMessageList(
  t: Sentences,
  title: string,
  welcome: string,
  suggestions: HTMLElement,
): MessageList {
  const views = new Map<Entry, MessageView>();
  const log = element("div", { className: "log", role: "log" });
  const pending = element("div", { className: "pending" });
  const greeting: Entry = {
    role: "assistant",
    text: welcome,
    sources: new Map(),
    status: "streaming",
  };
  const node = element(
    "div",
    { className: "scroll", tabIndex: 0, role: "group", ariaLabel: title },
    createMessageView(greeting, t, title).node,
    log,
    pending,
    suggestions,
  );

  let isAtEnd = true;

  node.onscroll = () => {
    isAtEnd = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR_END;
  };

  function render(entries: readonly Entry[], isLoading: boolean): void {
    for (const [entry, view] of views) {
      if (entries.includes(entry)) continue;
      view.node.remove();
      views.delete(entry);
    }
    const added = entries.filter((entry) => !views.has(entry));
    setAria(log, "ariaLive", added.length > MAX_ANNOUNCED ? "off" : "polite");
    for (const entry of entries) {
      const view = views.get(entry) ?? createMessageView(entry, t, title);
      views.set(entry, view);
      view.update();
      const place = entry.status === "streaming" ? pending : log;
      if (view.node.parentNode !== place) place.append(view.node);
    }
    suggestions.hidden = isLoading || entries.length > 0;
    if (isAtEnd || added.length > 0) node.scrollTop = node.scrollHeight;
  }

  return { node, render };
}

interface MessageView {
  readonly node: HTMLElement;
  update(): void;
}

function createMessageView(entry: Entry, t: Sentences, title: string): MessageView {
  const isUser = entry.role === "user";
  const bubble = element("div", { className: "bubble" });
  const below = element("div");
  const meta = element("div", { className: "meta" });
  const node = element(
    "div",
    { className: `message ${entry.role}` },
    element("span", { className: "sr" }, `${isUser ? t.you : title}: `),
    bubble,
    below,
    meta,
  );
  const show = createMarkdownView(bubble, t);
  let shown: string | undefined;

  function update(): void {
    const { status, sources } = entry;
    const isWriting = status === "streaming";
    const text = isWriting && sources.size > 0 ? withoutHalfMark(entry.text) : entry.text;
    if (shown === status + text) return;
    shown = status + text;
    if (isUser) bubble.textContent = text;
    else show(text, sources);
    node.hidden = !text && status === "failed";
    if (!text && isWriting) bubble.append(dots(t.typing));
    meta.hidden = isUser || isWriting;
    if (meta.hidden) return;
    below.replaceChildren(createSourceList(sources, t));
    const ending = status === "stopped" ? t.stopped : status === "cut" ? t.cut : "";
    meta.replaceChildren(...(text ? [copyButton(withSources(text, sources), t)] : []), ending);
  }

  update();
  return { node, update };
}

function copyButton(text: string, t: Sentences): HTMLElement {
  const button = iconButton("copy", t.copy, COPY_ICON);
  const show = (path: string) => button.replaceChildren(icon(path));
  // Browsers offer no clipboard to pages without TLS.
  button.hidden = !navigator.clipboard;
  button.onclick = async () => {
    await navigator.clipboard.writeText(text);
    show(DONE_ICON);
    setTimeout(show, COPIED_MS, COPY_ICON);
  };
  return button;
}

function dots(label: string): HTMLElement {
  return element(
    "div",
    { className: "dots", role: "img", ariaLabel: label },
    element("i"),
    element("i"),
    element("i"),
  );
}
