import { AGAIN_ICON, iconButton } from "../element.ts";
import type { Entry } from "./conversation.ts";
import type { CreateCopyButton } from "./copy-button.ts";
import type { Sentences } from "./sentences.ts";
import { withSources } from "./sources.ts";

/** Makes a button for an answer that has ended. Undefined where there is nothing to do. */
type CreateAction = (entry: Entry) => HTMLElement | undefined;

/** What a visitor can do with an answer, in its order. */
export type CreateActions = (entry: Entry) => HTMLElement[];

/** @param askAgain asks the last question once more */
export function answerActions(
  t: Sentences,
  createCopyButton: CreateCopyButton,
  askAgain: () => void,
): CreateActions {
  const actions: readonly CreateAction[] = [
    ({ text, sources }) => (text ? createCopyButton(() => withSources(text, sources)) : undefined),
    () => Object.assign(iconButton("again", t.askAgain, AGAIN_ICON), { onclick: askAgain }),
  ];
  return (entry) => actions.flatMap((create) => create(entry) ?? []);
}
