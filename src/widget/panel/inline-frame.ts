import { element } from "../element.ts";
import type { Frame, FrameOptions } from "./dialog.ts";
import { followKeyboard } from "./keyboard-room.ts";

/**
 * The panel as a part of the page, or as all of it: always open, as large as its element, and without a button to close it.
 */
export function createInlineFrame(options: FrameOptions): Frame {
  const { title, head, stage, content, focusInput, onToggle, signal } = options;
  const node = element("section", { className: "panel", ariaLabel: title }, head, ...content);
  let isOpen = false;

  // Here, the element in the page stands in for the launcher.
  followKeyboard(stage.root, stage.launcher, signal);

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
  };
}
