import { element, iconButton, NEW_ICON } from "../element.ts";
import type { Sentences } from "./sentences.ts";

interface Head {
  readonly node: HTMLElement;
  render(canReset: boolean): void;
}

/** The top of the panel: its heading, and a button that begins a new conversation once there is one. */
export function createHead(t: Sentences, heading: HTMLElement, onReset: () => void): Head {
  const reset = iconButton("tool", t.fresh, NEW_ICON);
  reset.onclick = onReset;
  return {
    node: element("div", { className: "head" }, heading, reset),
    render(canReset) {
      reset.hidden = !canReset;
    },
  };
}
