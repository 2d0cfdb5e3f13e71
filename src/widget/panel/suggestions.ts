import { element, icon, NEXT_ICON } from "../element.ts";

/** Buttons that each ask a question. */
export function createSuggestions(
  texts: readonly string[],
  onPick: (text: string) => void,
): HTMLElement {
  const buttons = texts.map((text) => {
    const onclick = () => onPick(text);
    const name = element("span", { dir: "auto" }, text);
    return element("button", { className: "suggestion", onclick }, name, icon(NEXT_ICON));
  });
  return element("div", { className: "suggestions" }, ...buttons);
}
