import type { Panel, Stage } from "../contract.ts";
import { parseMarkdown } from "../markdown/parse.ts";
import { plainText } from "../markdown/plain-text.ts";
import type { Message } from "../people/contract.ts";
import { type Attributes, readPageSettings } from "../settings.ts";
import { addStyles } from "../style-sheet.ts";
import { createApiClient } from "./api-client.ts";
import type { LoadBeside } from "./beside.ts";
import { createColours } from "./colours.ts";
import { createConversation } from "./conversation.ts";
import { createDrafts } from "./drafts.ts";
import { type Entry, NO_SOURCES } from "./entry.ts";
import type { Failure } from "./failure.ts";
import { createFullScreen } from "./full-screen.ts";
import { print } from "./print.ts";
import { createSessionKeeper } from "./session.ts";
import type { Sources } from "./sources.ts";
import { createSpeech, type SentencesByLanguage } from "./speech.ts";
import { createView } from "./view.ts";

/** The least and the most time between two renderings of a streaming answer, in milliseconds. */
const FRAME_MS = 33;
const MAX_PAUSE_MS = 1000;
/** How many times as long as a rendering takes the page then has for itself. */
const REST = 3;

/** More than there is room for beside the launcher. */
const MAX_PREVIEW_LENGTH = 200;

/**
 * Builds the panel: a conversation, and a view of it.
 * @param sentences in one language or more; those in another one are loaded
 */
export function mountPanel(
  stage: Stage,
  styles: string,
  sentences: SentencesByLanguage,
  load: LoadBeside,
): Panel {
  const { root, signal, emit } = stage;
  const { apiUrl, apiKey, fatal } = readPageSettings(stage.data, stage.scriptUrl);
  const sessions = createSessionKeeper(apiUrl, stage.conversation, signal);
  const drafts = createDrafts(apiUrl, stage.conversation, sessions);
  const announced = new WeakSet<Entry>();
  let unread = 0;
  /** What stands beside the launcher. */
  let preview = "";
  let timer = 0;
  let pauseMs = FRAME_MS;
  /** Whether a view takes the place of another one. */
  let isChanging = false;

  const api = createApiClient(apiUrl, apiKey, sessions);
  const conversation = createConversation(api, sessions, signal, {
    onChange: () => {
      timer ||= setTimeout(render, pauseMs);
    },
    onMessage,
    onFailure,
    onSwitch: () => view.restore(drafts.current()),
    onLimit,
  });
  const fullScreen = createFullScreen(root, () => view.frame.close(), signal);
  const shadow = root.getRootNode() as ShadowRoot;
  addStyles(shadow, styles);
  const speak = createSpeech(
    sentences,
    async (language) => (await load(language)).sentences ?? {},
    () => !signal.aborted && set(data),
  );
  const colours = createColours(() => load("extras"), shadow, render);
  let { data } = stage;
  let view = viewOf();

  function viewOf() {
    return createView({
      stage,
      data,
      speak,
      colours,
      conversation,
      announced,
      send,
      onDraft: drafts.keep,
      onToggle,
      onDismiss: () => showClosed(""),
      fullScreen,
      load,
      api,
      notify: onMessage,
    });
  }

  function send(text: string): boolean {
    const isSent = !fatal && conversation.send(text);
    if (isSent) {
      // What was pressed goes away before it can be pressed again.
      render();
      view.place.toEnd();
    }
    return isSent;
  }

  function onToggle(isOpen: boolean): void {
    if (isChanging) return;
    if (isOpen) loadHistory();
    render();
    unread = 0;
    showClosed("");
    stage.onToggle(isOpen);
  }

  /** @param newPreview what stands beside the launcher from now on; by default what stands there */
  function showClosed(newPreview = preview): void {
    preview = newPreview;
    stage.onUnread(unread);
    view.showClosed(unread, preview);
  }

  /** @param sources those that the text may name */
  function showBeginning(text: string, sources: Sources = NO_SOURCES): void {
    showClosed(plainText(parseMarkdown(text, { sources })).slice(0, MAX_PREVIEW_LENGTH));
  }

  function onMessage({ role, text, sources }: Message & { sources?: Sources }): void {
    if (role === "assistant" && !view.frame.isOpen()) {
      unread++;
      showBeginning(text, sources);
    }
    emit("message", { role, text });
  }

  async function greet(): Promise<void> {
    const { awaitGreeting } = await load("extras");
    if (sessions.current() || !awaitGreeting) return;
    await awaitGreeting(root, signal, () => data.greetOn);
    showBeginning(view.welcome);
  }

  function onFailure({ kind, message }: Failure): void {
    emit("error", { code: message });
    load("extras")
      .catch(() => undefined)
      .then((extras) =>
        print(`${apiUrl} ${extras?.adviceOn?.(message) ?? message}`, kind === "setup"),
      );
  }

  function onLimit(failure: Failure, answer: Entry, ending: AbortSignal) {
    return load("limits")
      .then((limits) => limits.meetLimit?.(root.lang, failure, answer, ending))
      .catch(print);
  }

  function loadHistory(): void {
    if (!fatal) conversation.load();
  }

  function render(): void {
    clearTimeout(timer);
    timer = 0;
    const begun = performance.now();
    view.render();
    const scriptMs = performance.now() - begun;
    // Until the next task the browser lays out and draws what has changed.
    requestAnimationFrame((now) =>
      setTimeout(() => {
        const costMs = scriptMs + performance.now() - now;
        pauseMs = Math.min(MAX_PAUSE_MS, Math.max(FRAME_MS, REST * costMs));
      }),
    );
  }

  /** What the visitor does not see changed stays: an open panel, its draft, the focus, the place in the messages. */
  function set(attributes: Attributes): void {
    const { frame, draft, place, dispose } = view;
    const before = place.current();
    const isOpen = frame.isOpen();
    const hasFocus = frame.node.matches(":focus-within");
    isChanging = true;
    dispose();
    data = attributes;
    view = viewOf();
    view.restore(draft());
    if (isOpen) view.frame.open(hasFocus);
    for (const movement of view.frame.node.getAnimations()) movement.finish();
    isChanging = false;
    render();
    showClosed();
    view.place.restore(before);
  }

  // Keeps what is typed here from triggering the page's keyboard shortcuts.
  for (const type of ["keydown", "keypress", "keyup"]) {
    root.addEventListener(type, (event) => event.stopPropagation());
  }
  for (const type of ["online", "offline"]) addEventListener(type, render, { signal });
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    view.dispose();
  });
  view.restore(drafts.current());
  render();
  showClosed();

  return {
    open: (takesFocus) => view.frame.open(takesFocus),
    close: () => view.frame.close(),
    send(text) {
      loadHistory();
      if (!send(text)) emit("error", { code: "not_sent" });
    },
    reset() {
      drafts.keep("");
      conversation.reset();
    },
    set,
    greet: () => void greet().catch(String),
  };
}
