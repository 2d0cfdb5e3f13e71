import { AGAIN_ICON, iconButton } from "../element.ts";
import type { CreateCopyButton } from "./copy-button.ts";
import type { Entry } from "./entry.ts";
import type { Sentences } from "./sentences.ts";
import { withSources } from "./sources.ts";

/** What a visitor can do with an answer, in its order. */
export type CreateActions = (entry: Entry) => HTMLElement[];

/** @param askAgain asks the last question once more */
export function answerActions(
  t: Sentences,
  createCopyButton: CreateCopyButton,
  askAgain: () => void,
): CreateActions {
  return ({ text, sources }) => {
    const copy = text ? [createCopyButton(() => withSources(text, sources))] : [];
    const again = iconButton("again", t.askAgain, AGAIN_ICON);
    again.onclick = askAgain;
    return [...copy, again];
  };
}
