import { element } from "../element.ts";
import { addStyles } from "../style-sheet.ts";

const DEFAULT_Z_INDEX = "2147483000";

/** Makes the widget's element: a shadow root with the style sheet and the given content. */
export function createHost(root: HTMLElement, styles: string, zIndex?: string): HTMLElement {
  const host = element("chatporch-widget" as "div");
  // Inline and important, so that no rule of the page moves or hides it.
  host.style.cssText = `all:initial!important;position:fixed!important;z-index:${zIndex ?? DEFAULT_Z_INDEX}!important`;
  const shadow = host.attachShadow({ mode: "open" });
  addStyles(shadow, styles);
  // A page that has an order of its own keeps it: the top layer is above everything.
  if (!zIndex) root.setAttribute("popover", "manual");
  shadow.append(root);
  return host;
}

/**
 * Adds the widget to the page beside its body, which may be replaced, transformed or transparent. In the browser's top
 * layer, neither do the styles of the page's root element reach it.
 */
export function attach(host: HTMLElement, root: HTMLElement): void {
  document.documentElement.append(host);
  if (root.popover) root.showPopover();
}

/**
 * Keeps the widget within what a phone shows of a page that is wider than its screen, unless two fingers have zoomed in.
 * Browsers place fixed elements of such a page on all of its width.
 */
export function followScreen(root: HTMLElement, signal: AbortSignal): void {
  const { style } = root;
  const screen = visualViewport;
  const fit = () => {
    style.inset = style.width = style.height = "";
    const { left, top, width } = root.getBoundingClientRect();
    if (!screen || screen.scale > 1.01 || screen.width + 1 > width) return;
    style.inset = `${screen.offsetTop - top}px auto auto ${screen.offsetLeft - left}px`;
    style.width = `${screen.width}px`;
    style.height = `${screen.height}px`;
  };
  for (const type of ["resize", "scroll"]) screen?.addEventListener(type, fit, { signal });
  fit();
}
