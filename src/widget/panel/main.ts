import type { Panel, PanelModule, Stage } from "../contract.ts";
import { mountPanel } from "./panel.ts";
import type { LoadSentences, SentencesByLanguage } from "./speech.ts";

// The server puts these behind this code, and exports the sentences as `sentences`. Code, texts and styles compress better
// one behind the other than in each other.

/** What the panel says, in the language of the file's name, or else in all. */
declare const SENTENCES: SentencesByLanguage;
declare const STYLES: string;

export function mount(stage: Stage): Panel {
  return mountPanel(stage, STYLES, SENTENCES, load);
}

/** From the panel's file in that language, which the next page in it loads in any case. */
const load: LoadSentences = async (language) => {
  const file: PanelModule = await import(
    import.meta.url.replace(/[\w-]+\.js[^/]*$/, `${language}.js`)
  );
  return file.sentences ?? {};
};
