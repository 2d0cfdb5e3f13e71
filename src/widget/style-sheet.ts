import { element } from "./element.ts";

/** Adds a style sheet to the widget. Where it can be constructed, no policy of the page refuses it. */
export function addStyles(shadow: ShadowRoot, css: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
  } catch {
    // Safari before 16.4.
    shadow.append(element("style", {}, css));
  }
}
