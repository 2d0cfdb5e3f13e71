import { createAdvice } from "./advice.ts";
import { createApiClient } from "./api-client.ts";
import { createComposer } from "./composer.ts";
import { Conversation, type Notice } from "./conversation.ts";
import { element } from "./element.ts";
import { createEmitter } from "./events.ts";
import { directionOf, sentencesOf } from "./language.ts";
import { createMessageList } from "./message-list.ts";
import { createNoticeBar } from "./notice-bar.ts";
import { createOpenMemory } from "./open-memory.ts";
import { createPanel } from "./panel.ts";
import { createSessionKeeper } from "./session.ts";
import type { SettingProblem, Settings } from "./settings.ts";
import { STYLES } from "./styles.ts";
import { paint, readColour } from "./theme.ts";

/** `window.Chatporch`, for the page. */
export interface WidgetApi {
  open(): void;
  close(): void;
  toggle(): void;
  /** Opens the panel and asks. */
  send(text: string): void;
  /** Begins a new conversation. */
  reset(): void;
  /** Listens to `open`, `close`, `message` or `error`; returns a function that ends it. */
  on(event: string, listener: (detail: unknown) => void): () => void;
}

export interface Widget {
  readonly host: HTMLElement;
  readonly api: WidgetApi;
  /** Takes everything away: elements, listeners, timers and connections. */
  dispose(): void;
}

/** Streaming answers are drawn at this pace, in milliseconds. */
const FRAME_MS = 33;
/** Inline and important, so that no rule of the page moves or hides it. */
const HOST_STYLE = [
  "all: initial",
  "position: fixed",
  "inset: auto 0 0 auto",
  "width: 0",
  "height: 0",
];

/** Builds the widget and puts its parts together. */
export function createWidget(settings: Settings, problems: readonly SettingProblem[]): Widget {
  const { apiUrl = "", apiKey = "", language, position, theme } = settings;
  const t = sentencesOf(language);
  const title = settings.title ?? t.title;
  const advice = createAdvice(apiUrl);
  const emitter = createEmitter();
  const sessions = createSessionKeeper(apiUrl);
  const memory = createOpenMemory(apiUrl);
  let isUnread = false;
  let frame = 0;

  for (const problem of problems) advice.onSetting(problem);
  const conversation = new Conversation({
    api: createApiClient({ apiUrl, apiKey, sessions }),
    sessions,
    wrongSetting: problems.find(({ isFatal }) => isFatal)?.name,
    onChange: () => {
      frame ||= window.setTimeout(render, FRAME_MS);
    },
    onMessage: ({ role, text }) => {
      isUnread ||= role === "assistant";
      emitter.emit("message", { role, text });
    },
    onFailure: (failure) => {
      advice.onFailure(failure);
      emitter.emit("error", { code: failure.code });
    },
  });

  const list = createMessageList({
    t,
    title,
    welcome: settings.welcomeMessage ?? t.welcome,
    suggestions: settings.suggestions,
    onSuggestion: (text) => {
      conversation.send(text);
      composer.focus();
    },
  });
  const notice = createNoticeBar(t, () => conversation.retry());
  const composer = createComposer({
    t,
    placeholder: settings.inputPlaceholder ?? t.placeholder,
    onSend: (text) => conversation.send(text),
    onStop: () => conversation.stop(),
  });
  const root = element("div", { className: `root ${position}`, lang: language });
  root.dir = directionOf(language);
  const panel = createPanel({
    t,
    title,
    root,
    content: [list.node, notice.node, composer.node],
    focusInput: composer.focus,
    onReset: () => conversation.reset(),
    onToggle: (isOpen) => {
      memory.keep(isOpen);
      if (isOpen) conversation.load();
      render();
      emitter.emit(isOpen ? "open" : "close", undefined);
    },
  });

  /** Nothing else matters while there is no network. */
  function currentNotice(): Notice | undefined {
    return navigator.onLine ? conversation.notice : { kind: "offline" };
  }

  function render(): void {
    clearTimeout(frame);
    frame = 0;
    if (panel.isOpen()) isUnread = false;
    const { entries, isAnswering, isLoading, isUsable } = conversation;
    panel.render({ canReset: entries.length > 0, isUnread });
    notice.render(currentNotice());
    composer.render({ isAnswering, isUsable });
    list.render(entries, isLoading);
  }

  const host = element("chatporch-widget" as "div");
  host.style.cssText = [...HOST_STYLE, `z-index: ${settings.zIndex}`]
    .map((rule) => `${rule} !important;`)
    .join("");
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  shadow.adoptedStyleSheets = [sheet];
  root.append(panel.node, panel.launcher);
  shadow.append(root);
  document.body.append(host);

  const accent =
    settings.accentColor === undefined ? undefined : readColour(settings.accentColor, root);
  if (settings.accentColor !== undefined && accent === undefined) {
    const problem = "has to be a colour that CSS knows.";
    advice.onSetting({ name: "data-accent-color", problem, isFatal: false });
  }
  const darkScheme = matchMedia("(prefers-color-scheme: dark)");
  const repaint = () => {
    paint(root, accent, theme === "auto" ? darkScheme.matches : theme === "dark");
  };
  const ending = new AbortController();
  const { signal } = ending;
  darkScheme.addEventListener("change", repaint, { signal });
  window.addEventListener("online", render, { signal });
  window.addEventListener("offline", render, { signal });
  // The page's keyboard shortcuts would take what is typed here for theirs.
  for (const type of ["keydown", "keypress", "keyup"]) {
    shadow.addEventListener(type, (event) => event.stopPropagation());
  }
  repaint();
  render();
  if (memory.wasOpen() ?? settings.isOpen) panel.open(false);

  return {
    host,
    api: {
      open: () => panel.open(),
      close: () => panel.close(),
      toggle: () => (panel.isOpen() ? panel.close() : panel.open()),
      send(text) {
        panel.open();
        conversation.send(String(text));
      },
      reset: () => conversation.reset(),
      on: (event, listener) => emitter.on(event, listener),
    },
    dispose() {
      ending.abort();
      clearTimeout(frame);
      conversation.dispose();
      panel.dispose();
      host.remove();
    },
  };
}
