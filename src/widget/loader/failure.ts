import { element } from "../element.ts";

/**
 * Says beside the launcher that the panel could not be loaded, with a button for another attempt. A new element for each
 * failure, because assistive technology announces what is added.
 */
export function createFailure(sentence: string, retry: string, onRetry: () => void): HTMLElement {
  return element(
    "div",
    { className: "failed", role: "alert" },
    element("div", {}, sentence),
    element("button", { onclick: onRetry }, retry),
  );
}
