import { element } from "../element.ts";
import { addStyles } from "../style-sheet.ts";

/** Adds the widget to the page: a shadow root with the style sheet and the given content. */
export function addHost(root: HTMLElement, styles: string, zIndex: string): HTMLElement {
  const host = element("chatporch-widget" as "div");
  // Inline and important, so that no rule of the page moves or hides it.
  host.style.cssText = `all:initial!important;position:fixed!important;z-index:${zIndex}!important`;
  const shadow = host.attachShadow({ mode: "open" });
  addStyles(shadow, styles);
  shadow.append(root);
  // Keeps what is typed here from triggering the page's keyboard shortcuts.
  for (const type of ["keydown", "keypress", "keyup"]) {
    shadow.addEventListener(type, (event) => event.stopPropagation());
  }
  document.body.append(host);
  return host;
}
