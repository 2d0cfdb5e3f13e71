import { isPanelEntry, smallScreen } from "../small-screen.ts";

export interface FullScreen {
  /**
   * Called when a dialog has been shown or hidden, or has taken the place of the one before. `byVisitor`: with its button
   * or a key, and not by the page.
   */
  toggle(dialog: HTMLElement, isOpen: boolean, byVisitor: boolean): void;
}

/**
 * What an open dialog on a small screen is besides large: Back closes it, the page behind it is out of reach, and dragging
 * it does not scroll that page.
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
  /** Cannot be reached while the dialog is full screen. */
  let behind: HTMLElement | undefined;

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

  /** Turbo, htmx and the like put another body, or another document, in the place of the one behind the dialog. */
  function keepBehind(): void {
    const { body, documentElement } = document;
    observer.disconnect();
    if (behind && !(isFull && behind === body)) {
      behind.inert = false;
      behind = undefined;
    }
    if (!isFull) return;
    // A page that has made it so keeps it so.
    if (body && !body.inert) {
      behind = body;
      body.inert = true;
    }
    for (const each of [document, documentElement]) observer.observe(each, { childList: true });
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

  /** Two fingers zoom, and then one finger moves what is zoomed. */
  function keepPageStill(event: Event): void {
    const isZooming = "touches" in event && (event as TouchEvent).touches.length > 1;
    const isZoomed = (visualViewport?.scale ?? 1) > 1;
    if (isFull && !isZooming && !isZoomed && !scrolls(event)) event.preventDefault();
  }

  /** Whether the event is for a part of the dialog that scrolls, and does not hand it on to the page. */
  function scrolls(event: Event): boolean {
    return event.composedPath().some((each) => {
      if (!(each instanceof HTMLElement) || !node.contains(each) || each === node) return false;
      const canScroll =
        each.scrollHeight > each.clientHeight || each.scrollWidth > each.clientWidth;
      return canScroll && /auto|scroll/.test(getComputedStyle(each).overflow);
    });
  }

  small.addEventListener("change", () => update(), { signal });
  addEventListener("popstate", onPopState, { signal });
  for (const type of ["wheel", "touchmove"]) {
    root.addEventListener(type, keepPageStill, { passive: false, signal });
  }
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
