import { CLOSE_ICON, element, iconButton, NEW_ICON } from "../element.ts";
import { SUBTITLE_ID } from "./heading.ts";
import type { Sentences } from "./sentences.ts";

interface Dialog {
  readonly node: HTMLElement;
  readonly isOpen: () => boolean;
  /** Without `takesFocus`, the focus stays in the page: for a page that has just loaded. */
  open(takesFocus: boolean): void;
  close(): void;
  render(canReset: boolean): void;
}

interface DialogOptions {
  readonly t: Sentences;
  readonly title: string;
  readonly heading: HTMLElement;
  /** The element in the shadow root that holds launcher and dialog. */
  readonly root: HTMLElement;
  readonly launcher: HTMLElement;
  readonly content: readonly HTMLElement[];
  readonly focusInput: () => void;
  readonly onReset: () => void;
  readonly onToggle: (isOpen: boolean) => void;
  /** Removes the listeners outside the dialog. */
  readonly signal: AbortSignal;
}

/** The panel as a dialog: opening and closing, moving the focus, and the size on small screens. */
export function createDialog(options: DialogOptions): Dialog {
  const { t, title, heading, root, launcher, content, focusInput, onReset, onToggle, signal } =
    options;
  const reset = iconButton("tool", t.fresh, NEW_ICON);
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
    element("div", { className: "head" }, heading, reset, closer),
    ...content,
  );
  node.setAttribute("aria-describedby", SUBTITLE_ID);
  const viewport = visualViewport;
  let opener: HTMLElement = launcher;

  const isOpen = () => !node.hidden;

  function open(takesFocus: boolean): void {
    if (isOpen()) return;
    const from = focused();
    opener = from instanceof HTMLElement && from !== document.body ? from : launcher;
    show(true);
    if (takesFocus) {
      // A field in focus brings up the on-screen keyboard, which would hide the conversation.
      if (matchMedia("(pointer: coarse)").matches) node.focus();
      else focusInput();
    }
    onToggle(true);
  }

  function close(): void {
    if (!isOpen()) return;
    const hadFocus = node.contains(focused());
    show(false);
    // The focus returns to where it came from.
    if (hadFocus) (opener.isConnected ? opener : launcher).focus();
    onToggle(false);
  }

  function onkeydown(event: KeyboardEvent): void {
    if (!/Esc/.test(event.key) || event.isComposing) return;
    event.preventDefault();
    close();
  }

  function show(isShown: boolean): void {
    node.hidden = !isShown;
    root.classList.toggle("open", isShown);
  }

  /** The element that has the focus, in the widget or else in the page. */
  function focused(): Element | null {
    return (root.getRootNode() as ShadowRoot).activeElement ?? document.activeElement;
  }

  /**
   * On small screens the dialog fills the space above the on-screen keyboard. Every browser that knows the style
   * sheet's `light-dark()` has a `visualViewport`.
   */
  function fit(): void {
    root.style.setProperty("--top", `${viewport?.offsetTop}px`);
    root.style.setProperty("--height", `${viewport?.height}px`);
  }

  closer.onclick = close;
  reset.onclick = () => {
    onReset();
    focusInput();
  };
  for (const type of ["resize", "scroll"]) viewport?.addEventListener(type, fit, { signal });
  fit();

  return {
    node,
    isOpen,
    open,
    close,
    render(canReset) {
      reset.hidden = !canReset;
    },
  };
}
