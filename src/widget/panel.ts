import {
  CHAT_ICON,
  CLOSE_ICON,
  DOWN_ICON,
  element,
  icon,
  iconButton,
  NEW_ICON,
} from "./element.ts";
import type { Sentences } from "./language.ts";

export interface Panel {
  readonly launcher: HTMLElement;
  readonly node: HTMLElement;
  readonly isOpen: () => boolean;
  /** Opening without focus is for a page that has just loaded. */
  open(takesFocus?: boolean): void;
  close(): void;
  render(canReset: boolean, isUnread: boolean): void;
}

interface PanelOptions {
  readonly t: Sentences;
  readonly title: string;
  /** The box of launcher and panel, in the shadow root. */
  readonly root: HTMLElement;
  readonly content: readonly HTMLElement[];
  readonly focusInput: () => void;
  readonly onReset: () => void;
  readonly onToggle: (isOpen: boolean) => void;
  /** Ends what listens outside of the panel. */
  readonly signal: AbortSignal;
}

/** Where the panel fills the screen; the style sheet says the same. */
export const SMALL_SCREEN = "(max-width: 520px), (max-height: 480px)";

/** Launcher and panel: opening and closing, where the focus goes, and the room on small screens. */
export function createPanel(options: PanelOptions): Panel {
  const { t, title, root, content, focusInput, onReset, onToggle, signal } = options;
  const launcher = iconButton("launcher", title, CHAT_ICON);
  const reset = iconButton("tool", t.fresh, NEW_ICON);
  const closer = iconButton("tool", t.close, CLOSE_ICON);
  const node = element(
    "div",
    {
      className: "panel",
      role: "dialog",
      "aria-label": title,
      tabIndex: -1,
      hidden: true,
      onkeydown,
    },
    element(
      "div",
      { className: "head" },
      element("div", { className: "title", dir: "auto" }, title),
      reset,
      closer,
    ),
    ...content,
  );
  let opener: HTMLElement = launcher;

  const isOpen = () => !node.hidden;

  function open(takesFocus = true): void {
    if (isOpen()) return;
    const from = shadow().activeElement ?? document.activeElement;
    opener = from instanceof HTMLElement && from !== document.body ? from : launcher;
    node.hidden = false;
    show();
    if (takesFocus) {
      // A field in focus brings up the on-screen keyboard, which would hide the conversation.
      if (matchMedia("(pointer: coarse)").matches) node.focus();
      else focusInput();
    }
    onToggle(true);
  }

  function close(): void {
    if (!isOpen()) return;
    const hadFocus = node.contains(shadow().activeElement);
    node.hidden = true;
    show();
    if (hadFocus) goBack();
    onToggle(false);
  }

  /** The focus returns to where it came from. */
  function goBack(): void {
    (opener.isConnected ? opener : launcher).focus();
  }

  function onkeydown(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    close();
  }

  function show(): void {
    launcher.ariaExpanded = String(isOpen());
    launcher.replaceChildren(icon(isOpen() ? DOWN_ICON : CHAT_ICON));
    root.classList.toggle("open", isOpen());
  }

  function shadow(): DocumentOrShadowRoot {
    return root.getRootNode() as ShadowRoot;
  }

  /** On small screens the panel fills what the on-screen keyboard leaves. */
  function fit(): void {
    const viewport = window.visualViewport;
    if (!viewport) return;
    root.style.setProperty("--top", `${viewport.offsetTop}px`);
    root.style.setProperty("--height", `${viewport.height}px`);
  }

  launcher.onclick = () => (isOpen() ? close() : open());
  closer.onclick = close;
  reset.onclick = () => {
    onReset();
    focusInput();
  };
  window.visualViewport?.addEventListener("resize", fit, { signal });
  window.visualViewport?.addEventListener("scroll", fit, { signal });
  fit();
  show();

  return {
    launcher,
    node,
    isOpen,
    open,
    close,
    render(canReset, isUnread) {
      reset.hidden = !canReset;
      launcher.classList.toggle("unread", isUnread && !isOpen());
    },
  };
}
