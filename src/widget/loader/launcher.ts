import { element } from "../element.ts";

/**
 * The button that opens and closes the panel: round, or as long as its label. The style sheet draws its icons, and shows
 * `data-label` and `data-unread`, the number of answers that have ended while the panel was closed.
 * @param onReach called when the visitor may be about to press it
 */
export function createLauncher(onPress: () => void, onReach: () => void): HTMLElement {
  return element(
    "button",
    {
      className: "launcher",
      ariaHaspopup: "dialog",
      onclick: onPress,
      onfocus: onReach,
      // A finger enters when it touches.
      onpointerenter: onReach,
    },
    element("b"),
  );
}
