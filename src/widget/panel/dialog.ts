import type { Stage } from "../contract.ts";
import { CLOSE_ICON, element, EXPAND_ICON, iconButton } from "../element.ts";
import { recall, remember } from "../storage.ts";
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
  readonly stage: Stage;
  /** What is below the head. */
  readonly content: readonly HTMLElement[];
  readonly focusInput: () => void;
  readonly onToggle: (isOpen: boolean) => void;
  readonly fullScreen: FullScreen;
  /** Removes the listeners outside the dialog. */
  readonly signal: AbortSignal;
}

/** The name in localStorage that says whether the visitor wants the panel large. */
const LARGE_NAME = "chatporch:large";
const MOVING_MS = 180;

/** The panel as a dialog: opening and closing, moving the focus, and the size on small screens. */
export function createDialog(options: FrameOptions): Frame {
  const { t, title, head, stage, content, focusInput, onToggle, fullScreen, signal } = options;
  const { root, launcher } = stage;
  const closer = iconButton("tool", t.close, CLOSE_ICON);
  const sizer = iconButton("tool sizer", "", EXPAND_ICON);
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
  let movement: Animation | undefined;

  const isOpen = () => !node.hidden;

  function open(takesFocus: boolean): void {
    if (isOpen()) return;
    const from = focused();
    fullScreen.cameFrom ??= from instanceof HTMLElement && from !== document.body ? from : launcher;
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
    const { cameFrom } = fullScreen;
    if (hadFocus) (cameFrom?.isConnected ? cameFrom : launcher).focus();
    fullScreen.cameFrom = undefined;
    onToggle(false);
  }

  function onkeydown(event: KeyboardEvent): void {
    if (!/Esc/.test(event.key) || event.isComposing) return;
    event.preventDefault();
    hide(true);
  }

  function show(isShown: boolean, byVisitor: boolean): void {
    movement?.cancel();
    // What goes is still seen for a moment, but cannot be reached any more.
    node.hidden = node.inert = !isShown;
    const begun = (movement = move(node, MOVING_MS, !isShown));
    node.classList.toggle("leaving", !isShown && !!begun);
    // By the clock: an animation of what the page has hidden does not end.
    setTimeout(() => movement === begun && node.classList.remove("leaving"), MOVING_MS);
    root.classList.toggle("open", isShown);
    fullScreen.toggle(node, isShown, byVisitor);
  }

  /** The element that has the focus, in the widget or else in the page. */
  function focused(): Element | null {
    return (root.getRootNode() as ShadowRoot).activeElement ?? document.activeElement;
  }

  function expand(): void {
    const isLarge = !node.classList.contains("large");
    remember("localStorage", LARGE_NAME, isLarge || undefined);
    setLarge(isLarge);
  }

  function setLarge(isLarge: boolean): void {
    node.classList.toggle("large", isLarge);
    sizer.title = isLarge ? t.reduce : t.expand;
  }

  closer.onclick = () => hide(true);
  sizer.onclick = expand;
  head.append(sizer, closer);
  setLarge(recall("localStorage", LARGE_NAME) === true);
  followKeyboard(root, root, signal);

  return {
    node,
    isOpen,
    open,
    close: () => hide(false),
  };
}
