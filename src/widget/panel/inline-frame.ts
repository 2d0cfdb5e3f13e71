import { element, iconButton, NEW_ICON } from "../element.ts";
import type { Frame, FrameOptions } from "./dialog.ts";
import { SUBTITLE_ID } from "./heading.ts";
import { followKeyboard } from "./keyboard-room.ts";

/**
 * The panel as a part of the page, or as all of it: always open, as large as its element, and without a button to close it.
 */
export function createInlineFrame(options: FrameOptions): Frame {
  const { t, title, heading, root, launcher, content, focusInput, onReset, onToggle, signal } =
    options;
  const reset = iconButton("tool", t.fresh, NEW_ICON);
  const node = element(
    "section",
    { className: "panel", ariaLabel: title },
    element("div", { className: "head" }, heading, reset),
    ...content,
  );
  node.setAttribute("aria-describedby", SUBTITLE_ID);
  let isOpen = false;

  reset.onclick = () => {
    onReset();
    focusInput();
  };
  // Here, the element in the page stands in for the launcher.
  followKeyboard(root, launcher, signal);

  return {
    node,
    isOpen: () => isOpen,
    open(takesFocus) {
      if (takesFocus) focusInput();
      if (isOpen) return;
      isOpen = true;
      onToggle(true);
    },
    close() {},
    render(canReset) {
      reset.hidden = !canReset;
    },
  };
}
