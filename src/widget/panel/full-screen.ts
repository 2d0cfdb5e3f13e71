import { isPanelEntry, smallScreen } from "../small-screen.ts";

export interface FullScreen {
  /** What had the focus before the dialog was opened. Undefined while it is closed. */
  cameFrom?: HTMLElement | undefined;
  /**
   * Called when a dialog has been shown or hidden, or has taken the place of the one before. `byVisitor`: with its button
   * or a key, and not by the page.
   */
  toggle(dialog: HTMLElement, isOpen: boolean, byVisitor: boolean): void;
}

/**
 * What an open dialog on a small screen is besides large: Back closes it, the page behind it is out of reach, and does
 * not scroll.
 *
 * For Back, the browser's history gets an entry with the page's own address and state, so that a router that hears of the
 * way back from it finds nothing changed.
 * @param root holds the dialog
 * @param close hides the dialog, and calls `toggle`
 */
export function createFullScreen(
  root: HTMLElement,
  close: () => void,
  signal: AbortSignal,
): FullScreen {
  const small = smallScreen();
  const observer = new MutationObserver(keepBehind);
  let node = root;
  let isOpen = false;
  let isFull = false;
  /** Whether the widget itself goes back from its entry. */
  let isLeaving = false;
  /** Makes what is behind the dialog as it was. */
  let release = () => {};

  function update(byVisitor = false): void {
    const wasFull = isFull;
    isFull = isOpen && small.matches;
    if (isFull) node.setAttribute("aria-modal", "true");
    else node.removeAttribute("aria-modal");
    if (isFull === wasFull) return;
    keepBehind();
    if (isFull) addEntry();
    else removeEntry(byVisitor);
  }

  /** Called again when Turbo, htmx and the like have put another body, or another document, in the place of the one behind. */
  function keepBehind(): void {
    const { body, documentElement } = document;
    observer.disconnect();
    release();
    release = () => {};
    if (!isFull) return;
    for (const each of [document, documentElement]) observer.observe(each, { childList: true });
    if (!body) return;
    const { style } = documentElement;
    const { overflow } = style;
    const { inert } = body;
    release = () => {
      // A page that has made it so keeps it so.
      body.inert = inert;
      style.overflow = overflow;
    };
    body.inert = true;
    style.overflow = "hidden";
  }

  function addEntry(): void {
    try {
      if (!isPanelEntry()) history.pushState({ ...history.state, chatporch: true }, "");
    } catch {
      // A page without an address of its own has no history, and then Back leaves it.
    }
  }

  /** A page that closes the panel may go on to another address at once, which going back would undo. */
  function removeEntry(byVisitor: boolean): void {
    if (!isPanelEntry()) return;
    isLeaving = byVisitor;
    if (byVisitor) history.back();
    else history.replaceState({ ...history.state, chatporch: undefined }, "");
  }

  function onPopState(): void {
    // The visitor may have opened it once more in the meantime.
    if (isLeaving && isFull) addEntry();
    else if (isFull && !isPanelEntry()) close();
    isLeaving = false;
  }

  small.addEventListener("change", () => update(), { signal });
  addEventListener("popstate", onPopState, { signal });
  signal.addEventListener("abort", () => {
    isOpen = false;
    update();
  });

  return {
    toggle(dialog, isNowOpen, byVisitor) {
      node = dialog;
      isOpen = isNowOpen;
      update(byVisitor);
    },
  };
}
