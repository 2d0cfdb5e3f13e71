import { COPY_ICON, DONE_ICON, icon, iconButton } from "../element.ts";
import type { Announcer } from "./announcer.ts";
import { print } from "./print.ts";
import type { Sentences } from "./sentences.ts";

const COPIED_MS = 2000;

/** @param read returns the text to copy */
export type CreateCopyButton = (read: () => string) => HTMLElement;

/** Returns what makes buttons that copy a text, and say so. */
export function copyButtons(t: Sentences, announcer: Announcer): CreateCopyButton {
  return (read) => createCopyButton(read, t, announcer);
}

function createCopyButton(read: () => string, t: Sentences, announcer: Announcer): HTMLElement {
  const button = iconButton("copy", t.copy, COPY_ICON);
  const show = (path: string) => button.replaceChildren(icon(path));
  // Browsers offer no clipboard to pages without TLS.
  button.hidden = !navigator.clipboard;
  button.onclick = () => {
    // A frame may not be allowed to.
    navigator.clipboard.writeText(read()).then(() => {
      announcer.say(t.copied);
      show(DONE_ICON);
      setTimeout(show, COPIED_MS, COPY_ICON);
    }, print);
  };
  return button;
}
