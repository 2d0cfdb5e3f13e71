import type { Highlight } from "../markdown/highlight.ts";
import { PLAIN } from "../markdown/parse.ts";
import { addStyles } from "../style-sheet.ts";
import { print } from "./print.ts";

/** What colours code: it finds the words, and their style sheet. */
export interface CodeColours {
  readonly highlight?: Highlight;
  readonly codeColours?: string;
}

/** Gives what finds the words to colour in code, as it is now. */
export type Colours = () => Highlight;

/**
 * Few conversations have code, so what colours it is loaded when there is some for the first time. Until then, and if it
 * cannot be had, code is shown without colours.
 * @param onLoad called when it is there: code that is shown already gets its colours
 */
export function createColours(
  load: () => Promise<CodeColours>,
  shadow: ShadowRoot,
  onLoad: () => void,
): Colours {
  let isComing = false;

  async function learn(): Promise<void> {
    const { highlight: found = PLAIN, codeColours = "" } = await load();
    addStyles(shadow, codeColours);
    highlight = found;
    onLoad();
  }

  let highlight: Highlight = (code) => {
    if (!isComing) learn().catch(print);
    isComing = true;
    return [code];
  };
  return () => highlight;
}
