import { CLOSE_ICON, element, iconButton } from "../element.ts";
import type { FullScreen } from "./full-screen.ts";
import { followKeyboard } from "./keyboard-room.ts";
import { move } from "./motion.ts";
import type { Sentences } from "./sentences.ts";

/** What the panel is shown in. */
export interface Frame {
  readonly node: HTMLElement;
  readonly isOpen: () => boolean;
  /** Without `takesFocus`, the focus stays in the page: for a page that has just loaded. */
  open(takesFocus: boolean): void;
  close(): void;
}

export interface FrameOptions {
  readonly t: Sentences;
  readonly title: string;
  readonly head: HTMLElement;
  /** The element in the shadow root that holds launcher and dialog. */
  readonly root: HTMLElement;
  readonly launcher: HTMLElement;
  /** What is below the head. */
  readonly content: readonly HTMLElement[];
  readonly focusInput: () => void;
  readonly onToggle: (isOpen: boolean) => void;
  readonly fullScreen: FullScreen;
  /** Removes the listeners outside the dialog. */
  readonly signal: AbortSignal;
}

const MOVING_MS = 180;

/** The panel as a dialog: opening and closing, moving the focus, and the size on small screens. */
export function createDialog(options: FrameOptions): Frame {
  const { t, title, head, root, launcher, content, focusInput, onToggle, fullScreen, signal } =
    options;
  const closer = iconButton("tool", t.close, CLOSE_ICON);
  const node = element(
    "div",
    {
      className: "panel",
      role: "dialog",
      ariaLabel: title,
      tabIndex: -1,
      hidden: true,
      onkeydown,
    },
    head,
    ...content,
  );
  let opener: HTMLElement = launcher;
  let leaving: Animation | undefined;

  const isOpen = () => !node.hidden;

  function open(takesFocus: boolean): void {
    if (isOpen()) return;
    const from = focused();
    opener = from instanceof HTMLElement && from !== document.body ? from : launcher;
    show(true, false);
    if (takesFocus) {
      // A field in focus brings up the on-screen keyboard, which would hide the conversation.
      if (matchMedia("(pointer: coarse)").matches) node.focus();
      else focusInput();
    }
    onToggle(true);
  }

  function hide(byVisitor: boolean): void {
    if (!isOpen()) return;
    const hadFocus = node.contains(focused());
    show(false, byVisitor);
    // The focus returns to where it came from.
    if (hadFocus) (opener.isConnected ? opener : launcher).focus();
    onToggle(false);
  }

  function onkeydown(event: KeyboardEvent): void {
    if (!/Esc/.test(event.key) || event.isComposing) return;
    event.preventDefault();
    hide(true);
  }

  function show(isShown: boolean, byVisitor: boolean): void {
    leaving?.cancel();
    // What goes is still seen for a moment, but cannot be reached any more.
    node.hidden = node.inert = !isShown;
    const movement = move(node, MOVING_MS, !isShown);
    leaving = isShown ? undefined : movement;
    node.classList.toggle("leaving", !!leaving);
    if (leaving) leaving.onfinish = () => node.classList.remove("leaving");
    root.classList.toggle("open", isShown);
    fullScreen.toggle(node, isShown, byVisitor);
  }

  /** The element that has the focus, in the widget or else in the page. */
  function focused(): Element | null {
    return (root.getRootNode() as ShadowRoot).activeElement ?? document.activeElement;
  }

  closer.onclick = () => hide(true);
  head.append(closer);
  followKeyboard(root, root, signal);

  return {
    node,
    isOpen,
    open,
    close: () => hide(false),
  };
}
