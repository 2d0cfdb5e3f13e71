import { CLOSE_ICON, element, iconButton } from "../element.ts";
import { addStyles } from "../style-sheet.ts";
import { move } from "./motion.ts";
import { PREVIEW } from "./styles/preview.ts";

/**
 * What stands beside the launcher of a closed chat: a file of its own beside the panel, which loads it when there is
 * something to show. Like the extras, it may be of another version than the panel.
 */

const COMING_MS = 180;
/** Those that have the styles. */
const styled = new WeakSet<Node>();

/**
 * Shows the beginning of a text, which opens the chat or is dismissed.
 * @param place gets it, in the place of what is there
 * @param dismiss the name of the button that does
 */
export function showPreview(
  place: HTMLElement,
  text: string,
  dismiss: string,
  launcher: HTMLElement,
  onOpen: () => void,
  onDismiss: () => void,
): void {
  const shadow = place.getRootNode();
  if (shadow instanceof ShadowRoot && !styled.has(shadow)) {
    styled.add(shadow);
    addStyles(shadow, PREVIEW);
  }
  const words = element("button", { className: "words", dir: "auto", onclick: onOpen }, text);
  const closer = iconButton("tool", dismiss, CLOSE_ICON);
  closer.onclick = () => {
    // The focus would be lost with the button.
    launcher.focus();
    onDismiss();
  };
  place.replaceChildren(words, closer);
  move(place, COMING_MS);
}
