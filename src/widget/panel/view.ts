import type { Stage } from "../contract.ts";
import { directionOf } from "../language.ts";
import type { PeopleHost } from "../people/contract.ts";
import { type Attributes, readPageSettings } from "../settings.ts";
import type { LoadBeside } from "./beside.ts";
import { chatMenu } from "./chat-menu.ts";
import { createClosedChat } from "./closed-chat.ts";
import type { Colours } from "./colours.ts";
import { createComposer } from "./composer.ts";
import type { Conversation } from "./conversation.ts";
import { createDialog, type Frame } from "./dialog.ts";
import { createDisclosure } from "./disclosure.ts";
import type { Entry } from "./entry.ts";
import type { FullScreen } from "./full-screen.ts";
import { createHead } from "./head.ts";
import { createHeading, SUBTITLE_ID } from "./heading.ts";
import { createInlineFrame } from "./inline-frame.ts";
import { createInvitation } from "./invitation.ts";
import { createMessageList } from "./message-list.ts";
import { momentsIn } from "./moments.ts";
import { createNoticeBar } from "./notice-bar.ts";
import type { Notice } from "./notice.ts";
import { readPanelSettings } from "./panel-settings.ts";
import { print } from "./print.ts";
import type { ReadingPlace } from "./reading-place.ts";
import { withOwnTexts } from "./sentences.ts";
import type { Speech } from "./speech.ts";
import { createSuggestions } from "./suggestions.ts";
import { followTheme } from "./theme.ts";

/** What the visitor sees of a conversation, in the language, words and colours that the attributes say. */
interface View {
  readonly frame: Frame;
  /** The first message. */
  readonly welcome: string;
  render(): void;
  /**
   * Shows what a visitor sees of a closed chat.
   * @param unread how many answers are new
   * @param preview a text beside the launcher; empty: none
   */
  showClosed(unread: number, preview: string): void;
  /** Where the reader is in the messages. */
  readonly place: ReadingPlace;
  /** What stands in the input. */
  draft(): string;
  restore(draft: string): void;
  dispose(): void;
}

interface ViewOptions {
  readonly stage: Stage;
  readonly data: Attributes;
  readonly speak: Speech;
  readonly colours: Colours;
  readonly conversation: Conversation;
  /** The messages that assistive technology has announced. */
  readonly announced: WeakSet<Entry>;
  /** Returns whether the text was accepted. */
  readonly send: (text: string) => boolean;
  /** Called with what stands in the input, after every change by the visitor. */
  readonly onDraft: (text: string) => void;
  readonly onToggle: (isOpen: boolean) => void;
  /** Called when the visitor has dismissed what stands beside the launcher. */
  readonly onDismiss: () => void;
  readonly load: LoadBeside;
  readonly api: PeopleHost["api"];
  readonly notify: PeopleHost["notify"];
  /** What the dialog is on a small screen. It stays when a view takes the place of another one. */
  readonly fullScreen: FullScreen;
}

/** Puts the parts of the panel together, and adds them to the stage. */
export function createView(options: ViewOptions): View {
  const { stage, data, conversation, send } = options;
  const { root } = stage;
  const settings = readPageSettings(data, stage.scriptUrl);
  const texts = readPanelSettings(data, document.baseURI);
  const { fatal } = settings;
  const { language, sentences } = options.speak(settings.language);
  const own = withOwnTexts(sentences, data);
  const t = own.sentences;
  const title = settings.title ?? t.title;
  const problems = [...texts.problems, ...own.problems];
  /** As its owner writes it: an element's attributes have no `data-`. */
  const named = (attribute: string) => (stage.mode ? attribute.slice(5) : attribute);
  const ending = new AbortController();
  const { signal } = ending;

  const placeholder = texts.inputPlaceholder ?? t.placeholder;
  const composer = createComposer({ ...options, t, placeholder, stop });
  const goOn = () => send(t.goOn);
  const notice = createNoticeBar({ ...texts, t, goOn, focusInput: keepFocus });
  const suggestions = createSuggestions(texts.suggestions, ask);
  const welcome = texts.welcomeMessage ?? t.welcome;
  const moments = momentsIn(language);
  const list = createMessageList({
    ...options,
    t,
    title,
    welcome,
    suggestions,
    moments,
    onAskAgain: () =>
      ask(conversation.entries().findLast(({ role }) => role === "user")?.text ?? ""),
    signal,
  });
  const heading = createHeading(title, settings.title, texts.subtitle ?? t.assistant, texts.logo);
  const head = createHead(t, heading, () =>
    chatMenu({ ...options, t, title, settings: texts, moments, focusInput: keepFocus, host }),
  );
  const createFrame = stage.mode ? createInlineFrame : createDialog;
  const frame = createFrame({
    ...options,
    t,
    title,
    head: head.node,
    signal,
    content: [list.node, notice.node, composer.node, createDisclosure(t, texts)],
    focusInput: composer.focus,
  });

  const onOpen = () => frame.open(true);
  const host: PeopleHost = { ...options, apiUrl: settings.apiUrl, list, frame, signal };
  const renderPeople = createInvitation(host, options.load);

  const closed = createClosedChat({ ...options, t, title, label: texts.launcherLabel, onOpen });

  /** A problem that stops the chat comes first. A wrong setting comes last, and only before the first message. */
  function currentNotice(): Notice | undefined {
    if (fatal) return { kind: "refused", detail: named(fatal) };
    if (!navigator.onLine) return { kind: "offline" };
    const isNew = !conversation.entries().length;
    const doubt: Notice | undefined =
      isNew && problems[0] ? { kind: "title", detail: named(problems[0]) } : undefined;
    return conversation.notice() ?? doubt;
  }

  function ask(text: string): void {
    send(text);
    keepFocus();
  }

  function stop(): void {
    conversation.stop();
    keepFocus();
  }

  /** What had the focus is gone. On a phone, a field in focus brings up the keyboard, which hides the conversation. */
  function keepFocus(): void {
    if (matchMedia("(pointer: coarse)").matches) frame.node.focus();
    else composer.focus();
  }

  frame.node.setAttribute("aria-describedby", SUBTITLE_ID);
  // The loader may be older, and not know this language.
  Object.assign(root, { lang: language, dir: directionOf(language) });
  // Before the launcher in the order of the keyboard, too.
  root.prepend(frame.node, closed.node);
  if (!followTheme(root, settings.accentColor, texts, signal)) problems.push("data-accent-color");
  for (const attribute of problems) print(`${named(attribute)} is missing or wrong`);

  return {
    frame,
    welcome,
    render() {
      const entries = conversation.entries();
      head.render();
      notice.render(currentNotice());
      composer.render(conversation.isAnswering(), !fatal);
      list.render(entries, conversation.isLoading());
      renderPeople(!entries[0] || conversation.isAnswering());
    },
    showClosed: (unread, preview) => closed.render(frame.isOpen(), unread, preview),
    place: list.place,
    draft: composer.draft,
    restore: composer.restore,
    dispose() {
      ending.abort();
      frame.node.remove();
      closed.node.remove();
    },
  };
}
