import type { Panel, Stage } from "../contract.ts";
import { element } from "../element.ts";
import { directionOf, type Language } from "../language.ts";
import { readPageSettings } from "../settings.ts";
import { addStyles } from "../style-sheet.ts";
import { adviseOn, print } from "./advice.ts";
import { createApiClient } from "./api-client.ts";
import { createComposer } from "./composer.ts";
import { createConversation, type Entry, type Notice } from "./conversation.ts";
import { createDialog, type Frame } from "./dialog.ts";
import { createDisclosure } from "./disclosure.ts";
import type { Failure } from "./failure.ts";
import { createHeading } from "./heading.ts";
import { createInlineFrame } from "./inline-frame.ts";
import { createMessageList } from "./message-list.ts";
import { createNoticeBar } from "./notice-bar.ts";
import { readPanelSettings } from "./panel-settings.ts";
import { sentencesOf } from "./sentences.ts";
import { createSessionKeeper } from "./session.ts";
import { STYLES } from "./styles.ts";
import { followTheme } from "./theme.ts";

/** The time between two renderings of a streaming answer, in milliseconds. */
const FRAME_MS = 33;

/** Builds the panel and puts its parts together. This is what the panel's file exports. */
export function mount(stage: Stage): Panel {
  const { root, launcher, signal, emit } = stage;
  const settings = readPageSettings(stage.data, stage.scriptUrl);
  const texts = readPanelSettings(stage.data, document.baseURI);
  const { apiUrl, apiKey, language, fatal } = settings;
  const t = sentencesOf(language);
  const title = settings.title ?? t.title;
  const sessions = createSessionKeeper(apiUrl, stage.conversation);
  const problems = [...texts.problems];
  let unread = 0;
  let timer = 0;

  const conversation = createConversation(createApiClient(apiUrl, apiKey, sessions), sessions, {
    onChange: () => {
      timer ||= setTimeout(render, FRAME_MS);
    },
    onMessage,
    onFailure,
  });
  function send(text: string): boolean {
    const isSent = !fatal && conversation.send(text);
    if (isSent) list.toEnd();
    return isSent;
  }

  const notice = createNoticeBar(t);
  const composer = createComposer(
    t,
    texts.inputPlaceholder ?? t.placeholder,
    (text) => !conversation.isLoading() && send(text),
    conversation.stop,
  );
  const suggestions = createSuggestions(texts.suggestions, (text) => {
    send(text);
    composer.focus();
  });
  const welcome = texts.welcomeMessage ?? t.welcome;
  const list = createMessageList({ t, title, welcome, suggestions, signal });
  const createFrame = stage.mode ? createInlineFrame : createDialog;
  const frame = createFrame({
    t,
    title,
    heading: createHeading(title, settings.title, texts),
    root,
    launcher,
    signal,
    content: [list.node, notice.node, composer.node, createDisclosure(t, texts)],
    focusInput: composer.focus,
    onReset: conversation.reset,
    onToggle(isOpen) {
      if (isOpen) load();
      render();
      stage.onUnread((unread = 0));
      stage.onToggle(isOpen);
    },
  });

  function onMessage({ role, text }: Entry): void {
    if (role === "assistant" && !frame.isOpen()) stage.onUnread(++unread);
    emit("message", { role, text });
  }

  function onFailure(failure: Failure): void {
    adviseOn(failure, apiUrl);
    emit("error", { code: failure.message });
  }

  function load(): void {
    if (!fatal) conversation.load();
  }

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
    clearTimeout(timer);
    timer = 0;
    const entries = conversation.entries();
    frame.render(entries.length > 0);
    notice.render(currentNotice());
    composer.render(conversation.isAnswering(), !fatal);
    list.render(entries, conversation.isLoading());
  }

  addFrame(root, frame, language);
  if (!followTheme(root, settings.accentColor, texts, signal)) problems.push("data-accent-color");
  for (const attribute of problems) print(`${attribute} is missing or wrong`);
  for (const type of ["online", "offline"]) addEventListener(type, render, { signal });
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    conversation.dispose();
  });
  render();

  return {
    open: frame.open,
    close: frame.close,
    send(text) {
      load();
      if (!send(text)) emit("error", { code: "not_sent" });
    },
    reset: conversation.reset,
  };
}

/** Adds the frame with its styles. It comes before the launcher in the order of the keyboard, too. */
function addFrame(root: HTMLElement, { node }: Frame, language: Language): void {
  // The loader may be older, and not know this language.
  Object.assign(root, { lang: language, dir: directionOf(language) });
  addStyles(root.getRootNode() as ShadowRoot, STYLES);
  root.prepend(node);
  // Keeps what is typed here from triggering the page's keyboard shortcuts.
  for (const type of ["keydown", "keypress", "keyup"]) {
    root.addEventListener(type, (event) => event.stopPropagation());
  }
}

/** Buttons that each ask a question. */
function createSuggestions(texts: readonly string[], onPick: (text: string) => void): HTMLElement {
  const buttons = texts.map((text) => {
    const onclick = () => onPick(text);
    return element("button", { className: "suggestion", dir: "auto", onclick }, text);
  });
  return element("div", { className: "suggestions" }, ...buttons);
}
