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
  // Keeps what is typed here from triggering the page's keyboard shortcuts.
  for (const type of ["keydown", "keypress", "keyup"]) {
    shadow.addEventListener(type, (event) => event.stopPropagation());
  }
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
