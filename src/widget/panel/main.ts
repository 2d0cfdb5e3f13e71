import type { Panel, Stage } from "../contract.ts";
import { mountPanel } from "./panel.ts";
import type { SentencesByLanguage } from "./speech.ts";

// The server puts these behind this code, and exports the sentences as `sentences`. Code, texts and styles compress better
// one behind the other than in each other.

/** What the panel says, in the language of the file's name, or else in all. */
declare const SENTENCES: SentencesByLanguage;
declare const STYLES: string;

export function mount(stage: Stage): Panel {
  return mountPanel(
    stage,
    STYLES,
    SENTENCES,
    (name) => import(import.meta.url.replace(/[\w-]+\.js[^/]*$/, `${name}.js`)),
  );
}
