import { CHAT_ICON, CLOSE_ICON, element, icon, iconButton, NEW_ICON } from "./element.ts";
import type { Sentences } from "./language.ts";

interface Panel {
  readonly launcher: HTMLElement;
  readonly node: HTMLElement;
  readonly isOpen: () => boolean;
  /** Without `takesFocus`, the focus stays in the page: for a page that has just loaded. */
  open(takesFocus?: boolean): void;
  close(): void;
  render(canReset: boolean): void;
}

interface PanelOptions {
  readonly t: Sentences;
  readonly title: string;
  /** The element in the shadow root that holds launcher and panel. */
  readonly root: HTMLElement;
  readonly content: readonly HTMLElement[];
  readonly focusInput: () => void;
  readonly onReset: () => void;
  readonly onToggle: (isOpen: boolean) => void;
  /** Removes the listeners outside the panel. */
  readonly signal: AbortSignal;
}

/** Launcher and panel: opening and closing, moving the focus, and the size on small screens. */
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
      ariaLabel: title,
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
  const viewport = visualViewport;
  let opener: HTMLElement = launcher;

  const isOpen = () => !node.hidden;

  function open(takesFocus = true): void {
    if (isOpen()) return;
    const from = focused();
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
    const hadFocus = node.contains(focused());
    node.hidden = true;
    show();
    // The focus returns to where it came from.
    if (hadFocus) (opener.isConnected ? opener : launcher).focus();
    onToggle(false);
  }

  function onkeydown(event: KeyboardEvent): void {
    if (!/Esc/.test(event.key) || event.isComposing) return;
    event.preventDefault();
    close();
  }

  function show(): void {
    launcher.ariaExpanded = String(isOpen());
    launcher.replaceChildren(icon(isOpen() ? CLOSE_ICON : CHAT_ICON));
    root.classList.toggle("open", isOpen());
  }

  /** The element that has the focus, in the widget or else in the page. */
  function focused(): Element | null {
    return (root.getRootNode() as ShadowRoot).activeElement ?? document.activeElement;
  }

  /**
   * On small screens the panel fills the space above the on-screen keyboard. Every browser that knows the style
   * sheet's `light-dark()` has a `visualViewport`.
   */
  function fit(): void {
    root.style.setProperty("--top", `${viewport?.offsetTop}px`);
    root.style.setProperty("--height", `${viewport?.height}px`);
  }

  launcher.onclick = () => (isOpen() ? close() : open());
  closer.onclick = close;
  reset.onclick = () => {
    onReset();
    focusInput();
  };
  for (const type of ["resize", "scroll"]) viewport?.addEventListener(type, fit, { signal });
  fit();
  show();

  return {
    launcher,
    node,
    isOpen,
    open,
    close,
    render(canReset) {
      reset.hidden = !canReset;
    },
  };
}
