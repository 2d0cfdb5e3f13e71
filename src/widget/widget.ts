import { createAdvice } from "./advice.ts";
import { createApiClient } from "./api-client.ts";
import { createComposer } from "./composer.ts";
import { createConversation, type Notice } from "./conversation.ts";
import { createDisclosure } from "./disclosure.ts";
import { element } from "./element.ts";
import { addHost } from "./host.ts";
import { sentencesOf } from "./language.ts";
import { createMessageList } from "./message-list.ts";
import { createNoticeBar } from "./notice-bar.ts";
import { createPanel } from "./panel.ts";
import { createSessionKeeper } from "./session.ts";
import type { Settings } from "./settings.ts";
import { recall, remember } from "./storage.ts";
import { followTheme } from "./theme.ts";

/** `window.Chatporch`, for the page. */
export interface WidgetApi {
  open(): void;
  close(): void;
  toggle(): void;
  /**
   * Opens the panel and asks, after the answers under way. An `error` event with the code `not_sent` means
   * that the text was refused: it is empty or too long, too many wait, or the widget has no server or key.
   */
  send(text: string): void;
  /** Begins a new conversation. */
  reset(): void;
  /**
   * Listens to `open`, `close`, `message` (`{role, text}`: a question, or an answer that has ended) or
   * `error` (`{code}`). Returns a function that removes the listener.
   */
  on(event: string, listener: (detail: unknown) => void): () => void;
}

export interface Widget {
  readonly host: HTMLElement;
  readonly api: WidgetApi;
  /** Removes everything: elements, listeners, timers and connections. */
  dispose(): void;
}

/** The time between two renderings of a streaming answer, in milliseconds. */
const FRAME_MS = 33;
/** Stores for this tab, from page to page, whether the visitor has the panel open. */
const OPEN = "chatporch:open";

/** Builds the widget and puts its parts together. */
export function createWidget(settings: Settings, styles: string): Widget {
  const { apiUrl, apiKey, language, position, fatal } = settings;
  const t = sentencesOf(language);
  const title = settings.title ?? t.title;
  const advice = createAdvice(apiUrl);
  const sessions = createSessionKeeper(apiUrl);
  const events = new EventTarget();
  const ending = new AbortController();
  const { signal } = ending;
  const problems = [...settings.problems];
  let frame = 0;

  function emit(type: string, detail?: unknown): void {
    events.dispatchEvent(new CustomEvent(type, { detail }));
  }

  const conversation = createConversation(createApiClient(apiUrl, apiKey, sessions), sessions, {
    onChange: () => {
      frame ||= setTimeout(render, FRAME_MS);
    },
    onMessage: ({ role, text }) => emit("message", { role, text }),
    onFailure: (failure) => {
      advice.onFailure(failure);
      emit("error", { code: failure.message });
    },
  });
  const send = (text: string) => !fatal && conversation.send(text);

  const notice = createNoticeBar(t);
  const composer = createComposer(
    t,
    settings.inputPlaceholder ?? t.placeholder,
    (text) => !conversation.isLoading() && send(text),
    conversation.stop,
  );
  const suggestions = createSuggestions(settings.suggestions, (text) => {
    send(text);
    composer.focus();
  });
  const list = createMessageList(t, title, settings.welcomeMessage ?? t.welcome, suggestions);
  const dir = language === "ar" ? "rtl" : "ltr";
  const root = element("div", { className: `root ${position}`, lang: language, dir });
  const panel = createPanel({
    t,
    title,
    root,
    signal,
    content: [list.node, notice.node, composer.node, createDisclosure(t, settings)],
    focusInput: composer.focus,
    onReset: conversation.reset,
    onToggle: (isOpen) => {
      remember("sessionStorage", OPEN, isOpen);
      if (isOpen && !fatal) conversation.load();
      render();
      emit(isOpen ? "open" : "close");
    },
  });

  /** A problem that stops the chat comes first. A wrong setting comes last, and only before the first message. */
  function currentNotice(): Notice | undefined {
    if (fatal) return { kind: "down", detail: fatal };
    if (!navigator.onLine) return { kind: "offline" };
    const isNew = !conversation.entries().length;
    const doubt: Notice | undefined =
      isNew && problems[0] ? { kind: "title", detail: problems[0] } : undefined;
    return conversation.notice() ?? doubt;
  }

  function render(): void {
    clearTimeout(frame);
    frame = 0;
    const entries = conversation.entries();
    panel.render(entries.length > 0);
    notice.render(currentNotice());
    composer.render(conversation.isAnswering(), !fatal);
    list.render(entries, conversation.isLoading());
  }

  root.append(panel.node, panel.launcher);
  const host = addHost(root, styles, settings.zIndex);

  if (fatal) advice.onSetting(fatal, true);
  if (!followTheme(root, settings, signal)) problems.push("data-accent-color");
  for (const attribute of problems) advice.onSetting(attribute);
  for (const type of ["online", "offline"]) addEventListener(type, render, { signal });
  render();
  if (recall("sessionStorage", OPEN) ?? settings.isOpen) panel.open(false);

  return {
    host,
    api: {
      open: () => panel.open(),
      close: panel.close,
      toggle: () => (panel.isOpen() ? panel.close() : panel.open()),
      send(text) {
        panel.open();
        if (!send(`${text}`)) emit("error", { code: "not_sent" });
      },
      reset: conversation.reset,
      on(event, listener) {
        const listen = (each: Event) => listener((each as CustomEvent).detail);
        events.addEventListener(event, listen);
        return () => events.removeEventListener(event, listen);
      },
    },
    dispose() {
      ending.abort();
      clearTimeout(frame);
      conversation.dispose();
      host.remove();
    },
  };
}

/** Buttons that each ask a question. */
function createSuggestions(texts: readonly string[], onPick: (text: string) => void): HTMLElement {
  const buttons = texts.map((text) => {
    const onclick = () => onPick(text);
    return element("button", { className: "suggestion", dir: "auto", onclick }, text);
  });
  return element("div", { className: "suggestions" }, ...buttons);
}
