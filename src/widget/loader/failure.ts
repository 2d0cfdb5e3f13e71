import { element } from "../element.ts";

/**
 * A button beside the launcher, when the panel could not be loaded: it says so and tries again. Signs instead of words,
 * because every page would pay for words in every language. A new element for each failure, because assistive technology
 * announces what is added.
 */
export function createFailure(title: string, onRetry: () => void): HTMLElement {
  return element(
    "div",
    { className: "failed", role: "alert" },
    element("button", { onclick: onRetry }, `⚠ ${title} ↻`),
  );
}
