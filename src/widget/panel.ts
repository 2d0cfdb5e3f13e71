import { CHAT_ICON, CLOSE_ICON, DOWN_ICON, element, icon, NEW_ICON } from "./element.ts";
import type { Sentences } from "./language.ts";

export interface Panel {
  readonly launcher: HTMLElement;
  readonly node: HTMLElement;
  readonly isOpen: () => boolean;
  /** Opening without focus is for a page that has just loaded. */
  open(takesFocus?: boolean): void;
  close(): void;
  render(state: { readonly canReset: boolean; readonly isUnread: boolean }): void;
  dispose(): void;
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
}

/** Launcher and panel: opening and closing, where the focus goes, and the room on small screens. */
export function createPanel(options: PanelOptions): Panel {
  const { t, title, root, content, focusInput, onReset, onToggle } = options;
  const launcher = element("button", { className: "launcher", type: "button", onclick: toggle });
  const reset = tool(t.fresh, NEW_ICON, () => {
    onReset();
    focusInput();
  });
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
      tool(t.close, CLOSE_ICON, close),
    ),
    ...content,
  );
  let opener: Element | null = null;

  const isOpen = () => !node.hidden;

  function open(takesFocus = true): void {
    if (isOpen()) return;
    opener = shadow().activeElement ?? document.activeElement;
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
    const isElsewhere = opener instanceof HTMLElement && opener !== document.body;
    if (isElsewhere && opener?.isConnected) (opener as HTMLElement).focus();
    else launcher.focus();
  }

  function toggle(): void {
    if (isOpen()) close();
    else open();
  }

  function onkeydown(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    close();
  }

  function show(): void {
    const name = isOpen() ? t.close : t.open;
    launcher.title = name;
    launcher.ariaLabel = name;
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

  window.visualViewport?.addEventListener("resize", fit);
  window.visualViewport?.addEventListener("scroll", fit);
  fit();
  show();

  return {
    launcher,
    node,
    isOpen,
    open,
    close,
    render({ canReset, isUnread }) {
      reset.hidden = !canReset;
      launcher.classList.toggle("unread", isUnread && !isOpen());
    },
    dispose() {
      window.visualViewport?.removeEventListener("resize", fit);
      window.visualViewport?.removeEventListener("scroll", fit);
    },
  };
}

function tool(name: string, path: string, onclick: () => void): HTMLButtonElement {
  const properties = {
    className: "tool",
    type: "button",
    title: name,
    "aria-label": name,
    onclick,
  };
  return element("button", properties, icon(path));
}
