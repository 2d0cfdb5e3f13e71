import type { Highlight } from "../markdown/highlight.ts";

/** Gives what finds the words to colour in code, as it is now. */
export type Colours = () => Highlight;

/**
 * Few conversations have code, so what colours it is a file of its own, which is loaded when there is code for the first
 * time. Until then, and if it cannot be had, code is shown without colours.
 * @param onLoad called when it is there: code that is shown already gets its colours
 */
export function createColours(load: () => Promise<Highlight>, onLoad: () => void): Colours {
  let isComing = false;

  async function learn(): Promise<void> {
    highlight = await load();
    onLoad();
  }

  let highlight: Highlight = (code) => {
    if (!isComing) learn().catch((error) => console.error("[chatporch]", error));
    isComing = true;
    return [code];
  };
  return () => highlight;
}
