import { element, END_ICON, icon, setAria } from "../element.ts";
import { createReadingPlace, type ReadingPlace } from "./reading-place.ts";
import type { Sentences } from "./sentences.ts";

interface ScrollArea {
  /** What scrolls, and the button over it that leads to the end while that is out of sight. */
  readonly nodes: readonly HTMLElement[];
  readonly place: ReadingPlace;
}

/** @param title the name of what scrolls, which gets the focus so that keys can scroll it */
export function createScrollArea(
  content: HTMLElement,
  title: string,
  t: Sentences,
  signal: AbortSignal,
): ScrollArea {
  const node = element(
    "div",
    { className: "scroll", tabIndex: 0, role: "group", ariaLabel: title },
    content,
  );
  const newText = element("span", {}, t.newText);
  const button = element("button", { className: "end", hidden: true }, icon(END_ICON), newText);
  const place = createReadingPlace({
    node,
    content,
    signal,
    onChange(isAway, hasNewText) {
      // The focus would be lost with the button.
      if (!isAway && button.matches(":focus")) node.focus();
      button.hidden = !isAway;
      setAria(button, "ariaLabel", hasNewText ? t.newText : t.toEnd);
      newText.hidden = !hasNewText;
    },
  });
  button.onclick = place.breakOffToEnd;
  return { nodes: [node, button], place };
}
